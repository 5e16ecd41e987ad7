internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension OneTimeCodes {
    /// Makes a one-time code for a patient; an older one is no good from then on.
    func inviteToPortal(_ command: InviteToPortal, by actor: Actor, in tx: Transaction) async throws -> Answer<InviteToPortal> {
        let code = make()
        let expires = try await invite(command.patient, birthDate: command.birthDate, as: command.invitation, code: code, in: tx)
        guard let expires else { return .refused(.alreadyActive) }
        return .done(Invited(code: code, expires: expires))
    }

    /// - Returns: until when the code is good; nil when the patient has an account.
    func invite(
        _ person: ID<Patient>, birthDate: String, as invitation: ID<Invitation>, code: String, in tx: Transaction
    ) async throws -> Date? {
        let patient = person.uuid
        // Two who invite one patient at once come one after the other.
        tx.queue("SELECT pg_advisory_xact_lock(hashtextextended(\("invite/\(person)"), 0))")
        let hasAccount = try await tx.first(
            "SELECT EXISTS (SELECT FROM account WHERE patient = \(patient) AND state <> 'closed')", as: Bool.self)
        guard hasAccount == false else { return nil }
        tx.queue("UPDATE invitation SET closed_at = now(), closed = 'replaced' WHERE patient = \(patient) AND closed_at IS NULL")
        try tx.emit(AccountInvited(invitation: invitation, patient: person))
        let expires = try await tx.first(
            """
            INSERT INTO invitation (id, code_hash, birth_date_hash, role, patient, expires_at)
            VALUES (\(invitation.uuid), \(hash(code: code)), \(hash(birthDate: birthDate, of: invitation.uuid)),
                'patient', \(patient), now() + interval '28 days')
            RETURNING expires_at
            """, as: Date.self)
        guard let expires else { throw TryLater("no-invitation") }
        return expires
    }
}
