internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    @Sendable func issueGuestTicket(_ command: IssueGuestTicket, _ actor: Actor, _ tx: Transaction) async throws -> Answer<IssueGuestTicket> {
        guard let (row, guest) = try await found(command.pass, tx) else { return .refused(.notFound) }
        guard !row.state.isOver, row.isInTime, guest.state != .removed else { return .refused(.over) }
        guard try await keepTicket(command.digest, of: guest.id, for: row, tx) else { return .refused(.tooMany) }
        return .done(Done())
    }
}
