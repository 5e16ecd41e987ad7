internal import Contracts
internal import MessageBus
internal import Postgres

/// Whoever is on the care team may be asked, and answers.
func noteTeamOnCareTeamChanged(_ event: CareTeamChanged, tx: Transaction) async throws {
    guard try await DecisionFacts.isNews(event.version, of: event.team.uuid, in: tx) else { return }
    DecisionFacts.setTeam(event.team.uuid, of: event.patient, members: event.members, from: event.from, until: event.until, in: tx)
}
