internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    /// Bytes of what is sent at once.
    static let longestSignals = 32 << 10

    /// For a window of the same call. Nobody is reached before they were let in.
    @Sendable func sendSignals(_ command: SendSignals, _ actor: Actor, _ tx: Transaction) async throws -> Answer<SendSignals> {
        guard command.bodies.length <= Self.longestSignals else { return .refused(.tooLong) }
        guard let row = try await CallRow.one(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        guard row.window(of: actor) == command.window.uuid else { return .refused(.replaced) }
        guard row.state.isOpen, let other = command.to?.uuid ?? row.otherWindow(of: actor), other != command.window.uuid,
            try await isThere(other, in: row, tx)
        else { return .refused(.notNow(row.state)) }
        try await pass(command.bodies, from: command.window.uuid, to: other, in: row, tx)
        return .done(Done())
    }

    /// Whether a window is one of this call, of somebody who was let in.
    func isThere(_ window: UUID, in row: CallRow, _ tx: Transaction) async throws -> Bool {
        if window == row.patientWindow || window == row.clinicianWindow { return true }
        return try await tx.first(
            "SELECT true FROM call_guest WHERE call = \(row.id) AND state = 'admitted' AND guest_window = \(window)", as: Bool.self) == true
    }

    /// One sender after the other for each window: positions are in the order in which signals can be seen, so that nobody who asks for what comes
    /// after the last one misses one that was begun before it.
    func pass(_ bodies: [String], from: UUID, to: UUID, in row: CallRow, _ tx: Transaction) async throws {
        tx.queue("SELECT pg_advisory_xact_lock(hashtextextended(\(to.uuidString), 0))")
        for body in bodies {
            let id = UUID.v7()
            tx.queue(
                """
                INSERT INTO signal (id, call, patient, "from", "to", body)
                VALUES (\(id), \(row.id), \(row.patient), \(from), \(to), \(try sealed(body, of: ID(row.patient), "signal", "body", row: id)))
                """)
        }
        try tx.emit(SignalWaits(appointment: ID(row.id), window: ID(to)))
        try await tx.flush()
    }
}

extension [String] {
    /// Bytes of UTF-8, all of them together.
    var length: Int { reduce(0) { $0 + $1.utf8.count } }
}
