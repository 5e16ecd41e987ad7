internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// What a person sees of their own account. No address and no machine is kept of a session, so none is shown: when it began and was last used tells
/// one's own from a stranger's.
func readSecurity(_ query: ReadSecurity, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadSecurity> {
    let found = try await OpenSession.findWhole(query.handle, at: query.audience, by: actor.issuer, in: tx)
    guard let found else { return .done(SecurityReply()) }
    let since = try await tx.first("SELECT enrolled_at FROM totp WHERE account = \(found.account)", as: Date.self)
    let left = try await tx.first("SELECT count(*) FROM recovery_code WHERE account = \(found.account) AND used_at IS NULL", as: Int.self)
    let sessions = try await tx.all(
        """
        SELECT id, created_at, last_used_at FROM session WHERE account = \(found.account) AND ended_at IS NULL AND expires_idle > now()
        ORDER BY last_used_at DESC, id LIMIT 100
        """, as: UUID.self, Date.self, Date.self)
    let lines = sessions.map { SessionLine(session: ID($0), begun: $1, lastUsed: $2, isThis: $0 == found.id) }
    let devices = try await tx.all(
        """
        SELECT id, remembered_at, last_used_at, expires_at FROM device WHERE account = \(found.account) AND expires_at > now()
        ORDER BY last_used_at DESC, id LIMIT 100
        """, as: UUID.self, Date.self, Date.self, Date.self)
    let passkeys = try await tx.all(
        "SELECT id, label, added_at, last_used_at, credential FROM passkey WHERE account = \(found.account) ORDER BY added_at, id",
        as: UUID.self, String.self, Date.self, Date?.self, [UInt8].self)
    return .done(
        SecurityReply(
            security: SecurityView(
                username: found.username, secondFactorSince: since, secondFactorIsRequired: found.role.isStaff, recoveryCodesLeft: left ?? 0,
                sessions: lines, devices: devices.map { DeviceLine(device: ID($0), remembered: $1, lastUsed: $2, until: $3) },
                passkeys: passkeys.map { PasskeyLine(passkey: ID($0), label: $1, added: $2, lastUsed: $3, credential: Data($4)) })))
}
