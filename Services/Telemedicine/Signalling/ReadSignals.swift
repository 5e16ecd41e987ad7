internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    @Sendable func readSignals(_ query: ReadSignals, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadSignals> {
        guard let row = try await CallRow.one(query.appointment, of: query.patient, tx) else { return .refused(.notFound) }
        guard row.window(of: actor) == query.window.uuid else { return .refused(.replaced) }
        let rows = try await tx.all(
            "SELECT id, position, body FROM signal WHERE \"to\" = \(query.window.uuid) AND position > \(query.after) ORDER BY position LIMIT 50",
            as: UUID.self, Int.self, [UInt8].self)
        let signals = rows.compactMap { id, position, body in
            opened(body, of: row.patient, "signal", "body", row: id).map { Signals.Signal(position: position, body: $0) }
        }
        return .done(Signals(signals: signals))
    }
}
