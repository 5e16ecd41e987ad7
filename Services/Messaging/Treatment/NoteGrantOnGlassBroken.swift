internal import Contracts
internal import MessageBus
internal import Postgres

/// Who broke the glass sees the messages too.
func noteGrantOnGlassBroken(_ event: GlassWasBroken, tx: Transaction) async throws {
    DecisionFacts.setBrokenGlass(event.id.uuid, of: event.patient, by: event.account, at: event.at, until: event.until, in: tx)
}
