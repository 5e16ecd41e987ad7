import Contracts
import Crypto
import Foundation
import MessageBus
import Postgres
import Synchronization
import TestSupport
import Testing
@testable import Notifications

/// That somebody comes, or does not: by the link of a message, or by text.
@Suite(.serialized) struct AnswerTests {
    private func withOutside(_ body: (Outside, Scene) async throws -> Void) async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { try await body(outside, $0) }
    }

    private func carrier(_ scene: Scene) -> AnswerCarrier { AnswerCarrier(database: scene.ledger.database, bus: scene.owners) }

    @Test func aLinkOpensOneVisitAndNothingElse() throws {
        let (links, other) = (Scene.links, VisitLinks(key: .init(size: .bits256)))
        let intent = ID<Contracts.Intent>()
        let link = links.link(intent)
        #expect(link.utf8.count == 43 && links.intent(link) == intent && other.intent(link) == nil)
        #expect(link != links.link(.init()))
        for wrong in ["", "x", String(link.dropLast()), link + "A", String(link.reversed()), link.uppercased(), String(repeating: "é", count: 43)] {
            #expect(links.intent(wrong) == nil)
        }
        for place in link.indices where place < link.index(link.endIndex, offsetBy: -1) {
            var changed = Array(link)
            let index = link.distance(from: link.startIndex, to: place)
            changed[index] = changed[index] == "A" ? "B" : "A"
            #expect(links.intent(String(changed)) == nil)
        }
    }

    @Test func lookingChangesNothingAndAnswersAreCarriedOnce() async throws {
        try await withOutside { outside, scene in
            let event = try scene.visit(inHours: 72)
            try await scene.book(event)
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            try await scene.sender(.email, EmailRoute(mailer: mailer)).round()
            let mail = try #require(outside.mails().first).replacing("=\n", with: "")
            let link = String(try #require(mail.firstMatch(of: /https:\/\/portal\.example\/answer\/([A-Za-z0-9_-]{43})\?lang=3Den/)).1)
            func state() async throws -> VisitLinkState? { try await scene.look(link) }

            for _ in 0..<3 { #expect(try await state() == .open) }
            #expect(try await carrier(scene).round() == 0)
            let key = UUID.v7()
            for _ in 0..<2 { #expect(try await scene.answer(link, true, key: key) == .done(Done())) }
            #expect(try await scene.answer(link, true) == .done(Done()))
            #expect(try await state() == .accepted)
            // Scheduling is away: the answer waits, and keeps its key.
            scene.owners.facts.withLock { $0.isAway = true }
            #expect(try await carrier(scene).round() == 1)
            scene.owners.facts.withLock { $0.isAway = false }
            try await scene.answersAreDue()
            #expect(try await carrier(scene).round() == 1)
            try await scene.answersAreDue()
            #expect(try await carrier(scene).round() == 0)
            let told = scene.owners.facts.withLock { $0.responses }
            #expect(told.map(\.accepts) == [true] && told.map(\.appointment) == [event.appointment] && told.map(\.start) == [event.start.instant])

            // Plans change: they may still cancel, and then it is said.
            #expect(try await scene.answer(link, false) == .done(Done()))
            #expect(try await state() == .declined)
            #expect(try await scene.answer(link, true) == .refused(.closed))
            try await carrier(scene).round()
            #expect(scene.owners.facts.withLock { $0.responses.map(\.accepts) } == [true, false])
            #expect(try await scene.answer("nothing", true) == .refused(.unknown))
        }
    }

    @Test func lateAnswersSayWhy() async throws {
        try await withScene { scene in
            let (past, moved, cancelled, refused) = (try scene.visit(), try scene.visit(), try scene.visit(), try scene.visit())
            var links: [ID<Appointment>: String] = [:]
            for event in [past, moved, cancelled, refused] { try await scene.book(event) }
            for intent in try await scene.ledger.claim(.sms, atMost: 10, now: Date()).flatMap(\.self) {
                #expect(try await scene.ledger.hand([intent], Parcel { _ in .unknown }, in: .english))
                links[intent.appointment] = Scene.links.link(intent.id)
            }
            func state(_ event: AppointmentBooked) async throws -> VisitLinkState? { try await scene.look(try #require(links[event.appointment])) }
            func answer(_ event: AppointmentBooked) async throws -> Answer<AnswerVisit> {
                try await scene.answer(try #require(links[event.appointment]), false)
            }
            let later = ZonedTime(moved.start.instant.addingTimeInterval(3_600), in: try zone("America/Chicago"))
            try await scene.service.hear(
                AppointmentRescheduled(
                    appointment: moved.appointment, version: 3, patient: moved.patient, practitioner: moved.practitioner, location: moved.location,
                    start: later, end: later),
                handler: "supersede-on-appointment-rescheduled")
            try await scene.cancel(cancelled)
            try await scene.ledger.database.transaction { tx in
                _ = try await tx.run("UPDATE intent SET starts_at = now() - interval '1 s' WHERE appointment = \(past.appointment.uuid)")
            }
            scene.owners.facts.withLock { $0.refusesResponses = true }
            #expect(try await answer(refused) == .done(Done()))
            try await carrier(scene).round()
            for (event, expected) in [(past, VisitLinkState.past), (moved, .moved), (cancelled, .cancelled), (refused, .refused)] {
                #expect(try await state(event) == expected)
                #expect(try await answer(event) == .refused(.closed))
            }
        }
    }

    /// What was said of a visit before it was cancelled is no answer to the one that is booked again, at the same time.
    @Test func aVisitThatIsBookedAgainIsAnsweredAnew() async throws {
        try await withOutside { outside, scene in
            let event = try scene.visit { $0.zone = Scene.noon }
            var again = event
            again.version = 4
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let senders = [try scene.sender(.sms, scene.textRoute(outside, replies: true)), try scene.sender(.email, EmailRoute(mailer: mailer))]
            func tell(_ event: AppointmentBooked) async throws {
                try await scene.book(event)
                for sender in senders { while try await sender.round() > 0 {} }
            }
            func heard(_ words: String) async throws -> String? {
                guard case .done(let heard) = try await scene.text(words, from: "+13125550142") else { return nil }
                return heard.answer
            }
            try await tell(event)
            #expect(try await heard("X") == "declined")
            try await carrier(scene).round()
            try await scene.cancel(event, version: 3)
            scene.tell(event, "booked", version: 4)
            let before = Set(try outside.mails())
            try await tell(again)
            let mail = try #require(outside.mails().first { !before.contains($0) }).replacing("=\n", with: "")
            let link = String(try #require(mail.firstMatch(of: /\/answer\/([A-Za-z0-9_-]{43})/)).1)
            #expect(try await scene.look(link) == .open)
            #expect(try await heard("X") == "declined")
            // What the text was answered is said of the e-mail too.
            #expect(try await scene.look(link) == .declined)
            try await carrier(scene).round()
            #expect(scene.owners.facts.withLock { $0.responses.map(\.accepts) } == [false, false])
        }
    }

    @Test func cAndXAnswerTheLastTextToTheNumber() async throws {
        try await withOutside { outside, scene in
            let (first, second) = (try scene.visit(inHours: 50), try scene.visit(inHours: 90) { $0.language = "es" })
            let sender = try scene.sender(.sms, scene.textRoute(outside, replies: true))
            #expect(try await scene.text("C", from: "+13125550142") == .done(TextHeard(answer: .notUnderstood, language: "en")))
            for event in [first, second] {
                try await scene.book(event)
                while try await sender.round() > 0 {}
            }
            #expect(try outside.texts().last?["body"]?.contains("Responda C si viene, X para cancelar.") == true)
            #expect(try outside.texts().first?["body"]?.contains("Reply C to say you come, X to cancel.") == true)
            let start = second.start
            #expect(try await scene.text(" c. ", from: "+13125550142") == .done(TextHeard(answer: .accepted, start: start, language: "es")))
            #expect(try await scene.text("Sí", from: "+13125550142") == .done(TextHeard(answer: .accepted, start: start, language: "es")))
            #expect(try await scene.text("x", from: "+13125550142") == .done(TextHeard(answer: .declined, start: start, language: "es")))
            #expect(try await scene.text("C", from: "+13125550142") == .done(TextHeard(answer: .declined, start: start, language: "es")))
            // Nobody else's visit is touched by it, and no other number's word.
            #expect(try await scene.text("X", from: "+13125550143") == .done(TextHeard(answer: .notUnderstood, language: "en")))
            try await carrier(scene).round()
            let told = scene.owners.facts.withLock { $0.responses }
            #expect(told.map(\.accepts) == [true, false] && Set(told.map(\.appointment)) == [second.appointment])
            try await scene.ledger.database.transaction { tx in _ = try await tx.run("UPDATE intent SET starts_at = now() - interval '1 h'") }
            guard case .done(let late) = try await scene.text("X", from: "+13125550142") else { throw CocoaError(.featureUnsupported) }
            #expect(late.answer == "past" && late.start != nil)
        }
    }
}

extension Scene {
    func look(_ link: String) async throws -> VisitLinkState? {
        let answer = try await service.bus(of: "portal").request(ReadVisitLink(link: link), as: service.keys.gateway("portal"))
        guard case .done(let visit) = answer else { return nil }
        return visit.state
    }

    func answer(_ link: String, _ accepts: Bool, key: UUID = .v7()) async throws -> Answer<AnswerVisit> {
        try await service.bus(of: "portal").request(AnswerVisit(link: link, accepts: accepts, key: key), as: service.keys.gateway("portal"))
    }

    func answersAreDue() async throws {
        try await ledger.database.transaction { tx in _ = try await tx.run("UPDATE visit_answer SET next_at = now() WHERE next_at IS NOT NULL") }
    }
}
