import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// Visits that take a room or a device beside the clinician: all of them or nothing.
@Suite struct ResourceTests {
    private static let procedure = "procedure"

    /// A clinician whose only kind of visit needs these.
    private func practitioner(_ needs: [String], capacity: Int = 1, _ clinic: Clinic) async throws -> ID<Practitioner> {
        let practitioner = ID<Practitioner>()
        let service = VisitService(
            code: Self.procedure, name: ["en": "Procedure"], minutes: 20, rules: VisitRules(capacity: capacity, needs: needs))
        _ = try await clinic.bus.request(clinic.publication(practitioner, service: service), as: clinic.keys.operator())
        return practitioner
    }

    @discardableResult
    private func add(_ name: String, _ sort: String, kind: PlaceResource.Kind = .room, _ clinic: Clinic) async throws -> PlaceResource {
        let resource = PlaceResource(id: .v7(), location: clinic.location, kind: kind, sort: sort, name: name)
        let answer = try await clinic.bus.request(
            KeepResource(resource: resource, version: 0, key: .v7()), as: clinic.keys.staff(.administrator))
        #expect(answer.reply?.version == 1)
        return resource
    }

    private func openings(_ practitioner: ID<Practitioner>, _ clinic: Clinic) async throws -> [Opening] {
        let query = FindOpenings(service: Self.procedure, practitioner: practitioner, fromDay: clinic.day(3), days: 1, limit: 200)
        return try await clinic.bus.ask(query, as: clinic.keys.staff()).openings
    }

    /// Names of rooms and devices by visit.
    private func taken(_ clinic: Clinic) async throws -> [ID<Appointment>: [String]] {
        let rows = try await clinic.test.pool.asWorker(of: "scheduling") { tx in
            try await tx.all(
                "SELECT t.appointment, r.name FROM resource_time t JOIN resource r ON r.id = t.resource ORDER BY r.name", as: UUID.self, String.self)
        }
        return Dictionary(grouping: rows) { ID($0.0) }.mapValues { $0.map(\.1) }
    }

    @Test func aVisitTakesTheClinicianARoomAndADeviceOrNothing() async throws {
        try await Clinic.open { clinic in
            let (one, other) = (try await practitioner(["room", "ecg"], clinic), try await practitioner(["room", "ecg"], clinic))
            #expect(try await openings(one, clinic).isEmpty, "there is no room yet")
            try await add("Room 1", "room", clinic)
            try await add("Room 2", "room", clinic)
            try await add("ECG", "ecg", kind: .device, clinic)
            let first = try #require(try await openings(one, clinic).first)
            let visit = ID<Appointment>()
            #expect(try await clinic.book(first, appointment: visit).reply != nil)
            #expect(try await taken(clinic) == [visit: ["ECG", "Room 1"]])
            let desk = try await clinic.keys.staff(.frontDesk)
            let day = try await clinic.bus.ask(ReadCalendar(from: first.start.day, days: 1, withResources: true), as: desk)
            #expect(day.resources?.map(\.name) == ["Room 1", "Room 2", "ECG"])
            #expect(day.resources?.map(\.appointments) == [[visit], [], [visit]])
            let nurse = try await clinic.bus.ask(
                ReadCalendar(from: first.start.day, days: 1, withResources: true), as: clinic.keys.staff(.nurse))
            #expect(nurse.resources?.allSatisfy { $0.appointments.isEmpty } == true, "whose visit it is they may not know")
            #expect(try await clinic.bus.ask(ReadCalendar(from: first.start.day, days: 1), as: desk).resources == nil)
            // A room is left, the device is not: the other clinician is free and has nothing to offer then.
            #expect(try await openings(other, clinic).allSatisfy { $0.start.instant != first.start.instant })
            var same = first
            same.practitioner = other
            let patient = ID<Patient>()
            guard case .refused(.resourceTaken(let names, let near)) = try await clinic.book(same, for: patient) else {
                throw Unexpected("no refusal")
            }
            #expect(names == ["ECG"] && !near.isEmpty)
            guard case .refused(.resourceTaken(["ECG"], _)) = try await clinic.hold(same, for: patient) else { throw Unexpected("held") }
            #expect(try await taken(clinic) == [visit: ["ECG", "Room 1"]], "nothing is left of what was refused")
            // A second device, and both are there at one time in two rooms.
            try await add("ECG 2", "ecg", kind: .device, clinic)
            let second = ID<Appointment>()
            #expect(try await clinic.book(same, for: patient, appointment: second).reply != nil)
            #expect(try await taken(clinic) == [visit: ["ECG", "Room 1"], second: ["ECG 2", "Room 2"]])
            // Given back, they are free for others.
            #expect(try await clinic.cancel(second, of: patient).reply != nil)
            #expect(try await taken(clinic) == [visit: ["ECG", "Room 1"]])
        }
    }

    /// Many clinicians, two rooms: whoever gets the time has a room of their own, and the constraint says so.
    @Test func ofManyAtOnceAsManyAreBookedAsThereAreRooms() async throws {
        try await Clinic.open { clinic in
            var practitioners: [ID<Practitioner>] = []
            for _ in 0..<8 { practitioners.append(try await practitioner(["room"], clinic)) }
            for number in 1...2 { try await add("Room \(number)", "room", clinic) }
            let first = try #require(try await openings(practitioners[0], clinic).first)
            let booked = try await withThrowingTaskGroup(of: Int.self) { group in
                for practitioner in practitioners {
                    group.addTask {
                        var opening = first
                        opening.practitioner = practitioner
                        switch try await clinic.book(opening) {
                        case .done: return 1
                        case .refused(.resourceTaken(let names, _)):
                            #expect(names == ["Room 1", "Room 2"])
                            return 0
                        case .refused(let refusal): throw Unexpected("\(refusal)")
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(booked == 2)
            #expect(Set(try await taken(clinic).values) == [["Room 1"], ["Room 2"]])
            // The constraint, whatever the service thinks.
            let pool = clinic.test.database.pool(clinic.test.database.owner)
            await #expect(throws: DatabaseError.self) {
                try await pool.run(
                    "UPDATE resource_time SET resource = (SELECT min(resource::text)::uuid FROM resource_time WHERE is_other) WHERE is_other")
            }
            await pool.close()
        }
    }

    @Test func aVisitThatMovesTakesItsRoomAlong() async throws {
        try await Clinic.open { clinic in
            let (one, other) = (try await practitioner(["room"], clinic), try await practitioner(["room"], clinic))
            try await add("Room 1", "room", clinic)
            let times = try await openings(one, clinic)
            let (patient, visit) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.book(times[0], for: patient, appointment: visit).reply != nil)
            func move(to opening: Opening, version: Int) async throws -> Answer<RescheduleAppointment> {
                let command = RescheduleAppointment(
                    appointment: visit, patient: patient, version: version, practitioner: opening.practitioner, location: opening.location,
                    start: opening.start.instant, key: .v7())
                return try await clinic.bus.request(command, as: clinic.keys.staff(.frontDesk))
            }
            #expect(try await move(to: times[3], version: 1).reply != nil)
            #expect(try await taken(clinic) == [visit: ["Room 1"]])
            #expect(try await openings(other, clinic).map(\.start.instant).contains(times[0].start.instant))
            // The same time with another clinician: its own room is not in its way.
            var same = times[3]
            same.practitioner = other
            #expect(try await move(to: same, version: 2).reply != nil)
            #expect(try await taken(clinic) == [visit: ["Room 1"]])
            // Somebody else has the room then: the visit stays as it is, and is told why.
            #expect(try await clinic.book(times[5]).reply != nil)
            var wanted = times[5]
            wanted.practitioner = other
            guard case .refused(.resourceTaken(["Room 1"], _)) = try await move(to: wanted, version: 3) else { throw Unexpected("moved") }
            #expect(try await taken(clinic)[visit] == ["Room 1"])
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func aSeriesTakesARoomEachTimeAndAGroupOneTogether() async throws {
        try await Clinic.open { clinic in
            let (one, other) = (try await practitioner(["room"], clinic), try await practitioner(["room"], clinic))
            try await add("Room 1", "room", clinic)
            let first = try #require(try await openings(one, clinic).first)
            var later = first
            later.practitioner = other
            let series = BookSeries(
                series: .v7(), patient: .init(), practitioner: one, location: clinic.location, service: Self.procedure, start: first.start.instant,
                weeks: 1, count: 4)
            #expect(try await clinic.bus.request(series, as: clinic.keys.staff(.frontDesk), within: .seconds(20)).reply?.booked.count == 4)
            #expect(try await taken(clinic).count == 4)
            guard case .refused(.resourceTaken) = try await clinic.book(later) else { throw Unexpected("the room was given twice") }
        }
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(["room"], capacity: 3, clinic)
            try await add("Room 1", "room", clinic)
            try await add("Room 2", "room", clinic)
            let opening = try #require(try await openings(practitioner, clinic).first)
            for _ in 0..<3 { #expect(try await clinic.book(opening).reply != nil) }
            let rooms = try await taken(clinic)
            #expect(rooms.count == 3 && rooms.values.allSatisfy { $0 == ["Room 1"] })
            #expect(try await openings(practitioner, clinic).first?.start.instant != opening.start.instant)
        }
    }

    @Test func aHoldThatHasLapsedGivesItsRoomBack() async throws {
        try await Clinic.open(Bookings(holdSeconds: 0.3)) { clinic in
            let (one, other) = (try await practitioner(["room"], clinic), try await practitioner(["room"], clinic))
            try await add("Room 1", "room", clinic)
            let first = try #require(try await openings(one, clinic).first)
            #expect(try await clinic.hold(first, for: .init()).reply != nil)
            var same = first
            same.practitioner = other
            try await Task.sleep(for: .milliseconds(400))
            #expect(try await clinic.book(same).reply != nil)
        }
    }

    @Test func whatIsOutOfUseIsGivenToNobodyAndCannotBeSaidTwice() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(["room"], clinic)
            var room = try await add("Room 1", "room", clinic)
            let administrator = try await clinic.keys.staff(.administrator)
            func keep(_ resource: PlaceResource, version: Int) async throws -> Answer<KeepResource> {
                try await clinic.bus.request(KeepResource(resource: resource, version: version, key: .v7()), as: administrator)
            }
            #expect(try await !openings(practitioner, clinic).isEmpty)
            room.isRetired = true
            #expect(try await keep(room, version: 1).reply?.version == 2)
            #expect(try await openings(practitioner, clinic).isEmpty)
            #expect(try await keep(room, version: 1).refusal == .changedMeanwhile(version: 2))
            let none = PlaceResource(id: .v7(), location: clinic.location, kind: .room, sort: "Room!", name: " ")
            #expect(
                try await keep(none, version: 0).refusal
                    == .invalid(problems: [EntryProblem("sort", .notPossible), EntryProblem("name", .missing)]))
            let unknown = PlaceResource(id: .v7(), location: clinic.location, kind: .room, sort: "x", name: "X")
            #expect(try await keep(unknown, version: 1).refusal == .notFound)
            #expect(try await clinic.bus.ask(ReadResources(), as: administrator).lines == [ResourceLine(resource: room, version: 2)])
        }
    }
}
