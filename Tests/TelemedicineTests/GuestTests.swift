import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Telemedicine

/// Who was asked into a visit beside the two: nobody is there before the clinician lets them in, and nobody when it is over.
@Suite struct GuestTests {
    @Test func aGuestWaitsIsLetInAndSpeaksToBoth() async throws {
        try await VisitRoom.open(relay: RelayServer(urls: ["turn:clinic.example:3478"], secret: "a secret")) { room in
            let (patient, doctor) = (try await room.patientToken(), try await room.doctorToken())
            _ = try await room.enter()
            let (theirs, _) = try await room.window(as: patient)
            let (ours, _) = try await room.window(as: doctor)
            let guest = try await room.asked("Rosa Lind", as: patient)
            #expect(try await room.admit(guest.id) == .refused(.notNow), "the link was not used yet")
            let pass = try await room.come(guest)
            let window = try await room.guestWindow(pass)
            // They wait: nobody is named to them, nothing reaches them, and they reach nobody.
            let waiting = try await room.guestCall(pass)
            #expect(waiting.state == .waiting && waiting.patientWindow == nil && waiting.clinicianWindow == nil && waiting.relay == nil)
            #expect(try await room.send("{}", from: window, to: theirs, as: pass) == .refused(.notNow))
            #expect(try await room.admit(guest.id) == .refused(.notNow), "the patient is not let in yet")
            _ = try await room.admit()
            #expect(try await room.send("{}", from: window, to: theirs, as: pass) == .refused(.notNow))
            #expect(try await room.send("{}", from: ours, to: window, as: doctor) == .refused(.notNow(.live)))
            #expect(try await room.admit(guest.id) == .done(Done()))
            let inside = try await room.guestCall(pass)
            #expect(inside.patientWindow == theirs && inside.clinicianWindow == ours && inside.relay?.username.hasSuffix(":\(window)") == true)
            #expect(try await room.view(as: patient).guests?.map(\.window) == [window])
            // Each signal says whose it is, whatever its body says.
            #expect(try await room.send("to the patient", from: window, to: theirs, as: pass) == .done(Done()))
            #expect(try await room.send("to the guest", from: theirs, to: window, as: patient) == .done(Done()))
            guard case .done(let got) = try await room.signals(for: theirs, as: patient) else { throw Unexpected("no signals") }
            #expect(got.signals.map(\.from) == [window] && got.signals.map(\.body) == ["to the patient"])
            let read = ReadGuestSignals(pass: pass, window: window, after: 0)
            guard case .done(let heard) = try await room.bus.request(read, as: room.portal()) else { throw Unexpected("no signals") }
            #expect(heard.signals.map(\.from) == [theirs] && heard.signals.map(\.body) == ["to the guest"])
            #expect(try await room.sql("SELECT count(*) FROM call_guest WHERE encode(name, 'escape') LIKE '%Rosa%'", as: Int.self) == 0)
        }
    }

    @Test func aLinkIsGoodOnceForOneBrowserUntilTheVisitEnds() async throws {
        try await VisitRoom.open { room in
            let guest = try await room.asked("Rosa Lind", as: room.doctorToken())
            let early = try await room.asked("Hugo", as: room.doctorToken())
            #expect(try await room.look(.init(count: 32)) == .refused(.notFound))
            guard case .done(let invitation) = try await room.look(guest.digest) else { throw Unexpected("no invitation") }
            #expect(invitation.name == "Rosa Lind" && invitation.guest == guest.id)
            let pass = try await room.come(guest)
            // Handed on, it is of no use: neither to look at nor to come in.
            #expect(try await room.look(guest.digest) == .refused(.used))
            #expect(try await room.accept(guest.digest) == .refused(.used))
            // Another visit's, and a browser that shows another guest's secret.
            #expect(try await room.accept(early.digest, of: .init()) == .refused(.notFound))
            let stranger = GuestPass(patient: pass.patient, appointment: pass.appointment, guest: early.id, session: pass.session)
            #expect(try await room.ticket(stranger).1 == .refused(.notFound))
            // A ticket of somebody else's.
            _ = try await room.enter()
            let patientTicket = try await room.ticket(as: room.patientToken()).0
            #expect(try await room.show(patientTicket, .init(), as: pass) == .refused(.noTicket))
            let (ticket, _) = try await room.ticket(pass)
            #expect(try await room.show(ticket, .init(), as: room.patientToken()) == .refused(.noTicket))
            #expect(try await room.show(ticket, .init(), as: pass) == .done(Done()))
            #expect(try await room.show(ticket, .init(), as: pass) == .refused(.noTicket))
            // Before the waiting room opens, and when the time is over.
            try await room.run("UPDATE call SET start_at = now() + interval '16 minutes', end_at = now() + interval '36 minutes'")
            guard case .refused(.notYet) = try await room.accept(early.digest) else { throw Unexpected("came too soon") }
            try await room.run("UPDATE call SET start_at = now() - interval '40 minutes', end_at = now() - interval '1 minute'")
            #expect(try await room.look(early.digest) == .refused(.over))
            #expect(try await room.accept(early.digest) == .refused(.over))
        }
    }

    @Test func whoIsSentAwayIsGoneAndSoIsEverybodyAtTheEnd() async throws {
        try await VisitRoom.open { room in
            _ = try await room.enter()
            _ = try await room.admit()
            let (first, second, unused) = (
                try await room.asked("Rosa", as: room.patientToken()), try await room.asked("Hugo", as: room.doctorToken()),
                try await room.asked("Ana", as: room.doctorToken())
            )
            var passes: [GuestPass] = []
            for guest in [first, second] {
                let pass = try await room.come(guest)
                _ = try await room.guestWindow(pass)
                _ = try await room.admit(guest.id)
                passes.append(pass)
            }
            #expect(try await room.remove(first.id, as: room.patientToken()) == .done(Done()))
            let gone = try await room.guestCall(passes[0])
            #expect(gone.state == .removed && gone.window == nil && gone.patientWindow == nil)
            #expect(try await room.ticket(passes[0]).1 == .refused(.over))
            #expect(try await room.admit(first.id) == .refused(.notNow))
            #expect(try await room.view(as: room.doctorToken()).guests?.map(\.name) == ["Hugo", "Ana"])
            let end = EndCall(patient: room.patient, appointment: room.appointment, key: .v7())
            _ = try await room.bus.request(end, as: room.doctorToken())
            #expect(try await room.guestCall(passes[1]).state == .removed)
            #expect(try await room.look(unused.digest) == .refused(.over))
            #expect(try await room.sql("SELECT count(*) FROM call_guest WHERE state <> 'removed'", as: Int.self) == 0)
        }
    }

    @Test func whoLeavesIsGoneAtOnceAndWaitsAgainWhenTheyComeBack() async throws {
        try await VisitRoom.open { room in
            let patient = try await room.patientToken()
            _ = try await room.enter()
            let (theirs, _) = try await room.window(as: patient)
            _ = try await room.admit()
            let guest = try await room.asked("Rosa Lind", as: room.doctorToken())
            let pass = try await room.come(guest)
            let window = try await room.guestWindow(pass)
            _ = try await room.admit(guest.id)
            #expect(try await room.send("{}", from: theirs, to: window, as: patient) == .done(Done()))
            #expect(try await room.leave(pass) == .done(Done()))
            #expect(try await room.leave(pass) == .done(Done()), "the button pressed twice")
            let gone = try await room.guestCall(pass)
            #expect(gone.state == .left && gone.window == nil && gone.patientWindow == nil && gone.relay == nil)
            let seen = try await room.view(as: patient).guests
            #expect(seen?.map(\.state) == [.left] && seen?.map(\.window) == [nil])
            #expect(try await room.sql("SELECT count(*) FROM signal WHERE \"to\" = \(window.uuid)", as: Int.self) == 0)
            #expect(try await room.send("{}", from: window, to: theirs, as: pass) == .refused(.replaced))
            // Nobody is let in who is not there.
            #expect(try await room.admit(guest.id) == .refused(.notNow))
            // Their browser comes back, and waits: nobody is named to them before the clinician says so.
            let again = try await room.guestWindow(pass)
            let waiting = try await room.guestCall(pass)
            #expect(waiting.state == .waiting && waiting.patientWindow == nil && waiting.relay == nil)
            #expect(try await room.send("{}", from: again, to: theirs, as: pass) == .refused(.notNow))
            #expect(try await room.admit(guest.id) == .done(Done()))
            #expect(try await room.guestCall(pass).patientWindow == theirs)
            _ = try await room.remove(guest.id, as: patient)
            #expect(try await room.leave(pass) == .refused(.over))
        }
    }

    @Test func fourAreThereAtMost() async throws {
        try await VisitRoom.open { room in
            _ = try await room.enter()
            _ = try await room.admit()
            for place in 0..<GuestRow.mostAsked {
                let guest = try await room.asked("Guest \(place)", as: room.doctorToken())
                _ = try await room.come(guest)
                #expect(try await room.admit(guest.id) == (place < GuestRow.mostThere ? .done(Done()) : .refused(.tooMany)))
            }
            #expect(try await room.ask("One more", as: room.doctorToken()).1 == .refused(.tooMany))
            #expect(try await room.ask("  ", as: room.doctorToken()).1 == .refused(.noName))
            #expect(try await room.ask(String(repeating: "x", count: 81), as: room.doctorToken()).1 == .refused(.noName))
        }
    }

    /// Two tell a third one at once: whoever asks for what comes after the last signal they have gets all of them.
    @Test func whatTwoSayAtOnceIsAllHeard() async throws {
        try await VisitRoom.open { room in
            let (patient, doctor) = (try await room.patientToken(), try await room.doctorToken())
            _ = try await room.enter()
            let (theirs, _) = try await room.window(as: patient)
            let (ours, _) = try await room.window(as: doctor)
            _ = try await room.admit()
            let asked = try await room.asked("Rosa", as: doctor)
            let pass = try await room.come(asked)
            let guests = try await room.guestWindow(pass)
            guard case .done = try await room.admit(asked.id) else { throw Unexpected("not let in") }
            let each = 60
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<each {
                    group.addTask { _ = try await room.send("doctor \(number)", from: ours, to: theirs, as: doctor) }
                    group.addTask { _ = try await room.send("guest \(number)", from: guests, to: theirs, as: pass) }
                }
                var (heard, position, empty) = (Set<String>(), 0, 0)
                while heard.count < 2 * each, empty < 200 {
                    guard case .done(let found) = try await room.signals(for: theirs, after: position, as: patient) else { throw Unexpected("none") }
                    heard.formUnion(found.signals.map(\.body))
                    position = found.signals.last?.position ?? position
                    empty = found.signals.isEmpty ? empty + 1 : 0
                }
                #expect(heard.count == 2 * each)
                try await group.waitForAll()
            }
        }
    }

    @Test func aCancelledVisitSendsGuestsAway() async throws {
        try await VisitRoom.open { room in
            let pass = try await room.come(room.asked("Rosa", as: room.doctorToken()))
            let cancelled = AppointmentCancelled(appointment: room.appointment, version: 4, patient: room.patient, reason: "by-clinic")
            try await room.test.hear(cancelled, handler: "cancel-call-on-appointment-cancelled")
            #expect(try await room.guestCall(pass).state == .removed)
        }
    }
}

/// Somebody who was asked in, and the digest of their link.
private struct Asked {
    let id: ID<Guest>
    let digest: Data
}

extension VisitRoom {
    fileprivate func portal() async throws -> ActorToken { try await keys.gateway("portal") }

    fileprivate func ask(_ name: String, as token: ActorToken) async throws -> (Asked, Answer<InviteGuest>) {
        let asked = Asked(id: .init(), digest: Data((0..<32).map { _ in UInt8.random(in: 0...255) }))
        let command = InviteGuest(
            patient: patient, appointment: appointment, guest: asked.id, name: name, kind: .interpreter, digest: asked.digest)
        return (asked, try await bus.request(command, as: token))
    }

    fileprivate func asked(_ name: String, as token: ActorToken) async throws -> Asked {
        let (asked, answer) = try await ask(name, as: token)
        guard answer == .done(Done()) else { throw Unexpected("not asked") }
        return asked
    }

    fileprivate func look(_ digest: Data) async throws -> Answer<ReadInvitation> {
        try await bus.request(ReadInvitation(digest: digest), as: portal())
    }

    fileprivate func accept(_ digest: Data, of other: ID<Appointment>? = nil, session: Data = Data(count: 32)) async throws
        -> Answer<AcceptInvitation>
    {
        try await bus.request(
            AcceptInvitation(patient: patient, appointment: other ?? appointment, digest: digest, session: session, key: .v7()), as: portal())
    }

    /// Uses the link.
    fileprivate func come(_ asked: Asked) async throws -> GuestPass {
        let session = Data((0..<32).map { _ in UInt8.random(in: 0...255) })
        guard try await accept(asked.digest, session: session) == .done(Done()) else { throw Unexpected("not in") }
        return GuestPass(patient: patient, appointment: appointment, guest: asked.id, session: session)
    }

    fileprivate func guestCall(_ pass: GuestPass) async throws -> GuestCall {
        guard case .done(let call) = try await bus.request(ReadGuestCall(session: pass.session), as: portal()) else { throw Unexpected("no call") }
        return call
    }

    fileprivate func ticket(_ pass: GuestPass) async throws -> (Data, Answer<IssueGuestTicket>) {
        let digest = Data((0..<32).map { _ in UInt8.random(in: 0...255) })
        return (digest, try await bus.request(IssueGuestTicket(pass: pass, digest: digest, key: .v7()), as: portal()))
    }

    fileprivate func show(_ digest: Data, _ window: ID<CallWindow>, as pass: GuestPass) async throws -> Answer<OpenGuestWindow> {
        try await bus.request(OpenGuestWindow(pass: pass, digest: digest, window: window, key: .v7()), as: portal())
    }

    fileprivate func guestWindow(_ pass: GuestPass) async throws -> ID<CallWindow> {
        let window = ID<CallWindow>()
        guard case .done = try await show(ticket(pass).0, window, as: pass) else { throw Unexpected("no window") }
        return window
    }

    fileprivate func admit(_ guest: ID<Guest>) async throws -> Answer<AdmitGuest> {
        try await bus.request(AdmitGuest(patient: patient, appointment: appointment, guest: guest, key: .v7()), as: doctorToken())
    }

    fileprivate func leave(_ pass: GuestPass) async throws -> Answer<LeaveAsGuest> {
        try await bus.request(LeaveAsGuest(pass: pass, key: .v7()), as: portal())
    }

    fileprivate func remove(_ guest: ID<Guest>, as token: ActorToken) async throws -> Answer<RemoveGuest> {
        try await bus.request(RemoveGuest(patient: patient, appointment: appointment, guest: guest, key: .v7()), as: token)
    }

    fileprivate func send(_ body: String, from window: ID<CallWindow>, to: ID<CallWindow>, as pass: GuestPass) async throws
        -> Answer<SendGuestSignals>
    {
        try await bus.request(SendGuestSignals(pass: pass, window: window, to: to, bodies: [body], key: .v7()), as: portal())
    }

    fileprivate func send(_ body: String, from window: ID<CallWindow>, to: ID<CallWindow>, as token: ActorToken) async throws
        -> Answer<SendSignals>
    {
        try await bus.request(
            SendSignals(patient: patient, appointment: appointment, window: window, to: to, bodies: [body], key: .v7()), as: token)
    }
}
