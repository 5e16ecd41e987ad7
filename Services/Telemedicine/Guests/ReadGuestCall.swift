internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    /// Who waits is told that they wait, and of nobody else.
    @Sendable func readGuestCall(_ query: ReadGuestCall, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadGuestCall> {
        guard let guest = try await GuestRow.session(query.session, tx),
            let row = try await CallRow.one(ID(guest.call), of: ID(guest.patient), tx)
        else { return .refused(.notFound) }
        let own = view(guest)
        var found = GuestCall(
            pass: GuestPass(patient: ID(row.patient), appointment: ID(row.id), guest: own.guest, session: query.session), name: own.name,
            state: guest.state, call: row.state, practitioner: ID(row.practitioner), start: row.start,
            window: guest.window.map { ID($0) }, guests: [])
        guard guest.state == .admitted, row.state.isOpen else { return .done(found) }
        (found.patientWindow, found.clinicianWindow) = (row.patientWindow.map { ID($0) }, row.clinicianWindow.map { ID($0) })
        found.guests = try await GuestRow.of(row.id, tx).filter { $0.state == .admitted && $0.id != guest.id }.map(view)
        if let window = guest.window { found.relay = relay?.credentials(for: window, at: row.now) }
        return .done(found)
    }
}
