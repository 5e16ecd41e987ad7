internal import Contracts
internal import Foundation
internal import Postgres

extension AppointmentLine {
    /// Of the table, or of what a change to it returns.
    static let columns: SQL = """
        id, version, status, patient, practitioner, location, service, zone, start_at, to_char(wall_start, 'YYYY-MM-DD"T"HH24:MI') AS local_start,
            end_at, to_char(end_at AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI') AS local_end, hold_until,
            override_reason IS NOT NULL AS is_override, series, series_wall IS NOT NULL AND series_wall <> wall_start AS is_apart
        """

    /// The rows of a statement that returns `columns`.
    static func all(_ sql: SQL, in tx: Transaction) async throws -> [AppointmentLine] {
        let rows = tx.later(sql)
        try await tx.flush()
        return try all(rows)
    }

    static func all(_ rows: Later) throws -> [AppointmentLine] {
        let rows = try rows.all(
            as: UUID.self, Int.self, String.self, UUID.self, UUID.self, UUID.self, String.self, String.self, Date.self, String.self, Date.self,
            String.self, Date?.self, Bool.self, UUID?.self, Bool.self)
        return rows.map {
            id, version, status, patient, practitioner, location, service, zone, start, localStart, end, localEnd, holdUntil, isOverride,
            series, isApart in
            AppointmentLine(
                appointment: ID(id), version: version, status: status, patient: ID(patient), practitioner: ID(practitioner),
                location: ID(location), service: service, start: ZonedTime(start, local: localStart, zone: zone),
                end: ZonedTime(end, local: localEnd, zone: zone), holdUntil: holdUntil, isOverride: isOverride ? true : nil,
                series: series, isApart: isApart ? true : nil)
        }
    }

    /// The appointment, when the asker may see it.
    static func read(_ appointment: ID<Appointment>, in tx: Transaction) async throws -> AppointmentLine? {
        try await all("SELECT \(columns) FROM appointment WHERE id = \(appointment.uuid)", in: tx).first
    }

    /// Whether it is what was asked for: the same time for the same patient.
    func matches(_ wanted: some TimeWanted) -> Bool {
        patient == wanted.patient && practitioner == wanted.practitioner && location == wanted.location && service == wanted.service
            && abs(start.instant.timeIntervalSince(wanted.start)) < 0.001
    }
}
