internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// What accounts' owners are called; a patient's name is the record's, so it is the name they sign in with.
@Sendable func readAccountNames(_ query: ReadAccountNames, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadAccountNames> {
    let asked = query.accounts.prefix(100).map(\.uuid)
    let rows = try await tx.all(
        "SELECT id, coalesce(display_name, username) FROM account WHERE id = ANY(\(asked))", as: UUID.self, String.self)
    return .done(.init(names: rows.map { AccountName(account: ID($0), name: $1) }))
}
