internal import Access
internal import Contracts
internal import Postgres

/// What was confirmed may end; everything else is decided once.
@Sendable func decideCoverage(_ command: DecideCoverage, _ actor: Actor, _ tx: Transaction) async throws -> Answer<DecideCoverage> {
    guard (command.decision == .refused) == (command.reason != nil) else { return .refused(.reasonMissing) }
    let (coverage, patient) = (command.coverage.uuid, command.patient.uuid)
    let state = try await tx.first("SELECT state FROM coverage WHERE id = \(coverage) AND patient = \(patient) FOR UPDATE", as: String.self)
    guard let state else { return .refused(.notFound) }
    guard state == "stated" || state == "confirmed" && command.decision == .ended else { return .refused(.notOpen) }
    try await tx.run(
        """
        UPDATE coverage SET state = \(command.decision.rawValue), reason = \(command.reason?.rawValue), decided_at = now(),
            decided_by = \(actor.account?.uuid)
        WHERE id = \(coverage)
        """)
    return .done(Done())
}
