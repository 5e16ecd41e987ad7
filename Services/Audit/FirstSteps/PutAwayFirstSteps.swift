internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Puts the own list away or brings it back; what was done stays done.
@Sendable func putAwayFirstSteps(_ command: PutAwayFirstSteps, _ actor: Actor, _ tx: Transaction) async throws -> Answer<PutAwayFirstSteps> {
    guard let account = actor.account?.uuid else { return .done(Done()) }
    if command.isAway {
        tx.queue("INSERT INTO first_steps_away (account) VALUES (\(account)) ON CONFLICT ON CONSTRAINT first_steps_away_once DO NOTHING")
    } else {
        tx.queue("DELETE FROM first_steps_away WHERE account = \(account)")
    }
    return .done(Done())
}
