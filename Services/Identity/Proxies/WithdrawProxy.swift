internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ProxyBook {
    private static let reasons: Set<String> = ["court-order", "custody", "asked", "mistake"]

    /// Ends it for everybody at once: sessions are read anew, and tokens that are about lose the record.
    func withdrawProxy(_ command: WithdrawProxy, by actor: Actor, in tx: Transaction) async throws -> Answer<WithdrawProxy> {
        let (reason, theirs): (String, SQL)
        if actor.role.isStaff {
            guard let said = command.reason, Self.reasons.contains(said) else { return .refused(.unknownReason) }
            (reason, theirs) = (said, "true")
        } else if actor.acting(for: command.patient) != nil {
            (reason, theirs) = ("by-proxy", "account = \(actor.account?.uuid)")
        } else {
            // What was granted for a child is not the child's to end.
            (reason, theirs) = ("by-patient", "NOT of_child")
        }
        let ended = try await tx.first(
            """
            UPDATE proxy SET state = 'withdrawn', ended_at = now(), ended_by = \(actor.account?.uuid), reason = \(reason)
            WHERE id = \(command.proxy.uuid) AND patient = \(command.patient.uuid) AND state IN ('invited', 'granted') AND \(theirs)
            RETURNING id, account
            """, as: UUID.self, UUID?.self)
        guard let (_, account) = ended else { return .refused(.notFound) }
        tx.queue("UPDATE invitation SET closed_at = now(), closed = 'replaced' WHERE proxy = \(command.proxy.uuid) AND closed_at IS NULL")
        try tellPatient(.proxyWithdrawn, of: command.proxy, in: tx)
        try tx.emit(ProxyChanged(proxy: command.proxy, patient: command.patient, account: account.map { ID($0) }, state: .withdrawn))
        try await tx.flush()
        return .done(Done())
    }
}
