internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// A new colleague's list of first steps: the steps are the clinic gateway's, that they were done is what the trail says.
func answerFirstSteps(_ service: Registry) {
    service.answer(ReadFirstSteps.self, to: .anyStaff, with: readFirstSteps)
    service.answer(PutAwayFirstSteps.self, to: .anyStaff, with: putAwayFirstSteps)
}

private let askedAtMost = 20

/// What whoever asks has done, at any time; nobody else's.
@Sendable func readFirstSteps(_ query: ReadFirstSteps, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadFirstSteps> {
    guard let account = actor.account?.uuid else { return .done(.init(done: [], isAway: false)) }
    let asked = Array(query.actions.prefix(askedAtMost))
    let away = tx.later("SELECT true FROM first_steps_away WHERE account = \(account)")
    let done = try await tx.all(
        "SELECT action, at FROM first_done WHERE account = \(account) AND action = ANY(\(asked)) ORDER BY action", as: String.self, Date.self)
    return .done(.init(done: done.map { .init(action: $0.0, at: $0.1) }, isAway: try away.first(as: Bool.self) == true))
}
