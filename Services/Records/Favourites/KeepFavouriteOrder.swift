internal import Access
internal import Contracts
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    @Sendable func keepFavouriteOrder(
        _ command: KeepFavouriteOrder, actor: Actor, tx: Transaction
    ) async throws -> Answer<KeepFavouriteOrder> {
        var order = command.order
        let id = ID<FavouriteOrder>()
        order.favourite = id
        guard order.problems.isEmpty, let account = actor.account?.uuid else { return .refused(.invalid(problems: order.problems)) }
        let same = hash(identifier: "\(order.kind.rawValue)|\(order.what.text.lowercased())")
        let others = try await tx.first("SELECT count(*) FROM favourite_order WHERE account = \(account) AND same <> \(same)", as: Int.self)
        guard others ?? 0 < Self.favouritesAtMost else { return .refused(.tooMany) }
        let body = try sealed(favourite: order, at: Place("favourite_order", "body", row: id.uuid))
        tx.queue(
            """
            INSERT INTO favourite_order (id, account, same, body) VALUES (\(id.uuid), \(account), \(same), \(body))
            ON CONFLICT ON CONSTRAINT favourite_order_once DO UPDATE SET id = excluded.id, body = excluded.body
            """)
        return .done(Done())
    }
}

extension FavouriteOrder {
    fileprivate var problems: [EntryProblem] {
        var check = EntryCheck()
        check.name("what", what)
        check.number("days", days, in: 0...365)
        return check.problems
    }
}
