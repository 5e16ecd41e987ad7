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
        SELECT id, kind, channel, rule, state, reason, due_at, due_local, due_zone, starts_at, planned_at, sent_at, receipt, receipt_at,
            CASE WHEN handed_at IS NOT NULL AND visits > 1 THEN visits END, told_at,
            NOT EXISTS (SELECT FROM intent m WHERE m.appointment = intent.appointment AND m.version > intent.version)
        FROM intent WHERE appointment = \(appointment) AND (\(patient)::uuid IS NULL OR patient = \(patient))
        ORDER BY due_at, version, kind, channel LIMIT 200
        """, as: UUID.self, Kind.self, String.self, Timing.self, String.self, String?.self, Date.self, String.self, String.self, Date?.self,
        Date.self, Date?.self, String?.self, Date?.self, Int?.self, Date?.self, Bool.self)
    let own = try set.first(as: [String].self).map { $0.compactMap(Timing.init) }
    let rules = query.service == nil ? nil : own ?? ReminderPlan.usual
    let notices = rows.map { row in
        var notice = Notice(
            intent: ID(row.0), kind: row.1.rawValue, channel: row.2, rule: row.3.rawValue, state: row.4, reason: row.5,
            due: ZonedTime(row.6, local: row.7, zone: row.8), sent: row.11, receipt: row.12, receiptAt: row.13, visits: row.14)
        if ["failed", "bounced"].contains(row.4) || row.5 == Reason.noContact.rawValue {
            let other = rows.contains { $0.1 == row.1 && $0.3 == row.3 && $0.9 == row.9 && $0.2 != row.2 && ["sent", "delivered"].contains($0.4) }
            let isToCome = row.16 && row.9.map { $0 > Date() } ?? false
            notice.next = other ? "other-channel" : row.15 != nil ? "told" : isToCome ? "to-be-called" : nil
            notice.told = other ? nil : row.15
        }
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
