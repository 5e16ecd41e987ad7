internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Questions {
    /// The open ones, longest waiting first; then the last that were answered.
    func readAccessQuestions(_ query: ReadAccessQuestions, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadAccessQuestions> {
        let open = tx.later("SELECT count(*) FROM question WHERE answered_at IS NULL")
        let rows = try await tx.all(
            """
            SELECT q.id, q.patient, q.body, q.asked_at, q.answer, q.answered_at, \(AccessRow.columns) FROM question q
            JOIN access a ON a.patient = q.patient AND a.service = q.service AND a.position = q.position
            ORDER BY q.answered_at IS NOT NULL, CASE WHEN q.answered_at IS NULL THEN q.asked_at END, q.answered_at DESC LIMIT 200
            """,
            as: UUID.self, UUID.self, [UInt8].self, Date.self, [UInt8]?.self, Date?.self, String.self, Int.self, Date.self, String?.self, String.self,
            String.self, String?.self, String.self, String.self)
        return .done(
            .init(
                questions: try rows.map { row in
                    try question(
                        row.0, ID(row.1), row.2, row.3, row.4, row.5,
                        AccessRow((row.6, row.7, row.8, row.9, row.10, row.11, row.12, row.13, row.14)).access)
                }, open: try open.first(as: Int.self) ?? 0))
    }
}
