internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Everything planned for an appointment, by the time it was due, and what its patient answered.
func readNotices(_ query: ReadNotices, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadNotices> {
    let (appointment, patient) = (query.appointment.uuid, query.patient?.uuid)
    let set = tx.later("SELECT rules FROM reminder_rule WHERE service = \(query.service) ORDER BY version DESC LIMIT 1")
    let answers = tx.later(
        """
        SELECT at, accepts, means, state FROM visit_answer
        WHERE appointment = \(appointment) AND (\(patient)::uuid IS NULL OR patient = \(patient)) ORDER BY at, id LIMIT 50
        """)
    let rows = try await tx.all(
        """
        SELECT id, kind, channel, rule, state, reason, due_at, due_local, due_zone, starts_at, planned_at, sent_at, receipt, receipt_at
        FROM intent WHERE appointment = \(appointment) AND (\(patient)::uuid IS NULL OR patient = \(patient))
        ORDER BY due_at, version, kind, channel LIMIT 200
        """, as: UUID.self, Kind.self, String.self, Timing.self, String.self, String?.self, Date.self, String.self, String.self, Date?.self,
        Date.self, Date?.self, String?.self, Date?.self)
    let own = try set.first(as: [String].self).map { $0.compactMap(Timing.init) }
    let rules = query.service == nil ? nil : own ?? ReminderPlan.usual
    let notices = rows.map { row in
        var notice = Notice(
            intent: ID(row.0), kind: row.1.rawValue, channel: row.2, rule: row.3.rawValue, state: row.4, reason: row.5,
            due: ZonedTime(row.6, local: row.7, zone: row.8), sent: row.11, receipt: row.12, receiptAt: row.13)
        // What is looked at when it is due can be said now, as things stand.
        if row.1 == .reminder, row.4 == "scheduled", let rules, let start = row.9, let zone = TimeZone(identifier: row.8),
            !ReminderPlan.applies(row.3, of: rules, startsAt: start, zone: zone, booked: row.10)
        {
            (notice.state, notice.reason) = ("suppressed", Reason.notSet.rawValue)
        }
        return notice
    }
    let said = try answers.all(as: Date.self, Bool.self, String.self, String.self)
    return .done(
        Notices(notices: notices, answers: said.map { VisitAnswerLine(at: $0.0, accepts: $0.1, means: $0.2, state: $0.3) }))
}
