internal import Access
internal import Contracts
internal import Postgres

@Sendable func settleLineDispute(_ command: SettleLineDispute, _ actor: Actor, _ tx: Transaction) async throws -> Answer<SettleLineDispute> {
    let settled = try await tx.run(
        """
        UPDATE line_dispute SET state = \(command.stands ? "stands" : "corrected"), settled_at = now(), settled_by = \(actor.account?.uuid)
        WHERE charge = \(command.charge.uuid) AND patient = \(command.patient.uuid) AND state = 'open'
        """)
    return settled == 1 ? .done(Done()) : .refused(.notFound)
}
