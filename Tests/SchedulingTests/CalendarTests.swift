import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// Visits and free minutes by the hour.
@Suite struct CalendarTests {
    @Test func anHourSaysHowMuchOfItIsFree() async throws {
        try await Clinic.open { clinic in
            let (practitioner, other) = (try await clinic.practitioner(), try await clinic.practitioner())
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(4), days: 1)
            let (patient, visit) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.book(openings[1], for: patient, appointment: visit).reply != nil)
            #expect(try await clinic.hold(openings[3], for: patient).reply != nil)
            let desk = try await clinic.keys.staff(.frontDesk)
            func read(_ days: Int = 1, _ practitioner: ID<Practitioner>? = nil) async throws -> CalendarDays {
                try await clinic.bus.ask(ReadCalendar(from: clinic.day(4), days: days, practitioner: practitioner), as: desk)
            }
            let day = try await read()
            #expect(day.appointments.map(\.status) == ["booked", "pending"])
            let own = day.hours.filter { $0.practitioner == practitioner }
            #expect(own.map(\.hour) == [8, 9, 10, 11, 13, 14, 15, 16] && own.allSatisfy { $0.minutes == 60 })
            #expect(own.map(\.free) == [40, 40, 60, 60, 60, 60, 60, 60])
            #expect(day.hours.filter { $0.practitioner == other }.allSatisfy { $0.free == 60 })
            // A leave takes what it covers, a holiday the whole day.
            let leave = Absence.leave(
                practitioner: practitioner, from: "\(clinic.day(4))T14:30", until: "\(clinic.day(4))T18:00", zone: clinic.zone)
            #expect(try await clinic.bus.request(KeepAbsence(id: .v7(), what: leave, note: ""), as: desk).reply != nil)
            #expect(try await read(1, practitioner).hours.map(\.free) == [40, 40, 60, 60, 60, 30, 0, 0])
            let week = try await read(7, practitioner)
            #expect(Set(week.hours.map(\.day)).count == 7 && week.hours.count == 56)
            let holiday = Absence.holiday(location: clinic.location, day: clinic.day(4))
            #expect(try await clinic.bus.request(KeepAbsence(id: .v7(), what: holiday, note: "Founders"), as: desk).reply != nil)
            #expect(try await read().hours.isEmpty)
            #expect(try await read().appointments.count == 2)
            // A nurse sees the hours, and of the visits those of whom they treat.
            let nurse = try await clinic.bus.ask(ReadCalendar(from: clinic.day(5), days: 1), as: clinic.keys.staff(.nurse))
            #expect(!nurse.hours.isEmpty)
            #expect(try await clinic.bus.ask(ReadCalendar(from: clinic.day(4), days: 1), as: clinic.keys.staff(.nurse)).appointments.isEmpty)
            #expect(try await clinic.bus.ask(ReadCalendar(from: "2026-02-30", days: 1), as: desk).hours.isEmpty)
        }
    }
}
