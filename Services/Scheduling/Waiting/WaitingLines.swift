internal import Contracts
internal import Foundation
internal import Postgres

extension Waitings {
    static let shown = 50

    /// - Parameter which: a condition on `w`, with what comes after it.
    static func read(_ which: SQL, total: SQL, in tx: Transaction) async throws -> Waitings {
        let count = tx.later("SELECT count(*) FROM waiting w WHERE \(total)")
        let services = VisitService.later(in: tx)
        let rows = try await tx.all(
            """
            SELECT w.id, w.kind, w.patient, w.service, w.practitioner, w.location, w.visit, w.first_day::text, w.last_day::text, w.weekdays, w.part,
                w.joined_at, w.promised_at, to_char(w.promised_wall, 'YYYY-MM-DD"T"HH24:MI'), w.promised_zone, w.answer, w.absence IS NOT NULL,
                (SELECT f.offer FROM offer f WHERE f.waiting = w.id AND f.outcome IS NULL AND f.until > clock_timestamp())
            FROM waiting w WHERE \(which)
            """, as: UUID.self, String.self, UUID.self, String?.self, UUID?.self, UUID?.self, UUID?.self, String.self, String.self, [Int].self,
            String.self, Date.self, Date?.self, String?.self, String?.self, String?.self, Bool.self, UUID?.self)
        let offered = rows.compactMap { $0.17 }
        let held = try await AppointmentLine.all("SELECT \(AppointmentLine.columns) FROM appointment WHERE id = ANY (\(offered))", in: tx)
        let offers = Dictionary(held.map { ($0.appointment.uuid, $0) }) { first, _ in first }
        let lines = rows.map {
            id, kind, patient, service, practitioner, location, visit, first, last, weekdays, part, since, promised, local, zone, answer, instead,
            offer in
            WaitingLine(
                waiting: ID(id), kind: WaitingKind(rawValue: kind) ?? .list, patient: ID(patient), service: service,
                practitioner: practitioner.map { ID($0) }, location: location.map { ID($0) }, visit: visit.map { ID($0) },
                wishes: VisitWishes(from: first, until: last, weekdays: weekdays, part: DayPart(rawValue: part) ?? .any), since: since,
                offer: offer.flatMap { offers[$0] }.flatMap { WaitingOffer($0) }, promised: ZonedTime(promised, local, zone),
                answer: answer.flatMap { WaitingAnswer(rawValue: $0) }, isInsteadOfVisit: instead ? true : nil)
        }
        return Waitings(lines: lines, total: try count.first(as: Int.self) ?? 0, services: try VisitService.all(services), asOf: Date())
    }
}

extension WaitingOffer {
    init?(_ line: AppointmentLine) {
        guard let until = line.holdUntil else { return nil }
        self.init(
            offer: line.appointment, practitioner: line.practitioner, location: line.location, start: line.start, end: line.end, until: until)
    }
}

extension ZonedTime {
    init?(_ instant: Date?, _ local: String?, _ zone: String?) {
        guard let instant, let local, let zone else { return nil }
        self.init(instant, local: local, zone: zone)
    }
}
