internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Everybody who works here, and whose code is good still.
@Sendable func readStaff(_ query: ReadStaff, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadStaff> {
    let accounts = try await tx.all(
        """
        SELECT id, username, display_name, role, practitioner, state, version FROM account WHERE role <> 'patient'
        ORDER BY state = 'closed', coalesce(display_name, username), id LIMIT 1000
        """, as: UUID.self, String.self, String?.self, String.self, UUID?.self, String.self, Int.self)
    let invitations = try await tx.all(
        """
        SELECT id, display_name, role, expires_at FROM invitation
        WHERE role <> 'patient' AND closed_at IS NULL AND expires_at > now() ORDER BY expires_at, id LIMIT 200
        """, as: UUID.self, String?.self, String.self, Date.self)
    return .done(
        StaffList(
            accounts: accounts.map { id, username, name, role, practitioner, state, version in
                StaffAccount(
                    account: ID(id), username: username, displayName: name, role: role, practitioner: practitioner.map { ID($0) },
                    closed: state == "closed", suspended: state == "suspended", version: version)
            },
            invitations: invitations.map { StaffInvitation(invitation: ID($0.0), displayName: $0.1, role: $0.2, expires: $0.3) }))
}
