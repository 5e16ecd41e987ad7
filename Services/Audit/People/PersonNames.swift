internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import ServiceHost

/// Asks identity what the people in the trails are called, and keeps every name they had.
struct PersonNames: Sendable {
    private static let batch = 100
    private static let pause = Duration.seconds(3)
    /// Somebody at work is asked about again after this time: a name may change.
    private static let good: TimeInterval = 600

    let database: Service
    let bus: any Bus

    func run() async throws {
        while !Task.isCancelled {
            if try await round() < Self.batch { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    /// - Returns: how many were asked about.
    private func round() async throws -> Int {
        let accounts = try await database.transaction { tx in
            try await tx.all(
                """
                SELECT account FROM account_seen
                WHERE asked_at IS NULL OR asked_at < now() - make_interval(secs => \(Self.good)) AND last_at > asked_at
                ORDER BY asked_at NULLS FIRST LIMIT \(Self.batch)
                """, as: UUID.self)
        }
        guard !accounts.isEmpty, case .done(let reply)? = try? await bus.request(ReadAccountNames(accounts: accounts.map { ID($0) })) else {
            return 0
        }
        try await database.transaction { tx in try await keep(reply.names, of: accounts, in: tx) }
        return accounts.count
    }

    func keep(_ names: [AccountName], of accounts: [UUID], in tx: Transaction) async throws {
        tx.queue("UPDATE account_seen SET asked_at = now() WHERE account = ANY(\(accounts))")
        tx.queue(
            """
            INSERT INTO person (account, since, name)
            SELECT n.account, now(), n.name FROM unnest(\(names.map(\.account.uuid)), \(names.map(\.name))) AS n (account, name)
            WHERE n.name IS DISTINCT FROM (SELECT p.name FROM person p WHERE p.account = n.account ORDER BY p.since DESC LIMIT 1)
            ON CONFLICT DO NOTHING
            """)
    }
}
