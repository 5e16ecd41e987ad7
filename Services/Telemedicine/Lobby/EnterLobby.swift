internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    private static let longestPlace = 200

    /// The patient waits, having agreed to be seen by video and said where they are. Asked again it says both anew.
    @Sendable func enterLobby(_ command: EnterLobby, _ actor: Actor, _ tx: Transaction) async throws -> Answer<EnterLobby> {
        guard let row = try await CallRow.locked(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        guard let next = row.state.after(.enter) else { return .refused(.notNow(row.state)) }
        guard row.now >= row.opens.instant else { return .refused(.notYet(row.opens)) }
        guard row.isInTime else { return .refused(.notNow(row.state)) }
        guard command.consents else { return .refused(.noConsent) }
        let place = command.place.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !place.isEmpty, place.count <= Self.longestPlace else { return .refused(.noPlace) }
        let region = try command.region.map { try sealed($0.code, of: command.patient, "call", "region", row: row.id) }
        tx.queue(
            """
            UPDATE call SET version = version + 1, state = \(next.rawValue), consented_at = \(row.now),
                waiting_since = coalesce(waiting_since, \(row.now)), place = \(try sealed(place, of: command.patient, "call", "place", row: row.id)),
                region = \(region), window_gone_at = NULL
            WHERE id = \(row.id)
            """)
        if row.state != next {
            try tx.emit(
                VisitWaiting(appointment: command.appointment, patient: command.patient, practitioner: ID(row.practitioner), at: row.now))
        }
        return .done(try await changed(row.id, for: actor, tx))
    }
}
