internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    @Sendable func readGuestSignals(_ query: ReadGuestSignals, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadGuestSignals> {
        guard let (row, guest) = try await found(query.pass, tx) else { return .refused(.notFound) }
        guard guest.state == .admitted else { return .refused(guest.state == .removed ? .over : .notNow) }
        guard guest.window == query.window.uuid else { return .refused(.replaced) }
        return .done(try await signals(for: query.window, after: query.after, of: row.patient, tx))
    }
}
