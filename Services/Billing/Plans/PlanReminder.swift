internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Tells who pays that an instalment is due soon, and that it was and is not paid: each once, whoever crashes. Where it was away for long it says
/// the last of it alone. Nobody is reminded of a bill while a line of it is said to be wrong.
struct PlanReminder: Sendable {
    private static let pause = Duration.seconds(60)
    private static let batch = 200
    /// Days from the day it is due.
    static let steps = [-3, 3, 7]

    let database: any WorkerTransactions

    func run() async throws {
        while !Task.isCancelled {
            if try await round() < Self.batch { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    /// - Returns: how many were looked at.
    @discardableResult
    func round() async throws -> Int {
        try await database.transaction { tx in
            let due = try await tx.all(
                """
                WITH due AS (
                    SELECT s.plan, s.number, s.due_on FROM instalment s JOIN plan p ON p.id = s.plan
                    WHERE s.told < 3 AND p.state = 'active' AND s.due_on <= \(Payer.today) + 3
                        AND s.due_on <= \(Payer.today) - CASE s.told WHEN 0 THEN -3 WHEN 1 THEN 3 ELSE 7 END
                        AND NOT EXISTS (SELECT FROM line_dispute l WHERE l.invoice = p.invoice AND l.state = 'open')
                    ORDER BY s.due_on, s.plan, s.number LIMIT \(Self.batch) FOR UPDATE OF s SKIP LOCKED
                ), told AS (
                    UPDATE instalment s SET told = CASE WHEN d.due_on <= \(Payer.today) - 7 THEN 3 WHEN d.due_on <= \(Payer.today) - 3 THEN 2
                        ELSE 1 END
                    FROM due d WHERE s.plan = d.plan AND s.number = d.number RETURNING s.plan, s.number, s.told, s.due_on
                )
                SELECT t.plan, t.number, t.told, p.patient, i.guarantor, i.billed_to,
                    (SELECT sum(x.amount) FROM instalment x WHERE x.plan = t.plan AND x.number <= t.number)::bigint > p.total - b.due
                        AND (t.told > 1 OR t.due_on >= \(Payer.today))
                FROM told t JOIN plan p ON p.id = t.plan JOIN invoice i ON i.id = p.invoice JOIN balance b ON b.invoice = p.invoice
                ORDER BY t.plan, t.number
                """, as: UUID.self, Int.self, Int.self, UUID.self, UUID?.self, UUID?.self, Bool.self)
            for (plan, number, told, patient, guarantor, billedTo, isOwed) in due where isOwed {
                let isByPost = billedTo != nil && billedTo == guarantor
                try tx.emit(
                    InstalmentNoticed(
                        plan: ID(plan), number: number, daysLate: max(0, Self.steps[told - 1]), patient: ID(patient), at: Date(),
                        payer: isByPost ? nil : billedTo.map { ID($0) }, byPost: billedTo.map { _ in isByPost }))
            }
            return due.count
        }
    }
}
