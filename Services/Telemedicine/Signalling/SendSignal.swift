internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    static let longestSignal = 32 << 10

    /// For a window of the same call. Nobody is reached before they were let in.
    @Sendable func sendSignal(_ command: SendSignal, _ actor: Actor, _ tx: Transaction) async throws -> Answer<SendSignal> {
        guard command.body.utf8.count <= Self.longestSignal else { return .refused(.tooLong) }
        guard let row = try await CallRow.one(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        guard row.window(of: actor) == command.window.uuid else { return .refused(.replaced) }
        guard row.state.isOpen, let other = command.to?.uuid ?? row.otherWindow(of: actor), other != command.window.uuid,
            try await isThere(other, in: row, tx)
        else { return .refused(.notNow(row.state)) }
        try await pass(command.body, from: command.window.uuid, to: other, in: row, key: command.key, tx)
        return .done(Done())
    }

    /// Whether a window is one of this call, of somebody who was let in.
    func isThere(_ window: UUID, in row: CallRow, _ tx: Transaction) async throws -> Bool {
        if window == row.patientWindow || window == row.clinicianWindow { return true }
        return try await tx.first(
            "SELECT true FROM call_guest WHERE call = \(row.id) AND state = 'admitted' AND guest_window = \(window)", as: Bool.self) == true
    }

    func pass(_ body: String, from: UUID, to: UUID, in row: CallRow, key: UUID, _ tx: Transaction) async throws {
        tx.queue(
            """
            INSERT INTO signal (id, call, patient, "from", "to", body)
            VALUES (\(key), \(row.id), \(row.patient), \(from), \(to), \(try sealed(body, of: ID(row.patient), "signal", "body", row: key)))
            """)
        try tx.emit(SignalWaits(appointment: ID(row.id), window: ID(to)))
        try await tx.flush()
    }
}
