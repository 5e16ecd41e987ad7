import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// What administrators set: kinds of visit and hours.
@Suite(.serialized) struct SettingTests {
    private let account = ID<Account>()

    private func keep(
        _ type: VisitService, over version: Int, _ clinic: Clinic, key: UUID = .v7()
    ) async throws -> Answer<KeepVisitType> {
        try await clinic.bus.request(KeepVisitType(type: type, version: version, key: key), as: clinic.keys.staff(.administrator, account: account))
    }

    private func keep(
        _ hours: Hours, of practitioner: ID<Practitioner>, over version: Int, outside: Int = 0, _ clinic: Clinic
    ) async throws -> Answer<KeepHours> {
        let command = KeepHours(
            practitioner: practitioner, location: clinic.location, version: version, hours: hours, outside: outside, key: .v7())
        return try await clinic.bus.request(command, as: clinic.keys.staff(.administrator, account: account))
    }

    private func hours(_ clinic: Clinic, zone: String? = nil, _ from: String = "08:00", _ until: String = "17:00") -> Hours {
        Hours(
            zone: zone ?? clinic.zone, services: [Clinic.service.code],
            weekly: (1...7).map { WeeklyHours(weekday: $0, from: from, until: until) }, from: clinic.day(0), until: clinic.day(90))
    }

    private func history(of practitioner: ID<Practitioner>, at version: Int? = nil, _ clinic: Clinic) async throws -> HoursHistory {
        let query = ReadHoursHistory(practitioner: practitioner, location: clinic.location, version: version)
        return try #require(try await clinic.bus.request(query, as: clinic.keys.staff(.administrator)).reply)
    }

    @Test func aKindOfVisitIsWordedAnewAndItsHistorySaysWhoDidWhat() async throws {
        try await Clinic.open { clinic in
            let (key, type) = (UUID.v7(), VisitService(code: "long-visit", name: ["en": "Long visit", "es": "Visita larga"], minutes: 40))
            #expect(try await keep(type, over: 0, clinic, key: key) == .done(SettingKept(version: 1)))
            #expect(try await keep(type, over: 0, clinic, key: key) == .done(SettingKept(version: 1)), "the same form sent twice")
            #expect(try await keep(type, over: 0, clinic) == .refused(.codeTaken))
            var changed = type
            changed.minutes = 45
            #expect(try await keep(changed, over: 1, clinic) == .done(SettingKept(version: 2)))
            #expect(try await keep(changed, over: 2, clinic) == .done(SettingKept(version: 2)), "nothing changed: no version")
            #expect(try await keep(type, over: 1, clinic) == .refused(.changedMeanwhile(version: 2)))
            try await Fault.hoursOverwrite.injected {
                let written = try await keep(type, over: 1, clinic)
                #expect(written == .done(SettingKept(version: 3)), "without the guard it is written over")
            }
            let query = ReadVisitTypeHistory(code: type.code, version: 2)
            let history = try #require(try await clinic.bus.request(query, as: clinic.keys.staff(.administrator)).reply)
            #expect(history.total == 3 && history.changes.map(\.version) == [3, 2, 1] && history.changes.allSatisfy { $0.account == account })
            #expect(history.before == type && history.after == changed)
            let wrong = VisitService(code: "x", name: ["en": " "], minutes: 4)
            #expect(
                try await keep(wrong, over: 0, clinic)
                    == .refused(
                        .invalid(problems: [EntryProblem("en", .missing), EntryProblem("es", .missing), EntryProblem("minutes", .notPossible)])))
            #expect(try await keep(VisitService(code: "none", name: type.name, minutes: 20), over: 3, clinic) == .refused(.notFound))
        }
    }

    /// A publication says who changed a kind of visit, too.
    @Test func whatThePublicationWordsAnewIsAVersion() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            var longer = Clinic.service
            longer.minutes = 30
            _ = try await clinic.bus.request(clinic.publication(practitioner, service: longer), as: clinic.keys.operator())
            let types = try await clinic.bus.ask(ReadVisitTypes(), as: clinic.keys.staff(.administrator)).types
            #expect(types == [VisitTypeLine(type: longer, version: 2)])
        }
    }

    @Test func hoursChangeFromADayOnAndTheHistorySaysWhatWasThere() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let before = try await history(of: practitioner, clinic).after
            #expect(before.weekly.count == 14 && before.zone == clinic.zone && before.from == clinic.day(0) && before.until == clinic.day(90))
            let shorter = hours(clinic, "09:00", "10:00")
            #expect(try await keep(shorter, of: practitioner, over: 1, clinic) == .done(SettingKept(version: 2)))
            #expect(try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1).count == 3)
            #expect(try await keep(before, of: practitioner, over: 1, clinic) == .refused(.changedMeanwhile(version: 2)))
            let known = try await history(of: practitioner, clinic)
            #expect(known.changes.map(\.account) == [account, nil] && known.before == before && known.after == shorter)
            #expect(try await history(of: practitioner, at: 1, clinic).after == before)
            let all = try await clinic.bus.ask(ReadHours(), as: clinic.keys.staff(.administrator))
            #expect(
                all.hours == [HoursLine(practitioner: practitioner, location: clinic.location, version: 2, hours: shorter)]
                    && all.services == [Clinic.service])
            try await Fault.hoursOverwrite.injected {
                let written = try await keep(before, of: practitioner, over: 1, clinic)
                #expect(written == .done(SettingKept(version: 3)), "without the guard they are written over")
            }
        }
    }

    /// What is booked keeps its instant whatever happens to hours and zone; the writer is told of what lies outside before anything is saved.
    @Test func bookedVisitsStayWhereTheyAreAndAreNamedFirst() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1)
            let (early, late) = (try #require(openings.first), try #require(openings.last))
            var booked: [ID<Appointment>] = []
            for opening in [early, late] { booked.append(try #require(try await clinic.book(opening).reply).appointment) }
            func instants() async throws -> [Date?] {
                var found: [Date?] = []
                for appointment in booked {
                    found.append(
                        try await clinic.bus.request(ReadAppointment(appointment: appointment), as: clinic.keys.worker("notifications")).reply?.start
                            .instant)
                }
                return found
            }
            let before = try await instants()
            let morning = hours(clinic, "08:00", "12:00")
            let named = HoursRefusal.visitsOutside(count: 1, first: [OutsideVisit(start: late.start, service: Clinic.service.code)])
            #expect(try await keep(morning, of: practitioner, over: 1, clinic) == .refused(named))
            #expect(try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1).count == 22, "nothing was saved")
            #expect(try await keep(morning, of: practitioner, over: 1, outside: 2, clinic) == .refused(named), "told of another number")
            #expect(try await keep(morning, of: practitioner, over: 1, outside: 1, clinic) == .done(SettingKept(version: 2)))
            // The same hours by other clocks: 8 to 17 there is 7 to 16 here.
            let elsewhere = hours(clinic, zone: "America/New_York")
            #expect(try await keep(elsewhere, of: practitioner, over: 2, clinic).refusal == named)
            #expect(try await keep(elsewhere, of: practitioner, over: 2, outside: 1, clinic) == .done(SettingKept(version: 3)))
            #expect(try await instants() == before && before.allSatisfy { $0 != nil })
            // Days after the last one count as well; a visit that was cancelled does not.
            var short = hours(clinic)
            short.until = clinic.day(2)
            guard case .visitsOutside(2, let first)? = try await keep(short, of: practitioner, over: 3, clinic).refusal else {
                Issue.record("not two")
                return
            }
            #expect(first.map(\.start) == [early.start, late.start])
        }
    }

    /// Hours go by the clocks of their place; what is booked there keeps its instant, and is named before.
    @Test func anotherZoneOfAPlaceMovesItsHoursAndNoVisit() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1).first)
            _ = try await clinic.book(opening)
            let administrator = try await clinic.keys.staff(.administrator)
            let ahead = try await clinic.bus.ask(ReadVisitsAhead(location: clinic.location), as: administrator)
            #expect(ahead == VisitsAhead(count: 1, first: [OutsideVisit(start: opening.start, service: Clinic.service.code)]))
            #expect(try await clinic.bus.ask(ReadVisitsAhead(location: .init()), as: administrator).count == 0)
            let moved = PlaceChanged(location: clinic.location, version: 2, zone: "America/New_York", account: account)
            try await clinic.test.hear(moved, handler: "move-hours-on-place-changed")
            let known = try await history(of: practitioner, clinic)
            #expect(known.total == 2 && known.changes.first?.account == account)
            #expect(known.before?.zone == "America/Chicago" && known.after.zone == "America/New_York" && known.after.weekly == known.before?.weekly)
            // Eight in New York is seven in Chicago: the hours begin an hour earlier, the visit does not.
            let first = try #require(try await clinic.openings(of: practitioner, from: clinic.day(4), days: 1).first)
            #expect(first.start.zone == "America/New_York" && first.start.local.hasSuffix("T08:00"))
            #expect(try await clinic.bus.ask(ReadVisitsAhead(location: clinic.location), as: administrator) == ahead)
            // Heard again, older, and of the zone there is already: nothing new.
            for version in [2, 1, 3] {
                let zone = version == 1 ? "America/Denver" : "America/New_York"
                try await clinic.test.hear(
                    PlaceChanged(location: clinic.location, version: version, zone: zone), handler: "move-hours-on-place-changed")
            }
            #expect(try await history(of: practitioner, clinic).total == 2)
        }
    }

    @Test func whatCannotBeIsRefused() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            func refusal(_ change: (inout Hours) -> Void) async throws -> HoursRefusal? {
                var hours = hours(clinic)
                change(&hours)
                return try await keep(hours, of: practitioner, over: 1, clinic).refusal
            }
            #expect(try await refusal { $0.zone = "Mars/Olympus" } == .unknownZone)
            #expect(try await refusal { $0.services = ["nothing"] } == .invalidServices)
            #expect(try await refusal { $0.services = [] } == .invalidServices)
            #expect(try await refusal { $0.weekly[0].from = "18:00" } == .invalidHours)
            #expect(try await refusal { $0.from = clinic.day(91) } == .invalidDays)
            #expect(try await history(of: practitioner, clinic).total == 1)
            let nurse = try await clinic.keys.staff(.nurse)
            await #expect(throws: BusError.notAllowed) { try await clinic.bus.ask(ReadHours(), as: nurse) }
        }
    }
}
