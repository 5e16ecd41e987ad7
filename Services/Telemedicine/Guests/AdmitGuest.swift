internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    /// After the patient, and as many as can see each other.
    @Sendable func admitGuest(_ command: AdmitGuest, _ actor: Actor, _ tx: Transaction) async throws -> Answer<AdmitGuest> {
        guard let row = try await CallRow.locked(command.appointment, of: command.patient, tx),
            let guest = try await GuestRow.one(command.guest, of: row, tx)
        else { return .refused(.notFound) }
        if guest.state == .admitted { return .done(Done()) }
        guard row.state.isOpen, guest.state == .waiting else { return .refused(.notNow) }
        guard try await GuestRow.of(row.id, tx).filter({ $0.state == .admitted }).count < GuestRow.mostThere else { return .refused(.tooMany) }
        tx.queue(
            "UPDATE call_guest SET state = 'admitted', admitted_at = \(row.now), admitted_by = \(actor.account?.uuid) WHERE id = \(guest.id)")
        try await tell(row, tx)
        return .done(Done())
    }
}
