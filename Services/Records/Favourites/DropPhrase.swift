internal import Access
internal import Contracts
internal import Postgres

extension RecordStore {
    @Sendable func dropPhrase(_ command: DropPhrase, actor: Actor, tx: Transaction) async throws -> Answer<DropPhrase> {
        tx.queue("DELETE FROM phrase WHERE account = \(actor.account?.uuid) AND name = \(command.phrase)")
        return .done(Done())
    }
}
