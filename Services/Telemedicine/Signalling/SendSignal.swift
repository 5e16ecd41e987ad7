internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    private static let longestSignal = 32 << 10

    /// For the other side's window. Nobody is reached before they were let in.
    @Sendable func sendSignal(_ command: SendSignal, _ actor: Actor, _ tx: Transaction) async throws -> Answer<SendSignal> {
        guard command.body.utf8.count <= Self.longestSignal else { return .refused(.tooLong) }
        guard let row = try await CallRow.one(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        guard row.window(of: actor) == command.window.uuid else { return .refused(.replaced) }
        guard row.state.isOpen, let other = row.otherWindow(of: actor) else { return .refused(.notNow(row.state)) }
        tx.queue(
            """
            INSERT INTO signal (id, call, patient, "to", body)
            VALUES (\(command.key), \(row.id), \(command.patient.uuid), \(other),
                \(try sealed(command.body, of: command.patient, "signal", "body", row: command.key)))
            """)
        try tx.emit(SignalWaits(appointment: command.appointment, window: ID(other)))
        try await tx.flush()
        return .done(Done())
    }
}
