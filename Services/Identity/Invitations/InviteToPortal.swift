internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension OneTimeCodes {
    /// Makes a one-time code for a patient; an older one is no good from then on.
    func inviteToPortal(_ command: InviteToPortal, by actor: Actor, in tx: Transaction) async throws -> Answer<InviteToPortal> {
        let patient = command.patient.uuid
        // Two who invite one patient at once come one after the other.
        tx.queue("SELECT pg_advisory_xact_lock(hashtextextended(\("invite/\(command.patient)"), 0))")
        let hasAccount = try await tx.first(
            "SELECT EXISTS (SELECT FROM account WHERE patient = \(patient) AND state <> 'closed')", as: Bool.self)
        guard hasAccount == false else { return .refused(.alreadyActive) }
        let code = make()
        tx.queue("UPDATE invitation SET closed_at = now(), closed = 'replaced' WHERE patient = \(patient) AND closed_at IS NULL")
        try tx.emit(AccountInvited(invitation: command.invitation, patient: command.patient))
        let expires = try await tx.first(
            """
            INSERT INTO invitation (id, code_hash, birth_date_hash, role, patient, expires_at)
            VALUES (\(command.invitation.uuid), \(hash(code: code)), \(hash(birthDate: command.birthDate, of: command.invitation.uuid)),
                'patient', \(patient), now() + interval '28 days')
            RETURNING expires_at
            """, as: Date.self)
        guard let expires else { throw TryLater("no-invitation") }
        return .done(Invited(code: code, expires: expires))
    }
}
