internal import Access
internal import Contracts
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    @Sendable func readFavouriteOrders(
        _ query: ReadFavouriteOrders, actor: Actor, tx: Transaction
    ) async throws -> Answer<ReadFavouriteOrders> {
        let rows = try await tx.all(
            "SELECT id, body FROM favourite_order WHERE account = \(actor.account?.uuid)", as: UUID.self, [UInt8].self)
        let orders = try rows.map { try opened($0.1, at: Place("favourite_order", "body", row: $0.0), as: FavouriteOrder.self) }
        return .done(
            FavouriteOrders(orders: orders.sorted { ($0.kind.rawValue, $0.what.text.lowercased()) < ($1.kind.rawValue, $1.what.text.lowercased()) }))
    }
}
