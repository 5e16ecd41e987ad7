internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let statementsAtMost = 36

@Sendable func readStatements(_ query: ReadStatements, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadStatements> {
    let patient = query.patient.uuid
    // Their own, and those of others they pay.
    let theirs: SQL = "(s.patient = \(patient) OR s.billed_to = \(patient))"
    let count = tx.later("SELECT count(*) FROM statement s WHERE \(theirs)")
    let statements = StatementSummary.later(where: theirs, limit: statementsAtMost, in: tx)
    try await tx.end()
    return .done(
        Statements(statements: try StatementSummary.all(statements), total: try count.first(as: Int.self) ?? 0, asOf: Date()))
}
