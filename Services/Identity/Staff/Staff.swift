internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension IdentityService {
    /// Who works here: administrators alone say so.
    static func answersAboutStaff(_ service: Registry, _ codes: OneTimeCodes) {
        let administrators = Rule.staff(.administrator, of: .nobody)
        service.answer(InviteStaff.self, to: administrators, with: codes.inviteStaff)
        service.answer(ReadStaff.self, to: administrators, with: readStaff)
        service.answer(CloseStaffAccount.self, to: administrators, with: closeStaffAccount)
    }
}

extension OneTimeCodes {
    private static let longestName = 100

    /// Makes a one-time code, good for a week, that opens an account with this role and for this practitioner.
    @Sendable func inviteStaff(_ command: InviteStaff, by actor: Actor, in tx: Transaction) async throws -> Answer<InviteStaff> {
        guard let role = Role(rawValue: command.role), role.isStaff else { return .refused(.unknownRole) }
        let name = command.displayName.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...Self.longestName).contains(name.count) else { return .refused(.nameMissing) }
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

/// Everybody who works here, and whose code is good still.
@Sendable private func readStaff(_ query: ReadStaff, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadStaff> {
    let accounts = try await tx.all(
        """
        SELECT id, username, display_name, role, practitioner, state = 'closed' FROM account WHERE role <> 'patient'
        ORDER BY state = 'closed', coalesce(display_name, username), id LIMIT 1000
        """, as: UUID.self, String.self, String?.self, String.self, UUID?.self, Bool.self)
    let invitations = try await tx.all(
        """
        SELECT id, display_name, role, expires_at FROM invitation
        WHERE patient IS NULL AND closed_at IS NULL AND expires_at > now() ORDER BY expires_at, id LIMIT 200
        """, as: UUID.self, String?.self, String.self, Date.self)
    return .done(
        StaffList(
            accounts: accounts.map { id, username, name, role, practitioner, closed in
                StaffAccount(
                    account: ID(id), username: username, displayName: name, role: role, practitioner: practitioner.map { ID($0) }, closed: closed)
            },
            invitations: invitations.map { StaffInvitation(invitation: ID($0.0), displayName: $0.1, role: $0.2, expires: $0.3) }))
}

/// Ends the account and every session of it.
@Sendable private func closeStaffAccount(
    _ command: CloseStaffAccount, by actor: Actor, in tx: Transaction
) async throws -> Answer<CloseStaffAccount> {
    guard command.account != actor.account else { return .refused(.own) }
    let closed = try await tx.run(
        "UPDATE account SET state = 'closed' WHERE id = \(command.account.uuid) AND role <> 'patient' AND state <> 'closed'")
    guard closed == 1 else { return .refused(.notFound) }
    try await Sessions.end(of: command.account.uuid, because: .disabled, in: tx)
    return .done(Done())
}
