import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport

@testable import Scheduling

/// Whether the long versions of the tests run.
let isLong = ProcessInfo.processInfo.environment["CHARTLINE_LONG"] == "1"

/// An answer the test was not about.
struct Unexpected: Error {
    let what: String
    init(_ what: String) { self.what = what }
}

/// A clinic of one place, open every day from 08:00 to 12:00 and from 13:00 to 17:00, where a visit takes 20 minutes.
struct Clinic: Sendable {
    static let service = VisitService(code: "office-visit", name: ["en": "Office visit", "es": "Consulta"], minutes: 20)

    let test: ServiceUnderTest
    let location = ID<Location>()
    let zone: String

    var bus: InMemoryBus { test.bus }
    var keys: TestKeys { test.keys }

    static func open(zone: String = "America/Chicago", _ bookings: Bookings = Bookings(), _ body: (Clinic) async throws -> Void) async throws {
        try await withService("scheduling", migrations: SchedulingService.migrations) { registry, _ in
            SchedulingService.answers(registry, bookings)
        } _: { test in
            // As the deployed server is set: compiling a plan takes longer than any of these takes to run.
            let pool = test.database.pool(test.database.superuser)
            try await pool.run(SQL(trusted: "ALTER DATABASE \(test.database.database) SET jit = off"))
            await pool.close()
            try await body(Clinic(test: test, zone: zone))
        }
    }

    /// Days from today in the clinic's zone, as text.
    func day(_ ahead: Int) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: zone) ?? .gmt
        let day = calendar.date(byAdding: .day, value: ahead, to: Date()) ?? Date()
        let parts = calendar.dateComponents([.year, .month, .day], from: day)
        return "\(parts.year ?? 0)-\(pad(parts.month))-\(pad(parts.day))"
    }

    private func pad(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }

    func publication(
        _ practitioner: ID<Practitioner>, hours: [WeeklyHours]? = nil, from: String? = nil, until: String? = nil, notice: Int = 60,
        service: VisitService = Self.service
    ) -> PublishAvailability {
        let everyDay = (1...7).flatMap {
            [WeeklyHours(weekday: $0, from: "08:00", until: "12:00"), WeeklyHours(weekday: $0, from: "13:00", until: "17:00")]
        }
        return PublishAvailability(
            practitioner: practitioner, location: location, zone: zone, services: [service], weekly: hours ?? everyDay, from: from ?? day(0),
            until: until ?? day(90), minimumNoticeMinutes: notice)
    }

    /// A clinician whose hours are published.
    func practitioner() async throws -> ID<Practitioner> {
        let practitioner = ID<Practitioner>()
        _ = try await bus.request(publication(practitioner), as: keys.operator())
        return practitioner
    }

    func openings(of practitioner: ID<Practitioner>? = nil, from day: String? = nil, days: Int = 14, limit: Int = 200) async throws -> [Opening] {
        let query = FindOpenings(service: Self.service.code, practitioner: practitioner, fromDay: day, days: days, limit: limit)
        return try await bus.ask(query, as: keys.staff()).openings
    }

    func command(_ opening: Opening, for patient: ID<Patient>, appointment: ID<Appointment> = .init(), key: UUID = .v7()) -> BookAppointment {
        BookAppointment(
            appointment: appointment, patient: patient, practitioner: opening.practitioner, location: opening.location, service: opening.service,
            start: opening.start.instant, key: key)
    }

    func book(_ opening: Opening, for patient: ID<Patient> = .init(), appointment: ID<Appointment> = .init()) async throws -> Answer<BookAppointment>
    {
        try await bus.request(command(opening, for: patient, appointment: appointment), as: keys.patient(patient), within: .seconds(20))
    }

    func hold(_ opening: Opening, for patient: ID<Patient>, appointment: ID<Appointment> = .init()) async throws -> Answer<HoldAppointment> {
        let command = HoldAppointment(
            appointment: appointment, patient: patient, practitioner: opening.practitioner, location: opening.location, service: opening.service,
            start: opening.start.instant)
        return try await bus.request(command, as: keys.patient(patient), within: .seconds(20))
    }

    func cancel(_ appointment: ID<Appointment>, of patient: ID<Patient>) async throws -> Answer<CancelAppointment> {
        try await bus.request(CancelAppointment(appointment: appointment, patient: patient, key: .v7()), as: keys.patient(patient))
    }

    func status(of appointment: ID<Appointment>) async throws -> String? {
        guard case .done(let line) = try await bus.request(ReadAppointment(appointment: appointment), as: keys.worker("notifications")) else {
            return nil
        }
        return line.status
    }

    func lapse() async throws -> Int { try await test.pool.asWorker(of: "scheduling") { tx in try await lapseHolds(tx) } }

    /// Pairs of appointments that have the same clinician, or the same patient, at the same time: never any.
    func doubleBookings() async throws -> Int {
        try await test.pool.asWorker(of: "scheduling") { tx in
            try await tx.first(
                """
                SELECT count(*) FROM appointment a JOIN appointment b ON a.id < b.id
                    AND tstzrange(a.start_at, a.end_at) && tstzrange(b.start_at, b.end_at)
                    AND (a.practitioner = b.practitioner OR a.patient = b.patient)
                WHERE a.status IN ('booked', 'arrived', 'checked-in', 'fulfilled') AND b.status IN ('booked', 'arrived', 'checked-in', 'fulfilled')
                """, as: Int.self) ?? -1
        }
    }
}

extension Answer {
    var reply: R.Reply? { if case .done(let reply) = self { reply } else { nil } }
    var refusal: R.Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }
}
