internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// What waits already is shown by `releaseResults`: of the record itself patients write nothing here.
@Sendable func changeReleaseChoice(_ command: ChangeReleaseChoice, actor: Actor, tx: Transaction) async throws -> Answer<ChangeReleaseChoice> {
    let (patient, choice) = (command.patient.uuid, command.choice)
    guard (1...7).contains(choice.days) else { return .refused(.invalidDays) }
    if choice.afterComment {
        tx.queue(
            """
            INSERT INTO result_release (patient, days) VALUES (\(patient), \(choice.days))
            ON CONFLICT (patient) DO UPDATE SET days = excluded.days
            """)
    } else {
        tx.queue("DELETE FROM result_release WHERE patient = \(patient)")
    }
    return .done(Done())
}
