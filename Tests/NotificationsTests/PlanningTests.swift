import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Sealing
import Synchronization
import TestSupport
import Testing
@testable import Notifications

@Suite struct PlanningTests {
    @Test func aBookingIsConfirmedNowAndRemindedOfTheDayBefore() async throws {
        try await withScene { scene in
            let event = try scene.visit()
            try await scene.book(event)
            try await scene.book(event)  // as when the inbox has forgotten it
            #expect(
                try await scene.states(event) == [
                    "v2 confirmation email scheduled", "v2 confirmation sms scheduled", "v2 reminder email scheduled", "v2 reminder sms scheduled",
                ])
            let answer = try await scene.service.bus.request(ReadNotices(appointment: event.appointment), as: scene.service.keys.staff(.frontDesk))
            guard case .done(let notices) = answer else { throw BusError.failed }
            #expect(notices.notices.count == 8)
            #expect(
                notices.notices.filter { $0.rule == "day-before" || $0.rule == "week-before" }.allSatisfy {
                    $0.kind == "reminder" && $0.due.local.hasSuffix("T10:00") && $0.due.zone == "America/Chicago"
                })
            // Patients and strangers are not answered, and the trail says that they asked.
            await #expect(throws: BusError.notAllowed) {
                _ = try await scene.service.bus.request(ReadNotices(appointment: event.appointment), as: scene.service.keys.patient(event.patient))
            }
        }
    }

    @Test func aChannelThatIsOffIsNotTriedAndLaterItMayBeOn() async throws {
        try await withScene(off: [.sms]) { scene in
            let event = try scene.visit()
            try await scene.book(event)
            #expect(
                try await scene.states(event) == [
                    "v2 confirmation email scheduled", "v2 confirmation sms suppressed channel-off", "v2 reminder email scheduled",
                    "v2 reminder sms scheduled",
                ])
        }
    }

    @Test func aVisitTooSoonForAReminderSaysSo() async throws {
        try await withScene { scene in
            let event = try scene.visit(inHours: 1)
            try await scene.book(event)
            #expect(
                try await scene.states(event, kind: .reminder) == ["v2 reminder email suppressed too-soon", "v2 reminder sms suppressed too-soon"])
        }
    }

    /// Versions decide, in whatever order the events come.
    @Test(arguments: [[2, 3, 4], [2, 4, 3], [3, 2, 4], [3, 4, 2], [4, 2, 3], [4, 3, 2]])
    func theOrderOfEventsIsIrrelevant(_ order: [Int]) async throws {
        try await withScene { scene in
            let event = try scene.visit()
            for version in order { try await tell(scene, event, version) }
            let states = try await scene.states(event)
            #expect(states.filter { $0.hasSuffix("scheduled") } == ["v4 cancellation email scheduled", "v4 cancellation sms scheduled"])
            #expect(states.allSatisfy { $0.hasPrefix("v4") || $0.contains("superseded") })
        }
    }

    /// The same, with the handlers of different queues at work at once.
    @Test func eventsAtOnceLeaveNothingOfAnOldVersion() async throws {
        try await withScene { scene in
            let events = try (0..<25).map { _ in try scene.visit() }
            try await withThrowingTaskGroup { group in
                for event in events { for version in [2, 3, 4].shuffled() { group.addTask { try await tell(scene, event, version) } } }
                try await group.waitForAll()
            }
            for event in events {
                let scheduled = try await scene.states(event).filter { $0.hasSuffix("scheduled") }
                #expect(scheduled == ["v4 cancellation email scheduled", "v4 cancellation sms scheduled"])
            }
        }
    }

    private func tell(_ scene: Scene, _ event: AppointmentBooked, _ version: Int) async throws {
        switch version {
        case 2: try await scene.book(event)
        case 3:
            try await scene.service.hear(
                AppointmentRescheduled(
                    appointment: event.appointment, version: 3, patient: event.patient, practitioner: event.practitioner, location: event.location,
                    start: ZonedTime(event.start.instant.addingTimeInterval(86_400), in: zone("America/Chicago")), end: event.end),
                handler: "supersede-on-appointment-rescheduled")
        default: try await scene.cancel(event, version: 4)
        }
    }

    @Test(arguments: ["hold-expired", "patient-deceased"])
    func someCancellationsAreToldToNobody(_ reason: String) async throws {
        try await withScene { scene in
            let event = try scene.visit()
            try await scene.book(event)
            try await scene.cancel(event, reason: reason)
            #expect(try await scene.states(event).allSatisfy { $0.hasPrefix("v2") && $0.hasSuffix("superseded cancelled") })
        }
    }

    @Test func remindersFollowTheClockWhereThePatientLives() async throws {
        try await withScene { scene in
            let event = try scene.visit { $0.zone = "America/Los_Angeles" }
            _ = try scene.service.keys.store.makeKey(of: event.patient.uuid)
            try await scene.book(event)
            #expect(try await dueZones(scene, event) == ["America/Chicago"])  // not known yet
            try await scene.refresher.round()
            #expect(try await dueZones(scene, event) == ["America/Los_Angeles"])

            // The next booking knows it from the sealed copy, which holds no address.
            let second = AppointmentBooked(
                appointment: .init(), version: 2, patient: event.patient, practitioner: .init(), location: .init(), start: event.start, end: event.end
            )
            try await scene.book(second)
            #expect(try await dueZones(scene, second) == ["America/Los_Angeles"])

            // A move is announced: the copy goes, and the answer to the next question is kept.
            scene.owners.facts.withLock {
                $0.contacts[event.patient]?.zone = "America/Denver"
                $0.contacts[event.patient]?.version = 2
            }
            try await scene.service.hear(ContactChanged(patient: event.patient, version: 2), handler: "refresh-on-contact-changed")
            try await scene.refresher.round()
            #expect(try await dueZones(scene, event) == ["America/Denver"])
            // Told again, late: nothing to do.
            try await scene.service.hear(ContactChanged(patient: event.patient, version: 1), handler: "refresh-on-contact-changed")
            #expect(try await scene.refresher.round() == 0)
        }
    }

    @Test func whoMovesTheDayBeforeIsStillReminded() async throws {
        try await withScene { scene in
            let (home, clinic) = (try zone("America/Los_Angeles"), try zone("America/Chicago"))
            var event = try scene.visit { $0.zone = "America/Los_Angeles" }
            let start = WallClock(Date(), in: home).instant(atMinute: 9 * 60, daysLater: 10)
            (event.start, event.end) = (ZonedTime(start, in: clinic), ZonedTime(start.addingTimeInterval(1_200), in: clinic))
            _ = try scene.service.keys.store.makeKey(of: event.patient.uuid)
            try await scene.book(event)
            // Less than 26 hours before the visit, and a minute before they are reminded where they live now.
            let due = ReminderPlan(.dayBefore, startsAt: start, patientZone: home, now: Date()).due.instant
            let refresher = ContactRefresher(
                database: scene.service, bus: scene.owners, sealer: Sealer(schema: "notifications", store: scene.service.keys.store),
                numbers: Scene.numbers, now: { due.addingTimeInterval(-60) })
            #expect(try await refresher.round() == 1)
            #expect(try await dueZones(scene, event).contains("America/Los_Angeles"))
            #expect(try await scene.states(event, kind: .reminder) == ["v2 reminder email scheduled", "v2 reminder sms scheduled"])
        }
    }

    private func dueZones(_ scene: Scene, _ event: AppointmentBooked) async throws -> Set<String> {
        Set(
            try await scene.ledger.database.transaction { tx in
                try await tx.all("SELECT due_zone FROM intent WHERE appointment = \(event.appointment.uuid) AND kind = 'reminder'", as: String.self)
            })
    }
}
