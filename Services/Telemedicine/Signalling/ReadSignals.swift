internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    @Sendable func readSignals(_ query: ReadSignals, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadSignals> {
        guard let row = try await CallRow.one(query.appointment, of: query.patient, tx) else { return .refused(.notFound) }
        guard row.window(of: actor) == query.window.uuid else { return .refused(.replaced) }
        return .done(try await signals(for: query.window, after: query.after, of: row.patient, tx))
    }

    func signals(for window: ID<CallWindow>, after position: Int, of patient: UUID, _ tx: Transaction) async throws -> Signals {
        let rows = try await tx.all(
            """
            SELECT id, position, "from", body FROM signal WHERE "to" = \(window.uuid) AND position > \(position) ORDER BY position LIMIT 50
            """, as: UUID.self, Int.self, UUID?.self, [UInt8].self)
        let signals = rows.compactMap { id, position, from, body in
            opened(body, of: patient, "signal", "body", row: id).map {
                Signals.Signal(position: position, from: from.map { ID($0) }, body: $0)
            }
        }
        return Signals(signals: signals)
    }
}
