internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let linesAtMost = 50
/// A visit with nothing charged is late from then on.
private let hoursToCharge = 24

@Sendable func readBillingWork(_ query: ReadBillingWork, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadBillingWork> {
    let missing = tx.later(
        """
        SELECT id, patient, ended_at, ended_at < now() - make_interval(hours => \(hoursToCharge)::int), count(*) OVER ()
        FROM encounter WHERE state IN ('waiting', 'missing') ORDER BY ended_at, id LIMIT \(linesAtMost)
        """)
    let unbilled = tx.later(
        """
        SELECT patient, count(*), sum(amount)::bigint, currency, count(*) OVER () FROM charge c
        WHERE \(ChargeLine.isUnbilled) GROUP BY patient, currency ORDER BY min(served_at), patient
        LIMIT \(linesAtMost)
        """)
    let unpaid = InvoiceSummary.later(where: "b.due > 0", order: "b.due_on, b.invoice", limit: linesAtMost, in: tx)
    let unpaidTotal = tx.later("SELECT count(*) FROM balance WHERE due > 0")
    let approvals = ApprovalLine.later(where: "true", limit: linesAtMost, in: tx)
    let approvalsTotal = tx.later("SELECT count(*) FROM approval WHERE state = 'waiting'")
    let lines = tx.later(
        """
        SELECT patient, invoice, charge, reason, opened_at, count(*) OVER () FROM line_dispute WHERE state = 'open' ORDER BY opened_at, id
        LIMIT \(linesAtMost)
        """)
    let unchecked = tx.later(
        """
        SELECT id, patient, added_at, front IS NOT NULL AND back IS NOT NULL, count(*) OVER () FROM coverage WHERE state = 'stated'
        ORDER BY added_at, id LIMIT \(linesAtMost)
        """)
    // Told twice, a week late, and still not paid.
    let late: SQL = """
        EXISTS (SELECT FROM plan p JOIN instalment s ON s.plan = p.id WHERE p.invoice = b.invoice AND p.state = 'active' AND s.told = 3
            AND (SELECT sum(x.amount) FROM instalment x WHERE x.plan = p.id AND x.number <= s.number) > p.total - b.due)
        """
    let latePlans = InvoiceSummary.later(where: "b.due > 0 AND \(late)", order: "b.due_on, b.invoice", limit: linesAtMost, in: tx)
    let latePlansTotal = tx.later("SELECT count(*) FROM balance b WHERE b.due > 0 AND \(late)")
    let bad: SQL = """
        (p.state = 'failed' AND NOT EXISTS (SELECT FROM payment q WHERE q.invoice = p.invoice AND q.started_at > p.started_at)
            OR EXISTS (SELECT FROM refund r WHERE r.payment = p.id AND r.state = 'failed'))
        """
    let disputed: SQL = "EXISTS (SELECT FROM dispute d WHERE d.payment = p.id AND d.state = 'open')"
    let counts = tx.later(
        "SELECT (SELECT count(*) FROM payment p WHERE \(bad)), (SELECT count(*) FROM payment p WHERE \(disputed))")
    let books = BooksCheck.later(in: tx)
    let failed = try await PaymentLine.read(where: bad, limit: linesAtMost, in: tx)
    let disputes = try await PaymentLine.read(where: disputed, limit: linesAtMost, in: tx)
    let visits = try missing.all(as: UUID.self, UUID.self, Date.self, Bool.self, Int.self)
    let charges = try unbilled.all(as: UUID.self, Int.self, Int.self, String.self, Int.self)
    let (failedTotal, disputesTotal) = try counts.first(as: Int.self, Int.self) ?? (0, 0)
    let questioned = try lines.all(as: UUID.self, UUID.self, UUID.self, String.self, Date.self, Int.self)
    let insurances = try unchecked.all(as: UUID.self, UUID.self, Date.self, Bool.self, Int.self)
    return .done(
        BillingWork(
            missing: visits.map { VisitToCharge(encounter: ID($0.0), patient: ID($0.1), ended: $0.2, isLate: $0.3) },
            missingTotal: visits.first?.4 ?? 0,
            unbilled: charges.map { UnbilledCharges(patient: ID($0.0), count: $0.1, total: Money($0.2, $0.3)) },
            unbilledTotal: charges.first?.4 ?? 0, unpaid: try InvoiceSummary.all(unpaid), unpaidTotal: try unpaidTotal.first(as: Int.self) ?? 0,
            failed: failed, failedTotal: failedTotal, disputes: disputes, disputesTotal: disputesTotal,
            approvals: try ApprovalLine.all(approvals), approvalsTotal: try approvalsTotal.first(as: Int.self) ?? 0,
            disputedLines: questioned.compactMap { line in
                DisputeReason(rawValue: line.3).map {
                    DisputedLine(patient: ID(line.0), invoice: ID(line.1), charge: ID(line.2), reason: $0, opened: line.4)
                }
            },
            disputedLinesTotal: questioned.first?.5 ?? 0,
            coverages: insurances.map { CoverageToCheck(coverage: ID($0.0), patient: ID($0.1), added: $0.2, hasCard: $0.3) },
            coveragesTotal: insurances.first?.4 ?? 0, latePlans: try InvoiceSummary.all(latePlans),
            latePlansTotal: try latePlansTotal.first(as: Int.self) ?? 0, books: try BooksCheck.newest(books), asOf: Date()))
}
