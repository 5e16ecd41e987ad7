import Contracts
import Foundation
import Testing
@testable import Notifications

@Suite struct PlanTests {
    private func plan(_ start: String, _ zoneName: String, now: String) throws -> String {
        let (start, zone, now) = (try date(start), try zone(zoneName), try date(now))
        let plans = ReminderPlan.ladder.filter { ReminderPlan.applies($0, of: ReminderPlan.usual, startsAt: start, zone: zone, booked: now) }
            .map { ReminderPlan($0, startsAt: start, patientZone: zone, now: now) }
        // The one that can still come; else the last there is.
        let plan =
            plans.first { $0.suppressed == nil || $0.suppressed == .outsideHours }
            ?? ReminderPlan(.twoHoursBefore, startsAt: start, patientZone: zone, now: now)
        return [plan.timing.rawValue, plan.due.local, plan.suppressed?.rawValue].compactMap(\.self).joined(separator: " ")
    }

    @Test(arguments: [
        // start, zone of the patient, booked at, what follows
        ("2026-11-24T16:40:00Z", "America/Chicago", "2026-11-20T12:00:00Z", "day-before 2026-11-23T10:00"),
        // The same visit by the clock of somebody who lives further west, and of one who lives where it is the next day already.
        ("2026-11-24T16:40:00Z", "Pacific/Honolulu", "2026-11-20T12:00:00Z", "day-before 2026-11-23T10:00"),
        ("2026-11-24T16:40:00Z", "Asia/Tokyo", "2026-11-20T12:00:00Z", "day-before 2026-11-24T10:00"),
        // Exactly 26 hours ahead, and a second less.
        ("2026-11-24T15:00:00Z", "America/Chicago", "2026-11-23T13:00:00Z", "day-before 2026-11-23T10:00"),
        ("2026-11-24T15:00:00Z", "America/Chicago", "2026-11-23T13:00:01Z", "two-hours-before 2026-11-24T07:00 outside-hours"),
        ("2026-11-24T18:00:00Z", "America/Chicago", "2026-11-24T12:00:00Z", "two-hours-before 2026-11-24T10:00"),
        // More than 26 hours ahead, but ten o'clock of the day before is over.
        ("2026-11-25T01:30:00Z", "America/Chicago", "2026-11-23T18:00:00Z", "two-hours-before 2026-11-24T17:30"),
        ("2026-11-24T18:00:00Z", "America/Chicago", "2026-11-24T16:30:00Z", "two-hours-before 2026-11-24T10:00 too-soon"),
        ("2026-11-24T18:00:00Z", "America/Chicago", "2026-11-24T18:00:00Z", "two-hours-before 2026-11-24T10:00 past"),
        // Nine and twenty-one are the ends: the first is inside, the second is not.
        ("2026-11-24T17:00:00Z", "America/Chicago", "2026-11-24T12:00:00Z", "two-hours-before 2026-11-24T09:00"),
        ("2026-11-25T05:00:00Z", "America/Chicago", "2026-11-24T12:00:00Z", "two-hours-before 2026-11-24T21:00 outside-hours"),
        // The clocks change between the reminder and the visit: 10:00 stays 10:00.
        ("2026-11-01T15:00:00Z", "America/Chicago", "2026-10-20T12:00:00Z", "day-before 2026-10-31T10:00"),
        ("2027-03-14T14:00:00Z", "America/Chicago", "2027-03-01T12:00:00Z", "day-before 2027-03-13T10:00"),
    ])
    func reminders(_ row: (String, String, String, String)) throws {
        #expect(try plan(row.0, row.1, now: row.2) == row.3)
    }

    /// Planned anew less than 26 hours before the visit, it still comes: they booked long ago.
    @Test func whatWasBookedLongAgoIsNotTooSoon() throws {
        let chicago = try zone("America/Chicago")
        let (start, now) = (try date("2026-11-24T16:40:00Z"), try date("2026-11-23T15:00:00Z"))
        func plan(booked: Date?, now: Date) -> Reason? {
            ReminderPlan(.dayBefore, startsAt: start, patientZone: chicago, now: now, booked: booked).suppressed
        }
        let long = try date("2026-11-01T12:00:00Z")
        #expect(plan(booked: nil, now: now) == .tooSoon && plan(booked: long, now: now) == nil)
        #expect(plan(booked: long, now: try date("2026-11-23T16:00:00Z")) == .tooSoon, "its time is over")
    }

    @Test func theDayBeforeADayOfTwentyFiveHoursIsAnotherInstant() throws {
        let chicago = try zone("America/Chicago")
        let plan = ReminderPlan(
            .dayBefore, startsAt: try date("2026-11-01T15:00:00Z"), patientZone: chicago, now: try date("2026-10-20T00:00:00Z"))
        #expect(plan.due.instant == (try date("2026-10-31T15:00:00Z")))
        #expect(plan.due.zone == "America/Chicago")
    }

    @Test func aWindowMayReachPastMidnight() throws {
        let late = Window(opens: 20 * 60, closes: 2 * 60)
        let madrid = try zone("Europe/Madrid")
        #expect(late.contains(try date("2026-07-01T22:30:00Z"), in: madrid))  // 00:30
        #expect(!late.contains(try date("2026-07-01T00:00:00Z"), in: madrid))  // 02:00
        #expect(late.next(from: try date("2026-07-01T00:00:00Z"), in: madrid) == (try date("2026-07-01T18:00:00Z")))
    }

    @Test func aWindowOpensTomorrowAfterItHasShut() throws {
        let chicago = try zone("America/Chicago")
        // The night the clocks go back: 21:30 on 31 October, 09:00 on 1 November is at -6.
        #expect(Window.usual.next(from: try date("2026-11-01T02:30:00Z"), in: chicago) == (try date("2026-11-01T15:00:00Z")))
        #expect(Window.usual.next(from: try date("2026-11-01T08:00:00Z"), in: chicago) == (try date("2026-11-01T15:00:00Z")))
        #expect(Window.usual.next(from: try date("2026-11-01T16:00:00Z"), in: chicago) == (try date("2026-11-01T16:00:00Z")))
    }

    // MARK: What becomes of an intent that is due

    private func decide(
        _ kind: Kind, status: String = "booked", now: String, planned: String? = nil, answers: Bool = false, home: String? = "America/Chicago",
        start: String = "2026-11-24T16:40:00Z", known: String? = "2026-11-24T16:40:00Z", change: (inout Contact) -> Void = { _ in }
    ) throws -> Decision {
        let chicago = try zone("America/Chicago")
        let start = ZonedTime(try date(start), in: chicago)
        let patient = ID<Patient>()
        let intent = Intent(
            id: .init(), appointment: .init(), patient: patient, kind: kind, channel: .sms, due: start, startsAt: try known.map { try date($0) },
            answers: answers, plannedAt: try date(planned ?? now), attempts: 0, attempt: UUID(), mayBeSent: false, resends: 0)
        let line = AppointmentLine(
            appointment: intent.appointment, version: 2, status: status, patient: patient, practitioner: .init(), location: .init(), service: "x",
            start: start, end: start)
        var contact = Contact(patient: patient, version: 1, name: "Ana", phone: "+13125550142", zone: home)
        change(&contact)
        return Decision(intent, line, contact, now: try date(now))
    }

    private func isSent(_ decision: Decision) -> Bool { if case .send = decision { true } else { false } }

    @Test func quietHoursAreThoseOfThePatientsHome() throws {
        // 09:30 in Chicago is 05:30 in Honolulu, where the window opens at 19:00 UTC: after the visit.
        #expect(isSent(try decide(.reminder, now: "2026-11-24T15:30:00Z")))
        #expect(try decide(.reminder, now: "2026-11-24T15:30:00Z", home: "Pacific/Honolulu") == .suppressed(.outsideHours))
        guard case .wait(let until, .quietHours, let due) = try decide(.reminder, now: "2026-11-24T08:00:00Z") else {
            Issue.record("it was not kept back")
            return
        }
        #expect(until == (try date("2026-11-24T15:00:00Z")))
        #expect(due?.local == "2026-11-24T09:00")
    }

    @Test func anAnswerMayComeAtNightButNotLateAtNight() throws {
        #expect(isSent(try decide(.confirmation, now: "2026-11-23T08:10:00Z", planned: "2026-11-23T08:00:00Z", answers: true)))
        let late = try decide(.confirmation, now: "2026-11-23T08:40:00Z", planned: "2026-11-23T08:00:00Z", answers: true)
        #expect(
            late
                == .wait(
                    until: try date("2026-11-23T15:00:00Z"), .quietHours,
                    due: ZonedTime(try date("2026-11-23T15:00:00Z"), in: try zone("America/Chicago"))))
        // The window opens too late to spare the way: a cancellation goes out at once.
        #expect(isSent(try decide(.cancellation, status: "cancelled", now: "2026-11-24T12:00:00Z", known: nil)))
    }

    @Test func whatIsNoLongerTrueIsNotSent() throws {
        let now = "2026-11-24T15:30:00Z"
        #expect(try decide(.reminder, status: "cancelled", now: now) == .superseded(.cancelled))
        #expect(try decide(.reminder, now: now, start: "2026-11-24T17:40:00Z") == .superseded(.moved))
        #expect(try decide(.reminder, status: "arrived", now: now) == .suppressed(.past))
        #expect(try decide(.confirmation, now: "2026-11-24T16:40:00Z") == .suppressed(.past))
        #expect(try decide(.cancellation, now: now) == .suppressed(.notCancelled))
        #expect(try decide(.reminder, now: now) { $0.deceased = true } == .suppressed(.deceased))
        #expect(try decide(.reminder, now: now) { $0.phone = nil } == .suppressed(.noContact))
        // Late after an outage, and still useful.
        #expect(isSent(try decide(.reminder, now: "2026-11-24T16:00:00Z")))
    }

    @Test func triesAreFurtherAndFurtherApartAndEnd() {
        let seconds = (1..<Backoff.tries).compactMap { Backoff.seconds(afterTries: $0) }
        #expect(seconds.count == 7)
        #expect(zip(seconds, [1, 2, 4, 8, 16, 32, 60]).allSatisfy { abs($0 / 60 - $1) <= 0.1 * $1 + 0.001 })
        #expect(Backoff.seconds(afterTries: 8) == nil)
    }
}
