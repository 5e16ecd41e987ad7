internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Hooks {
    /// How long after a message was handed over its receipt is believed, in seconds: providers try for two days at most.
    private static let oldest: TimeInterval = 3 * 86_400

    /// What became of a message. The address that is called names the intent and when it was handed over, and is signed with the rest.
    @Sendable func receiveReceipt(_ command: ReceiveReceipt, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReceiveReceipt> {
        let hook = command.hook
        guard signature?.isGood(hook) == true else { return .refused(.notSigned) }
        let query = URLComponents(string: hook.path)?.queryItems ?? []
        guard hook["AccountSid"] == wishes.text?.account, let sid = hook["MessageSid"], let status = hook["MessageStatus"],
            let intent = query.first(where: { $0.name == "intent" })?.value.flatMap({ ID<Contracts.Intent>($0) }),
            let handed = query.first(where: { $0.name == "at" })?.value.flatMap({ TimeInterval($0) })
        else { return .refused(.unreadable) }
        guard abs(Date().timeIntervalSince1970 - handed) < Self.oldest else { return .refused(.stale) }
        let receipt: String
        switch status {
        case "sent": receipt = "sent"
        case "delivered", "read": receipt = "delivered"
        case "undelivered", "failed": receipt = "failed"
        default: return .done(Done())  // still on its way
        }
        // Forward only: what came to an end has ended, however late an older word of it comes.
        let changed = try await tx.run(
            """
            UPDATE intent SET receipt = \(receipt), receipt_at = now(), receipt_code = \(hook["ErrorCode"].map { String($0.prefix(20)) }),
                provider_id = coalesce(provider_id, \(sid)), sent_at = coalesce(sent_at, now()),
                state = CASE WHEN state NOT IN ('sent', 'unknown') THEN state WHEN \(receipt) = 'sent' THEN 'sent' ELSE \(receipt) END,
                reason = CASE WHEN state NOT IN ('sent', 'unknown') THEN reason WHEN \(receipt) = 'failed' THEN \(Reason.notDelivered) END,
                next_at = CASE WHEN state = 'unknown' THEN NULL ELSE next_at END
            WHERE (id = \(intent.uuid) AND leader IS NULL OR leader = \(intent.uuid))
                AND channel = 'sms' AND handed_at IS NOT NULL AND (provider_id IS NULL OR provider_id = \(sid))
                AND (receipt IS NULL OR receipt = 'sent' AND \(receipt) <> 'sent')
            """)
        if changed > 0 { return .done(Done()) }
        // A text about no visit: all that is kept of it is that it did not arrive.
        let notices = try await tx.run(
            """
            UPDATE text_notice SET state = CASE WHEN \(receipt) = 'failed' THEN 'failed' ELSE state END,
                reason = CASE WHEN \(receipt) = 'failed' THEN \(Reason.notDelivered) ELSE reason END, next_at = NULL,
                sent_at = coalesce(sent_at, now())
            WHERE id = \(intent.uuid) AND handed_at IS NOT NULL AND state IN ('sent', 'unknown')
            """)
        return notices > 0 ? .done(Done()) : .refused(.replayed)
    }
}
