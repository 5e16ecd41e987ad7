internal import Access
internal import Contracts
internal import Postgres

/// Asks for it; the processor has the last word, for somebody may be typing a card there.
@Sendable func cancelPayment(_ command: CancelPayment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<CancelPayment> {
    let asked = try await tx.run(
        """
        UPDATE payment SET cancel_asked = true, next_at = now() WHERE id = \(command.payment.uuid) AND patient = \(command.patient.uuid)
            AND state IN ('created', 'requires-action', 'processing')
        """)
    return asked == 1 ? .done(Done()) : .refused(.notFound)
}
