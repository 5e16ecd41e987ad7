internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// A session that goes on, as found by its handle.
struct OpenSession: Sendable {
    let id: UUID
    let account: UUID
    let username: String
    let role: Role
    let patient: UUID?
    let hasFactor: Bool
    /// Nil when it is whole.
    let needs: SignInStep?
    /// Proven within the last five minutes: good for what must not be done in a session somebody left open.
    let isFresh: Bool

    /// - Parameter issuer: the gateway that asks; another gateway's sessions are none of its business.
    static func find(_ handle: Data, at audience: Audience, by issuer: String, in tx: Transaction) async throws -> OpenSession? {
        let row = try await tx.first(
            """
            SELECT id, account, username, role, patient, has_factor, needs, is_fresh FROM open_session
            WHERE handle_hash = \(Sessions.hash(of: handle)) AND audience = \(audience.rawValue) AND audience = \(issuer)
            """, as: UUID.self, UUID.self, String.self, String.self, UUID?.self, Bool.self, String?.self, Bool.self)
        guard let row, let role = Role(rawValue: row.3) else { return nil }
        return OpenSession(
            id: row.0, account: row.1, username: row.2, role: role, patient: row.4, hasFactor: row.5, needs: row.6.flatMap(SignInStep.init),
            isFresh: row.7)
    }

    /// The same for a session that is whole; none while it asks for another step, which is all it is good for then.
    static func findWhole(_ handle: Data, at audience: Audience, by issuer: String, in tx: Transaction) async throws -> OpenSession? {
        try await find(handle, at: audience, by: issuer, in: tx).flatMap { $0.needs == nil ? $0 : nil }
    }

    /// Ends every other session of the account.
    func endOthers(because reason: EndReason, in tx: Transaction) async throws {
        try await Sessions.end(of: account, but: id, because: reason, in: tx)
    }

    /// Goes on under another handle, everything the account asks for having been proven just now.
    /// - Returns: its end; nil when it has ended meanwhile.
    func goOn(under handle: Data, at audience: Audience, in tx: Transaction) async throws -> Date? {
        try await tx.first(
            """
            UPDATE session SET handle_hash = \(Sessions.hash(of: handle)), last_used_at = now(), proven_at = now(),
                second_factor_at = CASE WHEN EXISTS (SELECT FROM totp WHERE totp.account = session.account) THEN now() END,
                expires_absolute = created_at + make_interval(secs => \(Sessions.longest)),
                expires_idle = least(now() + make_interval(secs => \(Sessions.idle(audience))),
                    created_at + make_interval(secs => \(Sessions.longest)))
            WHERE id = \(id) AND ended_at IS NULL AND expires_idle > now() RETURNING expires_idle
            """, as: Date.self)
    }
}

extension Actor {
    /// A gateway asked for somebody: from here on the trail says who.
    mutating func isKnown(by session: OpenSession) { (account, self.session) = (ID(session.account), ID(session.id)) }
}

/// Why a session ended: a code in the table and in the event.
enum EndReason: String, Sendable {
    case signedOut = "signed-out"
    case expired
    /// Whoever it was has left.
    case disabled
    case endedByOwner = "ended-by-owner"
    case credentialsChanged = "credentials-changed"
    /// What its owner may do is not what it was.
    case roleChanged = "role-changed"
}

extension Sessions {
    /// Ends the open sessions of an account, and tells every instance of the gateways.
    /// - Parameter kept: the one that goes on.
    static func end(of account: UUID, but kept: UUID? = nil, because reason: EndReason, in tx: Transaction) async throws {
        let ended = try await tx.all(
            """
            UPDATE session SET ended_at = now(), ended = \(reason.rawValue)
            WHERE account = \(account) AND ended_at IS NULL AND id IS DISTINCT FROM \(kept) RETURNING id
            """, as: UUID.self)
        if reason == .credentialsChanged { RememberedDevice.forgetAll(of: account, in: tx) }
        for session in ended { try tx.emit(SessionEnded(session: ID(session), reason: reason.rawValue)) }
    }
}
