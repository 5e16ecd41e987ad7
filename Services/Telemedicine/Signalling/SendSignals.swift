internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    private static let longest = 32 << 10

    /// For the other side's window. Nobody is reached before they were let in.
    @Sendable func sendSignals(_ command: SendSignals, _ actor: Actor, _ tx: Transaction) async throws -> Answer<SendSignals> {
        guard command.bodies.reduce(0, { $0 + $1.utf8.count }) <= Self.longest else { return .refused(.tooLong) }
        guard let row = try await CallRow.one(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        guard row.window(of: actor) == command.window.uuid else { return .refused(.replaced) }
        guard row.state.isOpen, let other = row.otherWindow(of: actor) else { return .refused(.notNow(row.state)) }
        for body in command.bodies {
            let id = UUID.v7()
            tx.queue(
                """
                INSERT INTO signal (id, call, patient, "to", body)
                VALUES (\(id), \(row.id), \(command.patient.uuid), \(other), \(try sealed(body, of: command.patient, "signal", "body", row: id)))
                """)
        }
        try tx.emit(SignalWaits(appointment: command.appointment, window: ID(other)))
        try await tx.flush()
        return .done(Done())
    }
}
