import Access
import Contracts
import FHIR
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// Visits and times in the words of FHIR R4: what is made passes the validation that files from elsewhere pass.
@Suite struct FHIRTests {
    private func read(_ found: FoundResource) throws -> JSONNode {
        let resource = try JSONDocument(found.json).root
        #expect(Validation.problems(of: resource) == [], "\(found.json)")
        #expect(resource.string("resourceType") == found.type && resource.string("id") == found.id && Primitive.isID(found.id))
        return resource
    }

    private func page<Search: Query>(_ query: Search, as token: ActorToken, _ clinic: Clinic) async throws -> FoundResources
    where Search.Reply == FoundResources, Search.Refusal == SearchRefusal {
        try #require(try await clinic.bus.request(query, as: token).reply)
    }

    private func visits(_ query: SearchAppointments, _ clinic: Clinic) async throws -> [JSONNode] {
        try await page(query, as: try await clinic.keys.patient(query.patient), clinic).resources.map(read)
    }

    private func schedule(of practitioner: ID<Practitioner>, _ clinic: Clinic) async throws -> JSONNode {
        let found = try await page(SearchSchedules(practitioner: practitioner), as: try await clinic.keys.staff(), clinic)
        #expect(found.total == 1 && found.next == nil)
        return try read(try #require(found.resources.first))
    }

    private func slots(_ query: SearchSlots, as token: ActorToken, _ clinic: Clinic) async throws -> [JSONNode] {
        try await page(query, as: token, clinic).resources.map(read)
    }

    private func statuses(_ resource: JSONNode) -> [String?] { resource.list("participant").map { $0.string("status") } }

    private func day(_ number: Int, _ clinic: Clinic) throws -> Date {
        try Date.ISO8601FormatStyle().parse(clinic.day(number) + "T00:00:00Z")
    }

    @Test func aVisitIsAnAppointmentOfTheSameId() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3))
            let (patient, id) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.hold(openings[0], for: patient, appointment: id).reply != nil)
            let held = try #require(try await visits(SearchAppointments(patient: patient), clinic).first)
            #expect(held.string("status") == "pending" && statuses(held) == ["tentative", "tentative", "tentative"])
            #expect(try await clinic.book(openings[0], for: patient, appointment: id).reply != nil)
            let booked = try #require(try await visits(SearchAppointments(patient: patient, only: id), clinic).first)
            #expect(booked.string("status") == "booked" && booked["meta"]?.string("versionId") == "2")
            #expect(statuses(booked) == ["needs-action", "accepted", "accepted"])
            #expect(
                booked.list("participant").map { $0.reference("actor") }
                    == ["Patient/\(patient)", "Practitioner/\(practitioner)", "Location/\(clinic.location)"])
            #expect(booked["minutesDuration"]?.literal == "20" && booked.list("serviceType").first?.string("text") == "Office visit")
            // By the clocks of the place, with the offset they had and their zone.
            let written = try #require(booked.string("start"))
            #expect(written.hasPrefix(openings[0].start.local + ":00-0") && FHIRDate(written)?.start == openings[0].start.instant)
            #expect(booked["_start"]?.list("extension").first?.string("valueCode") == "America/Chicago")
            // That they come is known of this time alone.
            let answer = RespondToAppointment(
                appointment: id, patient: patient, start: openings[0].start.instant, accepts: true, key: .v7())
            #expect(try await clinic.bus.request(answer, as: clinic.keys.worker("notifications")).reply != nil)
            let accepted = try #require(try await visits(SearchAppointments(patient: patient), clinic).first)
            #expect(statuses(accepted).first == "accepted")
            func updated(_ visit: JSONNode) throws -> Date { try #require(visit["meta"]?.string("lastUpdated").flatMap(FHIRDate.init)?.start) }
            #expect(try updated(accepted) > updated(booked))
            #expect(try await clinic.cancel(id, of: patient).reply != nil)
            let cancelled = try #require(try await visits(SearchAppointments(patient: patient), clinic).first)
            #expect(cancelled.string("status") == "cancelled" && statuses(cancelled).first == "declined")
            #expect(cancelled["cancelationReason"]?.list("coding").first?.string("code") == "pat")
            #expect(try updated(cancelled) > updated(accepted))
            #expect(try await visits(SearchAppointments(patient: patient, statuses: ["booked"]), clinic).isEmpty)
            #expect(try await visits(SearchAppointments(patient: patient, only: .init()), clinic).isEmpty)
        }
    }

    @Test func everyStepOfAVisitHasItsStatusAndNobodysWords() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let (patient, id) = (ID<Patient>(), ID<Appointment>())
            let over = BookOver(
                appointment: id, patient: patient, practitioner: practitioner, location: opening.location, service: opening.service,
                start: opening.start.day + "T05:10", reason: "Qzfever", collisions: 0, key: .v7())
            var answer = try await clinic.bus.request(over, as: clinic.keys.staff(.frontDesk))
            if case .refused(.collides(let with)) = answer {
                var told = over
                (told.collisions, told.key) = (with.count, .v7())
                answer = try await clinic.bus.request(told, as: clinic.keys.staff(.frontDesk))
            }
            #expect(answer.reply != nil)
            for status in ["booked", "arrived", "checked-in", "fulfilled", "noshow", "entered-in-error"] {
                try await clinic.test.pool.asWorker(of: "scheduling") { tx in
                    _ = try await tx.run("UPDATE appointment SET status = \(status), version = version + 1 WHERE id = \(id.uuid)")
                }
                let found = try await page(SearchAppointments(patient: patient), as: try await clinic.keys.staff(.frontDesk), clinic)
                let visit = try read(try #require(found.resources.first))
                #expect(visit.string("status") == status && visit["slot"] == nil && visit["cancelationReason"] == nil)
                #expect(!(found.resources.first?.json.contains("Qz") ?? true))
                let own = try await visits(SearchAppointments(patient: patient), clinic)
                #expect(own.count == (status == "entered-in-error" ? 0 : 1), "what was an error patients are not told")
            }
        }
    }

    @Test func pagesFollowEachOtherAndASeriesBelongsTogether() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1)
            let (patient, series) = (ID<Patient>(), UUID.v7())
            let command = BookSeries(
                series: series, patient: patient, practitioner: practitioner, location: clinic.location, service: Clinic.service.code,
                start: openings[0].start.instant, weeks: 1, count: 5)
            #expect(try await clinic.bus.request(command, as: clinic.keys.staff(.frontDesk)).reply?.booked.count == 5)
            #expect(try await clinic.book(openings[4], for: patient).reply != nil)
            #expect(try await clinic.book(openings[7], for: .init()).reply != nil, "somebody else's")
            let me = try await clinic.keys.patient(patient)
            var (ids, after): ([String], String?) = ([], nil)
            repeat {
                let found = try await page(SearchAppointments(patient: patient, count: 4, after: after), as: me, clinic)
                #expect(found.total == 6 && found.resources.count == (after == nil ? 4 : 2))
                ids += found.resources.map(\.id)
                after = found.next
            } while after != nil
            let all = try await visits(SearchAppointments(patient: patient), clinic)
            #expect(ids == all.map { $0.string("id") } && Set(ids).count == 6)
            let tags = all.map { $0["meta"]?.list("tag").first?.string("code") }
            #expect(tags.filter { $0 == series.text }.count == 5 && tags[1] == nil)
            let days = SearchAppointments(patient: patient, from: try day(4, clinic), until: try day(18, clinic))
            #expect(try await visits(days, clinic).count == 2)
            func refusal(_ query: SearchAppointments) async throws -> SearchRefusal? { try await clinic.bus.request(query, as: me).refusal }
            #expect(try await refusal(SearchAppointments(patient: patient, statuses: ["bookd"])) == .unknownStatus)
            #expect(try await refusal(SearchAppointments(patient: patient, after: "nothing")) == .unknownID)
            let backwards = SearchAppointments(patient: patient, from: try day(18, clinic), until: try day(4, clinic))
            #expect(try await refusal(backwards) == .wrongPeriod)
            await #expect(throws: BusError.notAllowed) {
                try await clinic.bus.request(SearchAppointments(patient: patient), as: clinic.keys.patient(.init()))
            }
        }
    }

    @Test func aTimeIsOneSlotWhoeverTakesIt() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1)
            let schedule = try await schedule(of: practitioner, clinic)
            let id = try #require(schedule.string("id").flatMap { UUID(text: $0) })
            #expect(schedule.list("actor").map { $0.string("reference") } == ["Practitioner/\(practitioner)", "Location/\(clinic.location)"])
            #expect(schedule["active"]?.bool == true && schedule["planningHorizon"]?.string("end") == clinic.day(90))
            let desk = try await clinic.keys.staff(.frontDesk)
            let whole = SearchSlots(schedule: id, from: try day(3, clinic), until: try day(4, clinic) + 6 * 3_600, count: 200)
            let free = try await slots(whole, as: desk, clinic)
            #expect(free.count == 24 && free.allSatisfy { $0.string("status") == "free" && $0.reference("schedule") == "Schedule/\(id.text)" })

            let (patient, visit) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.book(openings[0], for: patient, appointment: visit).reply != nil)
            #expect(try await clinic.hold(openings[1], for: .init()).reply != nil)
            let leave = KeepAbsence(
                id: .v7(),
                what: .leave(practitioner: practitioner, from: openings[2].start.local, until: openings[3].start.local, zone: clinic.zone), note: "")
            #expect(try await clinic.bus.request(leave, as: desk).reply != nil)
            let after = try await slots(whole, as: desk, clinic)
            #expect(after.map { $0.string("id") } == free.map { $0.string("id") }, "their ids stay")
            #expect(after.prefix(4).map { $0.string("status") } == ["busy", "busy-tentative", "busy-unavailable", "free"])
            let me = try await clinic.keys.patient(patient)
            let seen = try await slots(whole, as: me, clinic)
            #expect(seen.prefix(4).map { $0.string("status") } == ["busy", "busy", "busy", "free"], "a leave is no affair of theirs")

            // An appointment names the time it takes, which is found by that name.
            let slot = try #require(try await visits(SearchAppointments(patient: patient), clinic).first?.list("slot").first?.string("reference"))
            let named = String(slot.dropFirst("Slot/".count))
            #expect(named == after[0].string("id"))
            let one = try await slots(SearchSlots(schedule: .v7(), only: named), as: me, clinic)
            #expect(one.map { $0.string("start") } == [after[0].string("start")])

            var open = whole
            (open.statuses, open.count) = (["free"], 8)
            var (ids, next): ([String], String?) = ([], nil)
            repeat {
                open.after = next
                let found = try await page(open, as: me, clinic)
                #expect(found.total == 21)
                ids += found.resources.map(\.id)
                next = found.next
            } while next != nil
            #expect(ids == after.filter { $0.string("status") == "free" }.compactMap { $0.string("id") })
            #expect(try await slots(SearchSlots(schedule: .v7()), as: me, clinic).isEmpty)
            func refusal(_ query: SearchSlots) async throws -> SearchRefusal? { try await clinic.bus.request(query, as: me).refusal }
            #expect(try await refusal(SearchSlots(schedule: id, statuses: ["taken"])) == .unknownStatus)
            #expect(try await refusal(SearchSlots(schedule: id, only: "\(id.text).1.x")) == .unknownID)
            #expect(try await refusal(SearchSlots(schedule: id, after: "1.2.3")) == .unknownID)
            #expect(try await refusal(SearchSlots(schedule: id, from: try day(3, clinic), until: try day(40, clinic))) == .wrongPeriod)
            #expect(try await refusal(SearchSlots(schedule: id, from: try day(3, clinic), until: try day(3, clinic))) == .wrongPeriod)
        }
    }

    @Test func whatPatientsDoNotSeeIsNoSlotOfTheirs() async throws {
        try await Clinic.open { clinic in
            let practitioner = ID<Practitioner>()
            var hidden = Clinic.service
            hidden.rules = VisitRules(mode: .off)
            _ = try await clinic.bus.request(clinic.publication(practitioner, service: hidden), as: clinic.keys.operator())
            let id = try #require(try await schedule(of: practitioner, clinic).string("id").flatMap { UUID(text: $0) })
            let me = try await clinic.keys.patient(.init())
            #expect(try await slots(SearchSlots(schedule: id), as: clinic.keys.staff(.frontDesk), clinic).count == 50)
            #expect(try await slots(SearchSlots(schedule: id), as: me, clinic).isEmpty)
            let told = try await page(SearchSchedules(only: id), as: me, clinic).resources.map(read)
            #expect(told.count == 1 && told.first?.list("serviceType").isEmpty == true)
        }
    }

    @Test func roomsAndDevicesTakePart() async throws {
        try await Clinic.open { clinic in
            let room = PlaceResource(id: .v7(), location: clinic.location, kind: .room, sort: "room", name: "Room 1")
            _ = try await clinic.bus.request(
                KeepResource(resource: room, version: 0, key: .v7()), as: clinic.keys.staff(.administrator))
            var service = Clinic.service
            service.rules = VisitRules(needs: ["room"])
            let practitioner = ID<Practitioner>()
            _ = try await clinic.bus.request(clinic.publication(practitioner, service: service), as: clinic.keys.operator())
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let patient = ID<Patient>()
            #expect(try await clinic.book(opening, for: patient).reply != nil)
            let visit = try #require(try await visits(SearchAppointments(patient: patient), clinic).first)
            let actor = visit.list("participant").last?["actor"]
            #expect(actor?.string("display") == "Room 1" && actor?.string("type") == "Location")
            #expect(actor?["identifier"]?.string("value") == room.id.text)
        }
    }

    @Test(arguments: [
        ("2026-11-24T10:40", "America/Chicago", "2026-11-24T16:40:00Z", "2026-11-24T10:40:00-06:00"),
        ("2026-07-01T00:15", "Asia/Kolkata", "2026-06-30T18:45:00Z", "2026-07-01T00:15:00+05:30"),
        ("2026-01-02T09:00", "UTC", "2026-01-02T09:00:00Z", "2026-01-02T09:00:00+00:00"),
        // The second time the clocks show it.
        ("2026-11-01T01:30", "America/Chicago", "2026-11-01T07:30:00Z", "2026-11-01T01:30:00-06:00"),
    ])
    func anInstantBearsItsOffset(_ local: String, _ zone: String, _ instant: String, _ written: String) throws {
        let time = ZonedTime(try Date.ISO8601FormatStyle().parse(instant), local: local, zone: zone)
        #expect(time.written == written && FHIRDate.isInstant(written))
    }
}
