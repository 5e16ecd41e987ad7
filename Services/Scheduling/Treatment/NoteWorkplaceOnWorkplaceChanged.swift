internal import Contracts
internal import MessageBus
internal import Postgres

/// Nurses see the visits of the place they work at.
func noteWorkplaceOnWorkplaceChanged(_ event: WorkplaceChanged, tx: Transaction) async throws {
    guard try await DecisionFacts.isNews(event.version, of: event.role.uuid, in: tx) else { return }
    DecisionFacts.setWorkplaces(event.role.uuid, of: event.practitioner, locations: event.locations, in: tx)
}
