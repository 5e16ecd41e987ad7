internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// A device on which a code of the second factor was given not long ago. It stands in for the code at a sign-in, and proves nothing else.
enum RememberedDevice {
    /// Looked for whatever was brought, so that every sign-in is the same work.
    /// - Parameter token: 32 random bytes; of another account or gateway they are worth nothing.
    static func find(_ token: Data?, of username: Username, at audience: Audience, in tx: Transaction) async throws -> UUID? {
        try await tx.first(
            """
            SELECT d.id FROM device d JOIN account a ON a.id = d.account
            WHERE d.token_hash = \(Sessions.hash(of: token ?? Data())) AND a.username = \(username.text) AND d.audience = \(audience.rawValue)
                AND a.state <> 'closed' AND d.expires_at > now()
            """, as: UUID.self)
    }

    static func remember(_ token: Data, of account: UUID, at audience: Audience, in tx: Transaction) {
        tx.queue(
            """
            INSERT INTO device (id, account, audience, token_hash, expires_at)
            VALUES (\(UUID.v7()), \(account), \(audience.rawValue), \(Sessions.hash(of: token)), now() + interval '30 days')
            """)
    }

    /// With how one signs in whatever vouched for it goes too.
    static func forgetAll(of account: UUID, in tx: Transaction) {
        tx.queue("DELETE FROM device WHERE account = \(account)")
    }
}
