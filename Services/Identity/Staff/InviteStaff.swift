internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension OneTimeCodes {
    /// Makes a one-time code, good for a week, that opens an account with this role and for this practitioner.
    @Sendable func inviteStaff(_ command: InviteStaff, by actor: Actor, in tx: Transaction) async throws -> Answer<InviteStaff> {
        guard let role = Role(rawValue: command.role), role.isStaff else { return .refused(.unknownRole) }
        guard let name = StaffRow.name(command.displayName) else { return .refused(.nameMissing) }
        if let practitioner = command.practitioner?.uuid {
            tx.queue("SELECT pg_advisory_xact_lock(hashtextextended(\("invite/\(practitioner)"), 0))")
            let isTaken = try await tx.first(
                "SELECT EXISTS (SELECT FROM account WHERE practitioner = \(practitioner) AND state <> 'closed')", as: Bool.self)
            guard isTaken == false else { return .refused(.practitionerTaken) }
            tx.queue("UPDATE invitation SET closed_at = now(), closed = 'replaced' WHERE practitioner = \(practitioner) AND closed_at IS NULL")
        }
        let code = make()
        try tx.emit(AccountInvited(invitation: command.invitation))
        let expires = try await tx.first(
            """
            INSERT INTO invitation (id, code_hash, role, display_name, practitioner, expires_at)
            VALUES (\(command.invitation.uuid), \(hash(code: code)), \(role.rawValue), \(name), \(command.practitioner?.uuid),
                now() + interval '7 days')
            RETURNING expires_at
            """, as: Date.self)
        guard let expires else { throw TryLater("no-invitation") }
        return .done(Invited(code: code, expires: expires))
    }
}
