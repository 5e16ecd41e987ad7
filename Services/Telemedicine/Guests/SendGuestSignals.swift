internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    @Sendable func sendGuestSignals(_ command: SendGuestSignals, _ actor: Actor, _ tx: Transaction) async throws -> Answer<SendGuestSignals> {
        guard command.bodies.length <= Self.longestSignals else { return .refused(.tooLong) }
        guard let (row, guest) = try await found(command.pass, tx) else { return .refused(.notFound) }
        guard guest.state != .removed, !row.state.isOver else { return .refused(.over) }
        guard guest.window == command.window.uuid else { return .refused(.replaced) }
        guard guest.state == .admitted, row.state.isOpen, command.to != command.window, try await isThere(command.to.uuid, in: row, tx) else {
            return .refused(.notNow)
        }
        try await pass(command.bodies, from: command.window.uuid, to: command.to.uuid, in: row, tx)
        return .done(Done())
    }
}
