internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

extension Payments {
    /// Wakes whoever asks the processor how a payment stands. What was told before wakes nobody.
    @Sendable func receiveCardEvent(_ command: ReceiveCardEvent, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReceiveCardEvent> {
        guard let hookSecret, let signature = CardSignature(command.signature), signature.isGood(command.payload, under: hookSecret) else {
            return .refused(.notSigned)
        }
        guard abs(Date().timeIntervalSince1970 - signature.time) <= CardSignature.window else { return .refused(.stale) }
        guard let event = CardEvent(command.payload) else { return .refused(.unreadable) }
        let (id, kind) = (String(event.id.prefix(200)), String(event.type.prefix(100)))
        let isNews = try await tx.run("INSERT INTO card_event (id, kind) VALUES (\(id), \(kind)) ON CONFLICT (id) DO NOTHING")
        guard isNews == 1 else { return .done(Done()) }
        let thing = event.data.object
        tx.queue(
            """
            UPDATE payment SET next_at = now(), attempts = 0 WHERE state NOT IN ('failed', 'cancelled') AND method = 'card'
                AND (id = \(event.payment?.uuid) OR session = \(thing.id) OR intent IN (\(thing.id), \(thing.paymentIntent)))
            """)
        return .done(Done())
    }
}
