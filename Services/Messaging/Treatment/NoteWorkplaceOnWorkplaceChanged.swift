internal import Contracts
internal import MessageBus
internal import Postgres

/// Whoever works somewhere is in a clinical pool that has no members of its own.
func noteWorkplaceOnWorkplaceChanged(_ event: WorkplaceChanged, tx: Transaction) async throws {
    guard try await DecisionFacts.isNews(event.version, of: event.role.uuid, in: tx) else { return }
    DecisionFacts.setWorkplaces(event.role.uuid, of: event.practitioner, locations: event.locations, in: tx)
}
