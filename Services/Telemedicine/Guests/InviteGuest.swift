internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    private static let longestName = 80

    /// What is kept of the link is the digest of its secret.
    @Sendable func inviteGuest(_ command: InviteGuest, _ actor: Actor, _ tx: Transaction) async throws -> Answer<InviteGuest> {
        guard let row = try await CallRow.locked(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        guard !row.state.isOver, row.now < row.end.instant else { return .refused(.over) }
        let name = command.name.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !name.isEmpty, name.count <= Self.longestName else { return .refused(.noName) }
        guard try await GuestRow.of(row.id, tx).filter({ $0.state != .removed }).count < GuestRow.mostAsked else { return .refused(.tooMany) }
        let made = try await tx.run(
            """
            INSERT INTO call_guest (id, call, patient, name, kind, is_patients, invited_by, digest)
            VALUES (\(command.guest.uuid), \(row.id), \(row.patient),
                \(try sealed(name, of: command.patient, "call_guest", "name", row: command.guest.uuid)), \(command.kind.rawValue),
                \(actor.role == .patient), \(actor.account?.uuid), \(Array(command.digest)))
            ON CONFLICT ON CONSTRAINT call_guest_link DO NOTHING
            """)
        // No secret is made twice: somebody has sent one they knew.
        guard made == 1 else { return .refused(.used) }
        try await tell(row, tx)
        return .done(Done())
    }
}
