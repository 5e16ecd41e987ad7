internal import Access
internal import Contracts
internal import Postgres

extension RecordStore {
    @Sendable func dropFavouriteOrder(
        _ command: DropFavouriteOrder, actor: Actor, tx: Transaction
    ) async throws -> Answer<DropFavouriteOrder> {
        tx.queue("DELETE FROM favourite_order WHERE account = \(actor.account?.uuid) AND id = \(command.favourite.uuid)")
        return .done(Done())
    }
}
