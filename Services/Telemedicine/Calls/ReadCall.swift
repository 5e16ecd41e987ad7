internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

extension CallStore {
    /// Whoever has a window, once the patient is let in, is told with what credentials the TURN server lets them in.
    @Sendable func readCall(_ query: ReadCall, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadCall> {
        guard let row = try await CallRow.one(query.appointment, of: query.patient, tx) else { return .refused(.notFound) }
        var found = view(row, for: actor)
        if row.state.isOpen, let window = row.window(of: actor) { found.relay = relay?.credentials(for: window, at: row.now) }
        if actor.role != .patient {
            found.region = region(of: row)
            found.lacksLicence =
                switch try await licensure(for: row, actor, tx) {
                case .unknown: nil
                case .held: false
                case .lacking: true
                }
        }
        found.guests = try await GuestRow.of(row.id, tx).filter { $0.state != .removed }.map(view)
        return .done(found)
    }
}
