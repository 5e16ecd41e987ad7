import Contracts
import Foundation
import MessageBus
import Postgres
import Sealing
import Synchronization
import TestSupport
import Testing
@testable import Notifications

/// N7: several visits near each other are one message, to one patient or to a household.
@Suite(.serialized) struct TogetherTests {
    private func withMail(_ body: (Outside, Scene, Sender) async throws -> Void) async throws {
        let outside = try Outside()
        defer { outside.stop() }
        let mailer = Mailer(try outside.mailSettings())
        defer { mailer.close() }
        try await withScene { scene in try await body(outside, scene, try scene.sender(.email, EmailRoute(mailer: mailer))) }
    }

    /// Another visit, some minutes after the first one's start.
    private func another(_ scene: Scene, after event: AppointmentBooked, minutes: Double) async throws -> AppointmentBooked {
        let start = ZonedTime(event.start.instant.addingTimeInterval(minutes * 60), in: try zone("America/Chicago"))
        let next = AppointmentBooked(
            appointment: .init(), version: 2, patient: event.patient, practitioner: event.practitioner, location: event.location, start: start,
            end: ZonedTime(start.instant.addingTimeInterval(1_200), in: try zone("America/Chicago")))
        scene.tell(next, "booked", version: 2)
        try await scene.book(next)
        return next
    }

    private func links(_ mail: String) -> [String] {
        let whole = mail.replacing("=\n", with: "").components(separatedBy: "text/html")[0]
        return whole.matches(of: /\/answer\/([A-Za-z0-9_-]{43})/).map { String($0.1) }
    }

    private func reminders(_ scene: Scene, _ events: [AppointmentBooked], _ channel: Notifications.Channel = .email) async throws -> [String] {
        var states: [String] = []
        for event in events { states += try await scene.states(event, kind: .reminder, channel: channel) }
        return states
    }

    @Test func visitsNearEachOtherAreOneMessageWithALinkEach() async throws {
        try await withMail { outside, scene, sender in
            let first = try scene.visit { $0.zone = Scene.noon }
            try await scene.book(first)
            let second = try await another(scene, after: first, minutes: 30)
            let third = try await another(scene, after: first, minutes: 90)
            let far = try await another(scene, after: first, minutes: 300)
            try await scene.onlyRemindersAreDue()
            while try await sender.round() > 0 {}
            let mails = try outside.mails()
            #expect(mails.count == 2)
            #expect(try await reminders(scene, [first, second, third, far]).allSatisfy { $0 == "v2 reminder email sent" })
            let together = try #require(mails.first { links($0).count > 1 })
            #expect(links(together).count == 3 && Set(links(together)).count == 3)
            let own = try await scene.service.keys.patient(first.patient)
            for event in [first, second, third] {
                let proof = try await scene.service.bus.ask(ReadNotices(appointment: event.appointment, patient: event.patient), as: own)
                #expect(proof.notices.filter { $0.state == "sent" }.map(\.visits) == [3])
            }
            let alone = try await scene.service.bus.ask(ReadNotices(appointment: far.appointment, patient: far.patient), as: own)
            #expect(alone.notices.filter { $0.state == "sent" }.map(\.visits) == [nil])
            // One link is of one visit.
            let visits = try await links(together).asyncMap { try await scene.look($0) }
            #expect(visits == [.open, .open, .open])
            _ = try await scene.answer(links(together)[1], false)
            #expect(try await links(together).asyncMap { try await scene.look($0) } == [.open, .declined, .open])
        }
    }

    @Test func oneThatIsCancelledBetweenClaimAndSendingIsInNoMessage() async throws {
        try await withMail { outside, scene, sender in
            let first = try scene.visit { $0.zone = Scene.noon }
            try await scene.book(first)
            let second = try await another(scene, after: first, minutes: 30)
            let third = try await another(scene, after: first, minutes: 60)
            try await scene.onlyRemindersAreDue()
            scene.owners.facts.withLock { $0.meanwhile = { try await scene.cancel(second) } }
            try await sender.round()
            scene.owners.facts.withLock { $0.meanwhile = nil }
            #expect(try outside.mails().isEmpty)
            try await sender.round()
            #expect(try outside.mails().filter { $0.contains("Subject: Reminder") }.map { links($0).count } == [2])
            #expect(
                try await reminders(scene, [first, second, third])
                    == ["v2 reminder email sent", "v2 reminder email superseded cancelled", "v2 reminder email sent"])
        }
    }

    @Test func aHouseholdIsOneMessageAndStrangersAreNot() async throws {
        try await withMail { outside, scene, sender in
            let first = try scene.visit {
                $0.zone = Scene.noon
                $0.email = "Home@patients.example"
            }
            let sibling = try scene.visit {
                $0.zone = Scene.noon
                $0.name = "Ben"
                $0.email = "home@patients.example"
            }
            let spanish = try scene.visit {
                $0.zone = Scene.noon
                $0.language = "es"
                $0.email = "home@patients.example"
            }
            let stranger = try scene.visit { $0.zone = Scene.noon }
            // One whose address was theirs and is not any more.
            let moved = try scene.visit {
                $0.zone = Scene.noon
                $0.email = "home@patients.example"
            }
            for event in [first, sibling, spanish, stranger, moved] {
                _ = try scene.service.keys.store.makeKey(of: event.patient.uuid)
                try await scene.book(event)
            }
            while try await scene.refresher.round() > 0 {}
            scene.owners.facts.withLock { $0.contacts[moved.patient]?.email = "away@patients.example" }
            try await scene.onlyRemindersAreDue()
            while try await sender.round() > 0 {}
            let mails = try outside.mails()
            #expect(mails.count == 4)
            let together = try #require(mails.first { links($0).count == 2 })
            #expect(together.contains("Ana: ") && together.contains("Ben: "))
            // One click ends such e-mails to everybody this one told of.
            let ending = try #require(header("List-Unsubscribe", in: together))
            let link = String(ending.dropFirst("<https://portal.example/hooks/unsubscribe/".count).dropLast())
            #expect(link.utf8.count == 44 && Scene.links.ended(link) == nil && Scene.links.intent(link) == nil)
            let (bus, door) = (try scene.service.bus(of: "portal"), try await scene.service.keys.gateway("portal"))
            for _ in 0..<2 {
                #expect(try await bus.request(Unsubscribe(link: link, key: .v7()), as: door) == .done(Unsubscribed(topic: .visitReminders)))
            }
            let unknown = try #require(Scene.links.ending(.visitReminders, toAllOf: .init()))
            #expect(try await bus.request(Unsubscribe(link: unknown, key: .v7()), as: door) == .refused(.unknown))
            for (event, isTold) in [(first, true), (sibling, true), (spanish, false), (stranger, false)] {
                let own = try await scene.service.keys.patient(event.patient)
                let known = try await scene.service.bus.ask(ReadPreferences(patient: event.patient), as: own)
                #expect(known.choices.filter { !$0.wanted } == (isTold ? [MessageChoice(.visitReminders, .email, wanted: false)] : []))
                #expect(known.changes.map(\.means) == (isTold ? ["one-click"] : []))
            }
            #expect(mails.filter { links($0).count == 1 }.count == 3)
            #expect(try await reminders(scene, [first, sibling, spanish, stranger, moved]).allSatisfy { $0 == "v2 reminder email sent" })
        }
    }

    /// As a process that is killed between a server's yes and the commit leaves it: one more copy, under the same id.
    @Test func whatIsInDoubtIsSentOnceMoreTogether() async throws {
        try await withMail { outside, scene, sender in
            let first = try scene.visit { $0.zone = Scene.noon }
            try await scene.book(first)
            let second = try await another(scene, after: first, minutes: 30)
            try await scene.onlyRemindersAreDue()
            try outside.control("mail", #"{"close": "after", "times": 1}"#)
            try await sender.round()
            #expect(try await reminders(scene, [first, second]) == Array(repeating: "v2 reminder email unknown outcome-unknown", count: 2))
            try await scene.passTime()
            try await sender.round()
            #expect(try await reminders(scene, [first, second]) == Array(repeating: "v2 reminder email sent", count: 2))
            let mails = try outside.mails()
            #expect(mails.count == 2 && Set(mails).count == 1 && links(mails[0]).count == 2)
            // A mail server sends it back: both are not told.
            let folder = outside.folder.appending(path: "returned")
            for part in ["new", "cur"] {
                try FileManager.default.createDirectory(at: folder.appending(path: part), withIntermediateDirectories: true)
            }
            let id = try #require(header("Message-ID", in: mails[0]))
            try Data(Self.bounce(of: id).utf8).write(to: folder.appending(path: "new/1"))
            let reader = BounceReader(folder: folder, domain: "clinic.example", database: scene.ledger.database, logger: sender.logger)
            #expect(try await reader.round() == 1)
            #expect(try await reminders(scene, [first, second]) == Array(repeating: "v2 reminder email bounced address-refused", count: 2))
        }
    }

    @Test func twoSendersNeverTakeOneEach() async throws {
        try await withMail { outside, scene, sender in
            var events: [AppointmentBooked] = []
            for _ in 0..<12 {
                let first = try scene.visit { $0.zone = Scene.noon }
                try await scene.book(first)
                events += [first, try await another(scene, after: first, minutes: 30)]
            }
            try await scene.onlyRemindersAreDue()
            async let one: Void = { while try await sender.round() > 0 {} }()
            async let other: Void = { while try await sender.round() > 0 {} }()
            _ = try await (one, other)
            #expect(try outside.mails().map { links($0).count } == Array(repeating: 2, count: 12))
            #expect(try await reminders(scene, events).allSatisfy { $0 == "v2 reminder email sent" })
        }
    }

    @Test func cAnswersAllVisitsOfATextAndXNone() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let first = try scene.visit { $0.zone = Scene.noon }
            try await scene.book(first)
            let second = try await another(scene, after: first, minutes: 30)
            try await scene.onlyRemindersAreDue()
            let sender = try scene.sender(.sms, scene.textRoute(outside, callbacks: "https://portal.example", replies: true))
            while try await sender.round() > 0 {}
            let text = try #require(outside.texts().first)
            #expect(try outside.texts().count == 1)
            #expect(text["body"]?.contains("2 visits on ") == true && text["body"]?.contains("Reply C") == true)
            let path = String(try #require(text["status_callback"]).dropFirst("https://portal.example".count))
            #expect(try await scene.receipt(path, try #require(text["sid"]), "delivered") == .done(Done()))
            #expect(try await reminders(scene, [first, second], .sms) == Array(repeating: "v2 reminder sms delivered", count: 2))
            func heard(_ words: String) async throws -> String? {
                guard case .done(let heard) = try await scene.text(words, from: "+13125550142") else { return nil }
                return heard.answer
            }
            #expect(try await heard("X") == "several")
            #expect(try await scene.given().isEmpty)
            #expect(try await heard("C") == "accepted-all")
            #expect(try await scene.given() == [first.appointment.uuid: true, second.appointment.uuid: true])
        }
    }

    private static func bounce(of id: String) -> String {
        """
        From: MAILER-DAEMON@mail.example
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: message/delivery-status

        Action: failed
        Status: 5.1.1

        --b
        Content-Type: text/rfc822-headers

        Message-ID: \(id)

        --b--
        """
    }
}

extension Array {
    fileprivate func asyncMap<R>(_ body: (Element) async throws -> R) async rethrows -> [R] {
        var all: [R] = []
        for one in self { all.append(try await body(one)) }
        return all
    }
}

extension Scene {
    /// As if confirmations had been sent, and the time of the day-before reminders had come; the rest is not of these tests.
    fileprivate func onlyRemindersAreDue() async throws {
        try await ledger.database.transaction { tx in
            try await tx.run(
                "UPDATE intent SET state = 'suppressed', reason = 'not-set', next_at = NULL WHERE kind <> 'reminder' OR rule <> 'day-before'")
            try await tx.run("UPDATE intent SET state = 'scheduled', reason = NULL, next_at = now() WHERE kind = 'reminder' AND rule = 'day-before'")
        }
    }

    /// What was answered, by visit.
    fileprivate func given() async throws -> [UUID: Bool] {
        let rows = try await ledger.database.transaction { tx in
            try await tx.all("SELECT appointment, accepts FROM visit_answer", as: UUID.self, Bool.self)
        }
        return Dictionary(rows.map { ($0.0, $0.1) }) { $1 }
    }
}
