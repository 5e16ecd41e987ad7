internal import Access
internal import Contracts
internal import Postgres
internal import Sealing

extension RecordStore {
    @Sendable func readKeyFiles(_ query: ReadKeyFiles, actor: Actor, tx: Transaction) async throws -> Answer<ReadKeyFiles> {
        // A store without a root has none of its services' keys: they make it at their start, a test does not.
        _ = try sealer.store.root()
        let page = sealer.store.files(after: query.after, limit: 500)
        let files = page.files.map { ReadKeyFiles.Reply.File(name: $0.name, content: $0.content) }
        return .done(ReadKeyFiles.Reply(files: files, unreadable: page.unreadable, next: page.next))
    }
}
