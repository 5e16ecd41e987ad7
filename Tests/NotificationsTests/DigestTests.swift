import Contracts
import Foundation
import Logging
import MessageBus
import Postgres
import Synchronization
import TestSupport
import Testing
@testable import Notifications

/// N8: news at once, once a day or never.
@Suite(.serialized) struct DigestTests {
    private struct Desk {
        let outside: Outside
        let scene: Scene
        let mailer: Mailer
        let maria: ID<Patient>
        let began: Date

        func sender(at now: Date) throws -> LetterSender {
            LetterSender(
                database: scene.service, bus: scene.owners, mailer: mailer, clinics: Clinics(scene.owners), catalogue: try Repository.catalogue(),
                portal: "https://portal.example", links: Scene.links, clinic: nil, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                now: { now })
        }

        func wrote(at: Date) async throws {
            let event = MessageSent(thread: .init(), message: .init(), patient: maria, isFromPatient: false, at: at)
            try await scene.service.hear(event, handler: "write-on-message-sent")
        }

        func amended(at: Date) async throws {
            try await scene.service.hear(
                ResultAmended(patient: maria, result: .init(), version: 2, at: at), handler: "write-on-result-amended")
        }

        func billed(at: Date, payer: ID<Patient>? = nil, _ invoice: ID<Invoice> = .init(), times: Int = 1) async throws {
            let event = InvoiceIssued(invoice: invoice, patient: payer == nil ? maria : .init(), at: at, payer: payer)
            for _ in 0..<times { try await scene.service.hear(event, handler: "write-on-invoice-issued") }
        }

        func noticed(daysLate: Int, at: Date) async throws {
            let event = InstalmentNoticed(plan: .init(), number: 2, daysLate: daysLate, patient: maria, at: at)
            try await scene.service.hear(event, handler: "write-on-instalment-noticed")
        }

        /// As if the time of every letter had come.
        func everythingIsDue() async throws {
            try await scene.service.transaction { tx in _ = try await tx.run("UPDATE letter SET next_at = now() WHERE next_at IS NOT NULL") }
        }

        func run(at now: Date) async throws {
            let sender = try sender(at: now)
            while try await sender.round() > 0 {}
        }

        func states() async throws -> [String] {
            try await scene.service.transaction { tx in
                try await tx.all("SELECT concat_ws(' ', kind, state, reason) FROM letter ORDER BY kind, version, heard_at", as: String.self)
            }
        }
    }

    /// Noon in Chicago, of a day to come: whatever is heard then waits for five in the afternoon.
    private static let noon = Date(timeIntervalSince1970: 1_796_148_000)

    private func withDesk(_ choices: [MessageChoice], _ body: (Desk) async throws -> Void) async throws {
        let outside = try Outside()
        defer { outside.stop() }
        let mailer = Mailer(try outside.mailSettings())
        defer { mailer.close() }
        try await withScene { scene in
            let maria = ID<Patient>()
            let began = Self.noon
            scene.owners.facts.withLock { facts in
                facts.contacts[maria] = Contact(
                    patient: maria, version: 1, name: "Maria", language: "en", email: "maria@example.org", zone: "America/Chicago")
                facts.access = [maria: began.addingTimeInterval(-86_400)]
            }
            let wish = ChangePreferences(patient: maria, version: 0, choices: choices, key: .v7())
            _ = try await scene.service.bus.request(wish, as: scene.service.keys.patient(maria))
            try await body(Desk(outside: outside, scene: scene, mailer: mailer, maria: maria, began: began))
        }
    }

    private static let daily = [
        MessageChoice(.messages, .email, wanted: true, daily: true), MessageChoice(.recordNews, .email, wanted: true, daily: true),
    ]

    @Test func newsOfADayIsOneEmailAndSaysNothingOfIt() async throws {
        try await withDesk(Self.daily) { desk in
            try await desk.wrote(at: desk.began)
            try await desk.wrote(at: desk.began)
            try await desk.amended(at: desk.began)
            try await desk.run(at: desk.began)
            #expect(try await desk.states() == ["digest waiting", "message-waiting gathered", "message-waiting gathered", "result-amended gathered"])
            #expect(try desk.outside.mails().isEmpty)
            try await desk.everythingIsDue()
            try await desk.run(at: desk.began.addingTimeInterval(6 * 3_600))
            #expect(try await desk.states() == ["digest sent", "message-waiting sent", "message-waiting sent", "result-amended sent"])
            try await desk.everythingIsDue()
            try await desk.run(at: desk.began.addingTimeInterval(7 * 3_600))
            let mail = try #require(desk.outside.mails().first)
            #expect(try desk.outside.mails().count == 1)
            #expect(header("Subject", in: mail) == "News from your clinic" && header("List-Unsubscribe-Post", in: mail) != nil)
            #expect(mail.contains("Messages from the clinic: 2") && mail.contains("Changes in your record: 1"))
            for word in ["result", "test", "lab", "correct"] { #expect(!mail.lowercased().contains(word), "\(word)") }
            // What comes later is for the next day's.
            try await desk.wrote(at: desk.began.addingTimeInterval(8 * 3_600))
            try await desk.run(at: desk.began.addingTimeInterval(8 * 3_600))
            #expect(try await desk.states().filter { $0.hasPrefix("digest") } == ["digest sent", "digest waiting"])
        }
    }

    @Test func afterAnOutageThereIsOneAndNotMany() async throws {
        try await withDesk(Self.daily) { desk in
            for day in 0..<3 {
                let at = desk.began.addingTimeInterval(Double(day) * 86_400)
                try await desk.wrote(at: at)
                let sender = try desk.sender(at: at)
                try await sender.round()
            }
            #expect(try await desk.states().filter { $0.hasPrefix("digest") } == Array(repeating: "digest waiting", count: 3))
            try await desk.everythingIsDue()
            try await desk.run(at: desk.began.addingTimeInterval(2 * 86_400 + 8 * 3_600))
            #expect(
                try await desk.states().filter { $0.hasPrefix("digest") } == ["digest dropped overtaken", "digest dropped overtaken", "digest sent"])
            #expect(try desk.outside.mails().count == 1)
            #expect(try #require(desk.outside.mails().first).contains("Messages from the clinic: 3"))
            #expect(try await desk.states().filter { $0.hasPrefix("message") } == Array(repeating: "message-waiting sent", count: 3))
        }
    }

    /// As processes that are killed leave it, one after another: between the server's yes and the commit, and again.
    @Test func aDigestInDoubtIsSentOnceMoreAndNoMore() async throws {
        try await withDesk(Self.daily) { desk in
            try await desk.wrote(at: desk.began)
            try await desk.run(at: desk.began)
            try desk.outside.control("mail", #"{"close": "after"}"#)
            for _ in 0..<4 {
                try await desk.everythingIsDue()
                try await desk.run(at: desk.began.addingTimeInterval(6 * 3_600))
            }
            let mails = try desk.outside.mails()
            #expect(mails.count == 2 && Set(mails.compactMap { header("Message-ID", in: $0) }).count == 1)
            #expect(try await desk.states() == ["digest unknown outcome-unknown", "message-waiting unknown outcome-unknown"])
            // Whoever was killed before it could write anything down has left it handed over: that too is one copy more.
            try await desk.scene.service.transaction { tx in
                _ = try await tx.run("UPDATE letter SET state = 'waiting', next_at = now(), resends = 1 WHERE kind = 'digest'")
            }
            try await desk.run(at: desk.began.addingTimeInterval(6 * 3_600))
            #expect(try desk.outside.mails().count == 2)
        }
    }

    @Test func whatIsWantedAtOnceOrNotAtAllIsNotGathered() async throws {
        let choices = [
            MessageChoice(.messages, .email, wanted: true, daily: true), MessageChoice(.recordNews, .email, wanted: true, daily: false),
        ]
        try await withDesk(choices) { desk in
            try await desk.wrote(at: desk.began)
            try await desk.amended(at: desk.began)
            // A letter about the account waits for nothing.
            let letter = ID<Letter>()
            desk.scene.owners.facts.withLock {
                $0.letters[letter] = LetterView(to: "maria@example.org", language: "en", kind: "password-changed", audience: .portal)
            }
            try await desk.scene.service.hear(LetterWritten(letter: letter), handler: "send-on-letter-written")
            try await desk.run(at: desk.began)
            #expect(
                try await Set(desk.states()) == ["digest waiting", "message-waiting gathered", "result-amended sent", "sent"])
            #expect(try desk.outside.mails().count == 2)
            // By a click in the mailbox both end; what was gathered is told to nobody.
            let ending = Scene.links.endingDigests(to: desk.maria)
            let bus = try desk.scene.service.bus(of: "portal")
            _ = try await bus.request(Unsubscribe(link: ending, key: .v7()), as: desk.scene.service.keys.gateway("portal"))
            try await desk.everythingIsDue()
            try await desk.run(at: desk.began.addingTimeInterval(6 * 3_600))
            #expect(try desk.outside.mails().count == 2)
            #expect(try await desk.states().contains("digest dropped not-wanted"))
            let own = try await desk.scene.service.keys.patient(desk.maria)
            let known = try await desk.scene.service.bus.ask(ReadPreferences(patient: desk.maria), as: own)
            #expect(known.choices.filter { !$0.wanted }.map(\.topic) == [.recordNews, .messages, .bills])
            #expect(known.choices.filter { $0.daily == true }.map(\.topic) == [.messages])
            let wrong = ChangePreferences(
                patient: desk.maria, version: known.version, choices: [MessageChoice(.visitReminders, .email, wanted: true, daily: true)], key: .v7())
            #expect(try await desk.scene.service.bus.request(wrong, as: own) == .refused(.notOffered))
        }
    }

    private static let billsDaily = [MessageChoice(.bills, .email, wanted: true, daily: true)]

    @Test func billsOfADayAreToldWithTheRestOnceAndWithoutASum() async throws {
        try await withDesk(Self.daily + Self.billsDaily) { desk in
            // One bill heard of twice, one that Maria pays for a child, a plan, and a message.
            try await desk.billed(at: desk.began, times: 2)
            try await desk.billed(at: desk.began, payer: desk.maria)
            try await desk.noticed(daysLate: 0, at: desk.began)
            try await desk.wrote(at: desk.began)
            try await desk.run(at: desk.began)
            #expect(
                try await desk.states() == [
                    "digest waiting", "instalment-coming gathered", "invoice-issued gathered", "invoice-issued gathered", "message-waiting gathered",
                ])
            #expect(try desk.outside.mails().isEmpty)
            try await desk.everythingIsDue()
            try await desk.run(at: desk.began.addingTimeInterval(6 * 3_600))
            try await desk.everythingIsDue()
            try await desk.run(at: desk.began.addingTimeInterval(7 * 3_600))
            let mails = try desk.outside.mails()
            let mail = try #require(mails.first)
            #expect(mails.count == 1)
            #expect(try await desk.states().allSatisfy { $0.hasSuffix(" sent") })
            #expect(mail.contains("New bills: 2") && mail.contains("due soon: 1") && mail.contains("Messages from the clinic: 1"))
            #expect(!mail.contains("$") && !mail.lowercased().contains("usd"))
        }
    }

    @Test func whatIsLateIsToldAtOnceWhateverIsWanted() async throws {
        try await withDesk([MessageChoice(.bills, .email, wanted: false)]) { desk in
            try await desk.billed(at: desk.began)
            try await desk.noticed(daysLate: 0, at: desk.began)
            try await desk.noticed(daysLate: 3, at: desk.began)
            try await desk.run(at: desk.began)
            #expect(
                try await desk.states() == [
                    "instalment-coming dropped not-wanted", "instalment-late sent", "invoice-issued dropped not-wanted",
                ])
            let mail = try #require(desk.outside.mails().first)
            #expect(try desk.outside.mails().count == 1 && header("List-Unsubscribe-Post", in: mail) == nil)
        }
    }

    /// Whoever has said nothing hears of a bill at once, and ends that by a click, and nothing else.
    @Test func aBillIsToldAtOnceUnlessSomebodyWantsItOtherwise() async throws {
        try await withDesk([]) { desk in
            try await desk.billed(at: desk.began)
            try await desk.run(at: desk.began)
            #expect(try await desk.states() == ["invoice-issued sent"])
            let mail = try #require(desk.outside.mails().first)
            let address = try #require(header("List-Unsubscribe", in: mail))
            let link = String(address.dropFirst("<https://portal.example/hooks/unsubscribe/".count).dropLast())
            let bus = try desk.scene.service.bus(of: "portal")
            let ended = try await bus.request(Unsubscribe(link: link, key: .v7()), as: desk.scene.service.keys.gateway("portal"))
            #expect(ended == .done(Unsubscribed(topic: .bills)))
            try await desk.billed(at: desk.began)
            try await desk.wrote(at: desk.began)
            try await desk.run(at: desk.began)
            #expect(try await desk.states() == ["invoice-issued sent", "invoice-issued dropped not-wanted", "message-waiting sent"])
        }
    }

    @Test(arguments: [
        ("2026-11-27T22:59:00Z", "America/Chicago", 20_261_127, "2026-11-27T23:00:00Z"),
        ("2026-11-27T23:00:00Z", "America/Chicago", 20_261_128, "2026-11-28T23:00:00Z"),
        // Clocks change in between.
        ("2027-03-13T23:30:00Z", "America/Chicago", 20_270_314, "2027-03-14T22:00:00Z"),
        ("2026-12-31T20:00:00Z", "Asia/Tokyo", 20_270_101, "2027-01-01T08:00:00Z"),
    ])
    func itLeavesAtFiveByTheReadersClock(_ row: (String, String, Int, String)) throws {
        let next = Digest.next(after: try date(row.0), in: try zone(row.1))
        #expect(next.day == row.2)
        #expect(next.due == (try date(row.3)))
    }
}
