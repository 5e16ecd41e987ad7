internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    /// Whoever was let in meanwhile is in the visit: nothing is chosen for them any more.
    @Sendable func chooseWhenLate(_ command: ChooseWhenLate, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ChooseWhenLate> {
        guard let row = try await CallRow.locked(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        guard row.view().isLate, let next = row.state.after(.giveUp) else { return .refused(.notNow(row.state)) }
        tx.queue("UPDATE call SET late_choice = \(command.choice.rawValue) WHERE id = \(row.id)")
        try row.end(as: next, tx)
        return .done(try await changed(row.id, for: actor, tx))
    }
}
