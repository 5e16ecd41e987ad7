internal import Contracts
internal import Foundation
internal import Faults
internal import Postgres

/// Results that a patient wants to see with a comment first. While one waits the database keeps its row from the patient, and from whoever acts for
/// them, in whatever is read.
struct ResultHold {
    /// Of `resource.sensitivity`; no label.
    static let bit = 64

    let tx: Transaction
    let patient: ID<Patient>

    /// Keeps new results back, and their report, where the patient chose so.
    /// - Parameter onlyRecent: leaves out what was measured longer ago than the patient would have waited.
    func hold(_ resources: [UUID], onlyRecent: Bool = false, at now: Date) {
        guard !resources.isEmpty, !Fault.resultsDoNotWait.isOn else { return }
        tx.queue(
            """
            WITH held AS (
                UPDATE resource r SET sensitivity = r.sensitivity | \(Self.bit)::int FROM result_release w
                WHERE w.patient = \(patient.uuid) AND r.patient = w.patient AND r.type IN ('Observation', 'DiagnosticReport')
                    AND r.id = ANY(\(resources))
                    AND (NOT \(onlyRecent) OR coalesce(r.d_lo, r.last_updated) > \(now) - make_interval(days => w.days))
                RETURNING r.id, r.type)
            INSERT INTO held_result (resource, type, patient, held_at) SELECT id, type, \(patient.uuid), \(now) FROM held ON CONFLICT DO NOTHING
            """)
    }

    /// Whether its patient does not see the result yet.
    func holds(_ result: ID<Resource>) async throws -> Bool {
        try await tx.first("SELECT held_at FROM held_result WHERE resource = \(result.uuid) AND released_at IS NULL", as: Date.self) != nil
    }

    /// Shows a result that has its comment, and a report with the last of its own results. A report without results is shown when its time is up.
    func release(_ result: ID<Resource>, at now: Date) {
        Self.release(where: "patient = \(patient.uuid) AND resource = \(result.uuid)", at: now, in: tx)
        Self.release(
            where: """
                patient = \(patient.uuid) AND type = 'DiagnosticReport' AND EXISTS (
                    SELECT FROM resource d
                    WHERE d.type = 'DiagnosticReport' AND d.id = held_result.resource AND d.refs @> ARRAY[\(result.uuid)] AND NOT EXISTS (
                        SELECT FROM held_result o
                        WHERE o.patient = \(patient.uuid) AND o.type = 'Observation' AND o.released_at IS NULL AND o.resource = ANY(d.refs)))
                """, at: now, in: tx)
    }

    static func release(where which: SQL, at now: Date, in tx: Transaction) {
        tx.queue(
            """
            WITH shown AS (UPDATE held_result SET released_at = \(now) WHERE released_at IS NULL AND \(which) RETURNING resource, type)
            UPDATE resource r SET sensitivity = r.sensitivity & ~\(bit)::int FROM shown WHERE r.type = shown.type AND r.id = shown.resource
            """)
    }
}
