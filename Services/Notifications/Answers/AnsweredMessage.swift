internal import Contracts
internal import Foundation
internal import Postgres

/// A message somebody answers, and how what it told of stands now, by what this service has heard.
struct AnsweredMessage: Sendable {
    let intent: ID<Contracts.Intent>
    let appointment: ID<Appointment>
    let patient: ID<Patient>
    let start: ZonedTime
    let state: VisitLinkState
    /// Under whose id it went, where it told of several visits.
    let leader: UUID?

    /// - Parameter condition: of the intents `i`; the one sent last counts.
    static func find(_ condition: SQL, in tx: Transaction) async throws -> AnsweredMessage? { try await all(condition, atMost: 1, in: tx).first }

    /// Those sent last first.
    static func all(_ condition: SQL, atMost limit: Int, in tx: Transaction) async throws -> [AnsweredMessage] {
        try await tx.all(
            """
            SELECT i.id, i.appointment, i.patient, i.starts_at, i.starts_zone,
                EXISTS (SELECT FROM appointment_seen s WHERE s.appointment = i.appointment AND s.state = 'cancelled'),
                EXISTS (SELECT FROM intent n WHERE n.appointment = i.appointment AND n.version > i.version AND n.starts_at <> i.starts_at),
                i.starts_at <= now(), a.accepts, a.state = 'refused', i.leader
            FROM intent i
            LEFT JOIN LATERAL (
                -- Not what was said of it before it was cancelled and booked again. Messages of one version were planned at once: an answer to one of
                -- them is one to all.
                SELECT v.accepts, v.state FROM visit_answer v
                WHERE v.appointment = i.appointment AND v.starts_at = i.starts_at AND v.at >= i.planned_at
                ORDER BY v.at DESC, v.id DESC LIMIT 1
            ) a ON true
            WHERE i.kind IN ('confirmation', 'reminder') AND i.handed_at IS NOT NULL AND i.starts_zone IS NOT NULL AND \(condition)
            ORDER BY i.handed_at DESC, i.starts_at LIMIT \(limit)
            """, as: UUID.self, UUID.self, UUID.self, Date.self, String.self, Bool.self, Bool.self, Bool.self, Bool?.self, Bool?.self, UUID?.self
        ).compactMap { row in
            guard let zone = TimeZone(identifier: row.4) else { return nil }
            let state: VisitLinkState =
                if row.7 { .past } else if row.9 == true { .refused } else if row.5 { .cancelled } else if row.8 == false {
                    .declined
                } else if row.6 { .moved } else if row.8 == true { .accepted } else { .open }
            return AnsweredMessage(
                intent: ID(row.0), appointment: ID(row.1), patient: ID(row.2), start: ZonedTime(row.3, in: zone), state: state, leader: row.10)
        }
    }

    /// Keeps the answer, for a worker to carry to scheduling. The same answer once more changes nothing.
    func answer(_ accepts: Bool, by means: String, in tx: Transaction) {
        guard !(accepts && state == .accepted) else { return }
        tx.queue(
            """
            INSERT INTO visit_answer (id, intent, appointment, patient, starts_at, accepts, means)
            VALUES (\(UUID.v7()), \(intent.uuid), \(appointment.uuid), \(patient.uuid), \(start.instant), \(accepts), \(means))
            """)
    }
}
