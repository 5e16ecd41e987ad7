internal import Access
internal import Contracts
internal import Postgres

@Sendable func cancelPlan(_ command: CancelPlan, _ actor: Actor, _ tx: Transaction) async throws -> Answer<CancelPlan> {
    tx.lockBills(of: command.patient)
    let cancelled = try await tx.run(
        """
        UPDATE plan SET state = 'cancelled', reason = 'given-up', ended_at = now()
        WHERE id = \(command.plan.uuid) AND invoice = \(command.invoice.uuid) AND patient = \(command.patient.uuid) AND state = 'active'
        """)
    return cancelled == 1 ? .done(Done()) : .refused(.notFound)
}
