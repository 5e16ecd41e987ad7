internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension AccountRequestBook {
    /// What waits for the front desk, oldest first.
    func readAccountRequests(_ query: ReadAccountRequests, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadAccountRequests> {
        let only = query.only?.uuid
        let rows = try await tx.all(
            """
            SELECT id, asked_at, body, count(*) OVER () FROM account_request
            WHERE state = 'open' AND asked_at > now() - interval '30 days' AND (\(only)::uuid IS NULL OR id = \(only)::uuid)
            ORDER BY asked_at, id LIMIT 100
            """, as: UUID.self, Date.self, [UInt8].self, Int.self)
        let lines = try rows.map { AccountRequestLine(id: ID($0.0), asked: $0.1, details: try opened($0.2, row: $0.0)) }
        return .done(AccountRequests(requests: lines, total: rows.first?.3 ?? 0))
    }
}
