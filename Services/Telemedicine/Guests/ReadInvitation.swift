internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    @Sendable func readInvitation(_ query: ReadInvitation, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadInvitation> {
        guard let guest = try await GuestRow.link(query.digest, tx), let row = try await CallRow.one(ID(guest.call), of: ID(guest.patient), tx)
        else { return .refused(.notFound) }
        if let refusal = refusal(of: guest, row) { return .refused(refusal) }
        return .done(
            GuestInvitation(
                patient: ID(row.patient), appointment: ID(row.id), guest: ID(guest.id), name: view(guest).name,
                practitioner: ID(row.practitioner), start: row.start, opens: row.opens))
    }

    /// Why a link is of no use any more.
    func refusal(of guest: GuestRow, _ row: CallRow) -> GuestRefusal? {
        if row.state.isOver || guest.state == .removed || row.now >= row.end.instant { return .over }
        return guest.state == .invited ? nil : .used
    }
}
