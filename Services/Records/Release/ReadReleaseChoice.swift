internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

@Sendable func readReleaseChoice(_ query: ReadReleaseChoice, actor: Actor, tx: Transaction) async throws -> Answer<ReadReleaseChoice> {
    let patient = query.patient.uuid
    let chosen = tx.later("SELECT days FROM result_release WHERE patient = \(patient)")
    let waiting = try await tx.last(
        "SELECT count(*) FILTER (WHERE type = 'Observation'), max(held_at) FROM held_result WHERE patient = \(patient) AND released_at IS NULL",
        as: Int.self, Date?.self)
    guard let days = try chosen.first(as: Int.self) else { return .done(ReleaseView(choice: ReleaseChoice())) }
    let (count, newest) = waiting.first ?? (0, nil)
    return .done(
        ReleaseView(
            choice: ReleaseChoice(afterComment: true, days: days), waiting: count, latest: newest?.addingTimeInterval(Double(days) * 86_400)))
}
