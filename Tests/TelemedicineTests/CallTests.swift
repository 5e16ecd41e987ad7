import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Telemedicine

/// Waiting, being let in, meeting, and what ends it.
@Suite struct CallTests {
    @Test func theyWaitAreLetInAndMeet() async throws {
        try await VisitRoom.open { room in
            let (patient, doctor) = (try await room.patientToken(), try await room.doctorToken())
            guard case .done(let waiting) = try await room.enter() else { throw Unexpected("not waiting") }
            #expect(waiting.state == .waiting && waiting.place == nil)
            #expect(try await room.view(as: doctor).place == "12 Elm Street")
            // A waiting patient has a window, and reaches nobody with it.
            let (theirs, _) = try await room.window(as: patient)
            let (ours, _) = try await room.window(as: doctor)
            #expect(try await room.send("{}", from: theirs, as: patient) == .refused(.notNow(.waiting)))
            #expect(try await room.send("{}", from: ours, as: doctor) == .refused(.notNow(.waiting)))
            guard case .done(let live) = try await room.admit() else { throw Unexpected("not let in") }
            #expect(live.state == .live && live.patientWindow == theirs && live.clinicianWindow == ours)
            #expect(try await room.send("an offer", "a candidate", from: ours, as: doctor) == .done(Done()))
            let halves = Array(repeating: String(repeating: "x", count: 17 << 10), count: 2)
            #expect(try await room.send(halves[0], halves[1], from: ours, as: doctor) == .refused(.tooLong))
            guard case .done(let got) = try await room.signals(for: theirs, as: patient) else { throw Unexpected("no signals") }
            #expect(got.signals.map(\.body) == ["an offer", "a candidate"])
            #expect(try await room.signals(for: theirs, after: got.signals[0].position, as: patient) == .done(Signals(signals: [got.signals[1]])))
            // What is for one is not the other's to read, and nothing of it stands in the table in clear.
            #expect(try await room.signals(for: theirs, as: doctor) == .refused(.replaced))
            #expect(try await room.sql("SELECT count(*) FROM signal WHERE encode(body, 'escape') LIKE '%offer%'", as: Int.self) == 0)
            _ = try await room.bus.request(
                EndCall(patient: room.patient, appointment: room.appointment, key: .v7()), as: doctor)
            #expect(try await room.view(as: patient).state == .ended)
            #expect(try await room.sql("SELECT count(*) FROM signal", as: Int.self) == 0)
            #expect(try await room.send("late", from: theirs, as: patient) == .refused(.replaced))
            #expect(try await room.test.emitted(VisitWaiting.self).count == 1)
            #expect(try await room.test.emitted(VisitStarted.self).count == 1)
            #expect(try await room.test.emitted(VisitEnded.self).map(\.state) == [.ended])
        }
    }

    @Test func nobodyWaitsWithoutConsentOrAPlaceOrTooSoon() async throws {
        try await VisitRoom.open { room in
            #expect(try await room.enter(consents: false) == .refused(.noConsent))
            #expect(try await room.enter(place: "  ") == .refused(.noPlace))
            #expect(try await room.enter(place: String(repeating: "x", count: 201)) == .refused(.noPlace))
            #expect(try await room.admit() == .refused(.notNow(.scheduled)))
            try await room.run("UPDATE call SET start_at = now() + interval '16 minutes', end_at = now() + interval '36 minutes'")
            guard case .refused(.notYet(let opens)) = try await room.enter() else { throw Unexpected("waits too soon") }
            #expect(abs(opens.instant.timeIntervalSinceNow - 60) < 10)
            #expect(try await room.test.emitted(CallChanged.self).isEmpty)
        }
    }

    @Test func aTicketOpensOneWindowForOnePerson() async throws {
        try await VisitRoom.open { room in
            let patient = try await room.patientToken()
            // Before they wait, patients get none.
            #expect(try await room.ticket(as: patient).1 == .refused(.notNow(.scheduled)))
            _ = try await room.enter()
            let (ticket, answer) = try await room.ticket(as: patient)
            #expect(answer == .done(Done()))
            // Handed on to somebody who may act for the same patient, or shown by the clinic.
            #expect(try await room.show(ticket, .init(), as: room.patientToken(.init())) == .refused(.noTicket))
            #expect(try await room.show(ticket, .init(), as: room.doctorToken()) == .refused(.noTicket))
            #expect(try await room.show(Data(count: 32), .init(), as: patient) == .refused(.noTicket))
            guard case .done = try await room.show(ticket, .init(), as: patient) else { throw Unexpected("refused") }
            #expect(try await room.show(ticket, .init(), as: patient) == .refused(.noTicket))
            let (old, _) = try await room.ticket(as: patient)
            try await room.run("UPDATE call_ticket SET expires_at = now() - interval '1 second' WHERE used_at IS NULL")
            #expect(try await room.show(old, .init(), as: patient) == .refused(.noTicket))
            let (late, _) = try await room.ticket(as: patient)
            try await room.run("UPDATE call SET start_at = now() - interval '2 hours', end_at = now() - interval '61 minutes'")
            #expect(try await room.show(late, .init(), as: patient) == .refused(.notNow(.waiting)))
            #expect(try await room.ticket(as: patient).1 == .refused(.notNow(.waiting)))
        }
    }

    @Test func theNewestWindowCounts() async throws {
        try await VisitRoom.open { room in
            let (patient, doctor) = (try await room.patientToken(), try await room.doctorToken())
            _ = try await room.enter()
            let (first, firstOpening) = try await room.window(as: patient)
            let (ours, _) = try await room.window(as: doctor)
            _ = try await room.admit()
            let (second, secondOpening) = try await room.window(as: patient)
            #expect(try await room.send("{}", from: first, as: patient) == .refused(.replaced))
            #expect(try await room.send("{}", from: second, as: patient) == .done(Done()))
            // The window that was replaced closes late, and so does an earlier opening of the one that is there: nothing is lost by that.
            try await room.close(first, firstOpening, as: patient)
            let (_, again) = try await room.window(second, as: patient)
            try await room.close(second, secondOpening, as: patient)
            #expect(try await room.view(as: doctor).state == .live)
            try await room.close(second, again, as: patient)
            #expect(try await room.view(as: doctor).state == .reconnecting)
            #expect(try await room.send("{}", from: ours, as: doctor) == .refused(.notNow(.reconnecting)))
            _ = try await room.window(second, as: patient)
            #expect(try await room.view(as: doctor).state == .live)
            #expect(try await room.test.emitted(VisitStarted.self).count == 1)
        }
    }

    @Test func whoClosesThePageForGoodWaitsNoLongerAndMayComeBack() async throws {
        try await VisitRoom.open { room in
            let (patient, doctor) = (try await room.patientToken(), try await room.doctorToken())
            func state(after seconds: Double) async throws -> CallState {
                try await room.watch(after: seconds)
                return try await room.view(as: doctor).state
            }
            _ = try await room.enter()
            #expect(try await state(after: 601) == .waiting, "their browser asks for the camera")
            let (window, first) = try await room.window(as: patient)
            #expect(try await state(after: 601) == .waiting)
            try await room.close(window, first, as: patient)
            #expect(try await state(after: 590) == .waiting, "a connection is lost for a while")
            let (_, second) = try await room.window(window, as: patient)
            #expect(try await state(after: 601) == .waiting, "and there again")
            try await room.close(window, second, as: patient)
            #expect(try await state(after: 601) == .scheduled)
            #expect(try await room.test.emitted(CallChanged.self).last?.state == .scheduled)
            #expect(try await room.view(as: doctor).waitingSince == nil)
            #expect(try await room.bus.ask(ReadWaitingRoom(), as: doctor).calls.isEmpty)
            #expect(try await room.ticket(as: patient).1 == .refused(.notNow(.scheduled)))
            guard case .done(let again) = try await room.enter() else { throw Unexpected("not waiting again") }
            #expect(again.state == .waiting && again.waitingSince != nil)
            #expect(try await state(after: 601) == .waiting, "that they were gone once is over")
            let (last, _) = try await room.window(as: patient)
            guard case .done(let admitted) = try await room.admit() else { throw Unexpected("not let in") }
            #expect(admitted.state == .admitted && admitted.patientWindow == last)
            #expect(try await room.test.emitted(VisitWaiting.self).count == 2)
        }
    }

    @Test func whoWaitsIsToldOfAMoveAndOfACancelledVisit() async throws {
        try await VisitRoom.open { room in
            _ = try await room.enter()
            let moved = AppointmentRescheduled(
                appointment: room.appointment, version: 3, patient: room.patient, practitioner: room.okafor, location: .init(),
                start: room.time(60), end: room.time(80))
            for _ in 0..<2 { try await room.test.hear(moved, handler: "move-call-on-appointment-rescheduled") }
            let patient = try await room.patientToken()
            #expect(try await room.view(as: patient).state == .scheduled)
            let cancelled = AppointmentCancelled(appointment: room.appointment, version: 4, patient: room.patient, reason: "by-clinic")
            try await room.test.hear(cancelled, handler: "cancel-call-on-appointment-cancelled")
            #expect(try await room.view(as: patient).state == .cancelled)
            // An older word comes late.
            try await room.test.hear(moved, handler: "move-call-on-appointment-rescheduled")
            try await room.test.hear(room.booking(room.appointment, in: 5), handler: "open-call-on-appointment-booked")
            #expect(try await room.view(as: patient).state == .cancelled)
            #expect(try await room.test.emitted(CallChanged.self).map(\.state) == [.waiting, .scheduled, .cancelled])
        }
    }

    @Test func whatIsOverEndsByTheDatabasesClock() async throws {
        try await VisitRoom.open { room in
            func watch() async throws -> Int { try await room.test.pool.asWorker(of: "telemedicine") { tx in try await watchCalls(tx) } }
            #expect(try await watch() == 0)
            let steps: [(before: CallState, minutesAfterEnd: Int, after: CallState)] = [
                (.scheduled, 1, .missedPatient), (.waiting, 1, .missedClinician), (.live, 1, .live), (.live, 61, .ended),
            ]
            for step in steps {
                try await room.run(
                    """
                    UPDATE call SET state = \(step.before.rawValue), consented_at = now(), start_at = now() - interval '3 hours',
                        end_at = now() - make_interval(mins => \(step.minutesAfterEnd)::int)
                    """)
                _ = try await watch()
                #expect(try await room.sql("SELECT state FROM call", as: String.self) == step.after.rawValue)
            }
            #expect(try await room.test.emitted(VisitEnded.self).map(\.state) == [.missedPatient, .missedClinician, .ended])
        }
    }

    /// What a booking says of its kind is not asked for. A visit of another kind makes its clinician treat the patient here too.
    @Test func theKindOfAVisitIsTakenFromItsBooking() async throws {
        try await VisitRoom.open { room in
            func row(_ id: ID<Appointment>) async throws -> String? {
                try await room.sql(
                    "SELECT concat_ws(' ', coalesce(is_video::text, 'unknown'), ask_at IS NOT NULL) FROM call WHERE id = \(id.uuid)", as: String.self)
            }
            let (office, video, unsaid) = (ID<Appointment>(), ID<Appointment>(), ID<Appointment>())
            for (id, service) in [(office, "office-visit"), (video, "video-visit"), (unsaid, nil)] {
                try await room.test.hear(room.booking(id, in: 90, of: service), handler: "open-call-on-appointment-booked")
            }
            #expect(try await row(office) == "false f")
            #expect(try await row(video) == "true f")
            #expect(try await row(unsaid) == "unknown t")
            // Who came back says no more of a visit known to be one by video: it stays one while scheduling is asked.
            try await room.test.hear(room.booking(video, in: 90, version: 3), handler: "open-call-on-appointment-booked")
            #expect(try await row(video) == "true t")
        }
    }

    @Test func aVisitOfAnotherKindIsNoCall() async throws {
        try await VisitRoom.open(isVideo: false) { room in
            let (entered, admitted) = (try await room.enter(), try await room.admit())
            #expect(entered == .refused(.notFound))
            #expect(admitted == .refused(.notFound))
        }
    }

    @Test func theWaitingRoomIsOfThoseWhoTreat() async throws {
        try await VisitRoom.open { room in
            _ = try await room.enter()
            #expect(try await room.bus.ask(ReadWaitingRoom(), as: room.doctorToken()).calls.map(\.appointment) == [room.appointment])
            let stranger = try await room.keys.staff(.clinician, practitioner: .init())
            #expect(try await room.bus.ask(ReadWaitingRoom(), as: stranger).calls.isEmpty)
        }
    }
}
