internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

extension CallStore {
    @Sendable func readCall(_ query: ReadCall, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadCall> {
        guard let row = try await CallRow.one(query.appointment, of: query.patient, tx) else { return .refused(.notFound) }
        return .done(view(row, for: actor))
    }
}
