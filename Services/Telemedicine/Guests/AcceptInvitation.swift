internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    /// The call's row is locked: of two who come with the same link one is in.
    @Sendable func acceptInvitation(_ command: AcceptInvitation, _ actor: Actor, _ tx: Transaction) async throws -> Answer<AcceptInvitation> {
        guard let row = try await CallRow.locked(command.appointment, of: command.patient, tx),
            let guest = try await GuestRow.link(command.digest, tx), guest.call == row.id
        else { return .refused(.notFound) }
        if let refusal = refusal(of: guest, row) { return .refused(refusal) }
        guard row.now >= row.opens.instant else { return .refused(.notYet(row.opens)) }
        tx.queue(
            "UPDATE call_guest SET state = 'waiting', used_at = \(row.now), session = \(Array(command.session)) WHERE id = \(guest.id)")
        try await tell(row, tx)
        return .done(Done())
    }
}
