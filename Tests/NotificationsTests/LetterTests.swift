import Contracts
import Foundation
import Logging
import MessageBus
import Postgres
import Synchronization
import TestSupport
import Testing
@testable import Notifications

@Suite(.serialized) struct LetterTests {
    private func sender(_ scene: Scene, _ mailer: Mailer?) throws -> LetterSender {
        LetterSender(
            database: scene.service, bus: scene.owners, mailer: mailer, clinics: Clinics(scene.owners),
            catalogue: try Repository.catalogue(), portal: "https://portal.example", links: Scene.links, clinic: nil,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func states(_ scene: Scene) async throws -> [String] {
        try await scene.service.transaction { tx in
            try await tx.all("SELECT concat_ws(' ', state, reason) FROM letter ORDER BY 1", as: String.self)
        }
    }

    private func hear(_ scene: Scene, _ view: LetterView?) async throws {
        let letter = ID<Letter>()
        scene.owners.facts.withLock { $0.letters[letter] = view }
        for _ in 0..<2 { try await scene.service.hear(LetterWritten(letter: letter), handler: "send-on-letter-written") }
    }

    @Test func aLetterIsSentOnceAndOneForNobodyIsDropped() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let sender = try sender(scene, mailer)
            try await hear(scene, LetterView(to: "maria@example.org", language: "es", kind: "reset", audience: .portal, code: "K7QF-M2XP-9RTD"))
            try await hear(scene, nil)
            try await hear(scene, LetterView(to: "not an address", kind: "reset", audience: .portal, code: "K7QF-M2XP-9RTD"))
            try await sender.round()
            #expect(try await sender.round() == 0)
            let mail = try #require(try outside.mails().first)
            #expect(try outside.mails().count == 1)
            #expect(header("X-Envelope-To", in: mail) == "maria@example.org")
            // The code is in the text and in no address that a log or a history would keep.
            #expect(mail.contains("K7QF-M2XP-9RTD") && mail.contains("https://portal.example/reset"))
            #expect(!mail.contains("reset?") && !mail.contains("reset/K7QF"))
            #expect(try await states(scene) == ["dropped", "failed address-not-usable", "sent"])
        }
    }

    @Test func identityAwayIsWaitedForAndAServerThatIsBusyIsAskedAgain() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let mailer = Mailer(try outside.mailSettings(password: "wrong"))
            defer { mailer.close() }
            try await hear(scene, LetterView(to: "maria@example.org", kind: "password-changed", audience: .clinic))
            scene.owners.facts.withLock { $0.isAway = true }
            let sender = try sender(scene, mailer)
            #expect(try await sender.round() == 1)
            #expect(try await states(scene) == ["waiting"])
            scene.owners.facts.withLock { $0.isAway = false }
            try await scene.service.transaction { tx in _ = try await tx.run("UPDATE letter SET next_at = now()") }
            #expect(try await sender.round() == 1)
            #expect(try await states(scene) == ["waiting sign-in-refused"])
            #expect(try outside.mails().isEmpty)
        }
    }

    /// Whoever takes so long that the letter is another's by now neither sends it nor writes down how it ended.
    @Test func aLetterIsSentByWhoTookItLast() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let maria = ID<Patient>()
            scene.owners.facts.withLock {
                $0.contacts[maria] = Contact(patient: maria, version: 1, name: "Maria", email: "maria@example.org")
                // The lease is over, and another instance takes the letter, while the first looks for the address.
                $0.meanwhile = {
                    try await scene.service.transaction { tx in _ = try await tx.run("UPDATE letter SET next_at = now() + interval '60 s'") }
                }
            }
            try await hear(scene, LetterView(to: "", kind: "invitation", audience: .portal, code: "K7QF-M2XP-9RTD", patient: maria))
            let sender = try sender(scene, mailer)
            #expect(try await sender.round() == 1)
            #expect(try outside.mails().isEmpty)
            let untouched = try await scene.service.transaction { tx in
                try await tx.first("SELECT handed_at IS NULL AND next_at > now() + interval '30 s' FROM letter", as: Bool.self)
            }
            #expect(untouched == true)
            #expect(try await states(scene) == ["waiting"])
            scene.owners.facts.withLock { $0.meanwhile = nil }
            try await scene.service.transaction { tx in _ = try await tx.run("UPDATE letter SET next_at = now()") }
            #expect(try await sender.round() == 1)
            #expect(try outside.mails().count == 1)
            #expect(try await states(scene) == ["sent"])
        }
    }

    /// A code for a chart goes where the chart says, whatever the letter says.
    @Test func anInvitationGoesToTheAddressOnFile() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let (known, unreachable) = (ID<Patient>(), ID<Patient>())
            scene.owners.facts.withLock {
                $0.contacts[known] = Contact(patient: known, version: 1, name: "Maria", language: "es", email: "on-file@example.org")
                $0.contacts[unreachable] = Contact(patient: unreachable, version: 1, name: "Ana")
            }
            for patient in [known, unreachable, ID<Patient>()] {
                try await hear(
                    scene, LetterView(to: "typed@example.org", kind: "invitation", audience: .portal, code: "K7QF-M2XP-9RTD", patient: patient))
            }
            let sender = try sender(scene, mailer)
            try await sender.round()
            let mails = try outside.mails()
            #expect(mails.count == 1)
            let mail = try #require(mails.first)
            #expect(header("X-Envelope-To", in: mail) == "on-file@example.org")
            #expect(mail.contains("K7QF-M2XP-9RTD") && mail.contains("https://portal.example/activate") && !mail.contains("typed@"))
            #expect(try await states(scene) == ["dropped", "failed address-not-usable", "sent"])
        }
    }

    /// One letter a version, however often and in whatever order they are heard, to those who could have read what it said before.
    @Test func aCorrectedResultIsToldOnceAVersionToWhoCouldSeeIt() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let (maria, late, nobody, dead, silent) = (ID<Patient>(), ID<Patient>(), ID<Patient>(), ID<Patient>(), ID<Patient>())
            let practice = ID<Patient>()
            let (result, at) = (ID<Resource>(), Date())
            scene.owners.facts.withLock { facts in
                for (patient, language) in [(maria, "es"), (late, "en"), (nobody, "en"), (dead, "en"), (silent, "en"), (practice, "en")] {
                    facts.contacts[patient] = Contact(
                        patient: patient, version: 1, name: "Maria", language: language, email: "\(patient)@example.org", deceased: patient == dead,
                        practice: patient == practice)
                }
                let before = at.addingTimeInterval(-60)
                facts.access = [maria: before, late: at.addingTimeInterval(60), dead: before, silent: before, practice: before]
            }
            for version in [3, 2, 3, 2] {
                try await scene.service.hear(
                    ResultAmended(patient: maria, result: result, version: version, at: at), handler: "write-on-result-amended")
            }
            // Who does not want to hear of it is not written to, whatever changed.
            let no = ChangePreferences(patient: silent, version: 0, choices: [MessageChoice(.recordNews, .email, wanted: false)], key: .v7())
            _ = try await scene.service.bus.request(no, as: scene.service.keys.patient(silent))
            for patient in [late, nobody, dead, silent, practice] {
                try await scene.service.hear(
                    ResultAmended(patient: patient, result: .init(), version: 2, at: at), handler: "write-on-result-amended")
            }
            let sender = try sender(scene, mailer)
            // Identity is away: it is waited for.
            scene.owners.facts.withLock { $0.isAway = true }
            try await sender.round()
            #expect(try await Set(states(scene)) == ["waiting"])
            scene.owners.facts.withLock { $0.isAway = false }
            try await scene.service.transaction { tx in _ = try await tx.run("UPDATE letter SET next_at = now()") }
            while try await sender.round() > 0 {}
            #expect(try await states(scene) == ["dropped", "dropped", "dropped", "dropped", "dropped not-wanted", "sent", "sent"])
            let mails = try outside.mails()
            #expect(mails.count == 2 && mails.allSatisfy { header("X-Envelope-To", in: $0) == "\(maria)@example.org" })
        }
    }

    /// An offer is told once, to who waits, whatever else they want; when its time is over it is told to nobody.
    @Test func aTimeThatIsKeptIsToldWhileItIs() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let (maria, late) = (ID<Patient>(), ID<Patient>())
            scene.owners.facts.withLock { facts in
                for patient in [maria, late] {
                    facts.contacts[patient] = Contact(patient: patient, version: 1, name: "Maria", language: "es", email: "\(patient)@example.org")
                    facts.access[patient] = Date().addingTimeInterval(-3_600)
                }
            }
            let no = ChangePreferences(patient: maria, version: 0, choices: [MessageChoice(.recordNews, .email, wanted: false)], key: .v7())
            _ = try await scene.service.bus.request(no, as: scene.service.keys.patient(maria))
            let offer = WaitlistOffered(offer: .init(), patient: maria, at: Date(), until: Date().addingTimeInterval(600))
            for _ in 0..<2 { try await scene.service.hear(offer, handler: "write-on-waitlist-offered") }
            let over = WaitlistOffered(offer: .init(), patient: late, at: Date().addingTimeInterval(-60), until: Date().addingTimeInterval(-1))
            try await scene.service.hear(over, handler: "write-on-waitlist-offered")
            let sender = try sender(scene, mailer)
            while try await sender.round() > 0 {}
            #expect(try await states(scene) == ["dropped", "sent"])
            let mail = try #require(try outside.mails().first)
            #expect(header("X-Envelope-To", in: mail) == "\(maria)@example.org")
            #expect(mail.contains("https://portal.example/visits/waiting"))
            // In place of a visit that cannot be kept it is told in other words.
            let instead = WaitlistOffered(offer: .init(), patient: maria, at: Date(), until: Date().addingTimeInterval(600), absence: .v7())
            try await scene.service.hear(instead, handler: "write-on-waitlist-offered")
            while try await sender.round() > 0 {}
            #expect(try outside.mails().count { $0.contains("Subject: Su cita necesita otra hora") } == 1)
        }
    }

    /// That there is a bill is told once, to who can look; what it is for and how much stays in the portal.
    @Test func whoHasABillIsToldOnce() async throws {
        try await withScene { scene in
            let (patient, invoice, at) = (ID<Patient>(), ID<Invoice>(), Date())
            for _ in 0..<2 {
                try await scene.service.hear(InvoiceIssued(invoice: invoice, patient: patient, at: at), handler: "write-on-invoice-issued")
            }
            #expect(try await states(scene) == ["waiting"])
            // And that there is a statement, likewise.
            let statement = StatementMade(statement: .init(), patient: patient, at: at)
            for _ in 0..<2 { try await scene.service.hear(statement, handler: "write-on-statement-made") }
            #expect(try await states(scene) == ["waiting", "waiting"])
            // Of an instalment each time it is told of, to who pays it; nobody where it goes by post.
            let (plan, payer) = (ID<PaymentPlan>(), ID<Patient>())
            for days in [0, 0, 3, 7, 7] {
                let notice = InstalmentNoticed(plan: plan, number: 1, daysLate: days, patient: patient, at: at, payer: payer)
                try await scene.service.hear(notice, handler: "write-on-instalment-noticed")
            }
            let byPost = InstalmentNoticed(plan: .init(), number: 1, daysLate: 3, patient: patient, at: at, byPost: true)
            try await scene.service.hear(byPost, handler: "write-on-instalment-noticed")
            try await scene.service.hear(
                InvoiceIssued(invoice: .init(), patient: patient, at: at, byPost: true), handler: "write-on-invoice-issued")
            let kinds = try await scene.service.transaction { tx in
                try await tx.all("SELECT kind FROM letter WHERE patient = \(payer.uuid) ORDER BY version", as: String.self)
            }
            #expect(kinds == ["instalment-coming", "instalment-late", "instalment-late"])
            #expect(try await states(scene).count == 5)
        }
    }

    /// A locked screen shows the subject: that there was a result, and that it was wrong, is for who opens the letter.
    @Test func theSubjectSaysNothingOfAResult() throws {
        let catalogue = try Repository.catalogue()
        for language in Language.allCases {
            let subject = try #require(catalogue.template("letter.result-amended.subject", in: language)).lowercased()
            for word in ["result", "test", "correct", "corrig", "wrong"] { #expect(!subject.contains(word), "\(language)") }
        }
    }

    /// A message in the portal is told once; what the patient wrote is no news to them.
    @Test func aMessageIsToldOnceAndNothingOfIt() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let (maria, at) = (ID<Patient>(), Date())
            scene.owners.facts.withLock { facts in
                facts.contacts[maria] = Contact(
                    patient: maria, version: 1, name: "Maria", language: "en", email: "maria@example.org", deceased: false)
                facts.access = [maria: at.addingTimeInterval(-60)]
            }
            let (thread, answer) = (ID<MessageThread>(), ID<ThreadMessage>())
            for isFromPatient in [true, false] {
                let message = isFromPatient ? ID<ThreadMessage>() : answer
                let event = MessageSent(thread: thread, message: message, patient: maria, isFromPatient: isFromPatient, at: at)
                for _ in 0..<2 { try await scene.service.hear(event, handler: "write-on-message-sent") }
            }
            let sender = try sender(scene, mailer)
            while try await sender.round() > 0 {}
            #expect(try await states(scene) == ["sent"])
            let mail = try #require(try outside.mails().first)
            #expect(header("X-Envelope-To", in: mail) == "maria@example.org")
            // Who does not want to hear of messages is not written to.
            let no = ChangePreferences(patient: maria, version: 0, choices: [MessageChoice(.messages, .email, wanted: false)], key: .v7())
            _ = try await scene.service.bus.request(no, as: scene.service.keys.patient(maria))
            let next = MessageSent(thread: thread, message: .init(), patient: maria, isFromPatient: false, at: at)
            try await scene.service.hear(next, handler: "write-on-message-sent")
            while try await sender.round() > 0 {}
            #expect(try await states(scene) == ["dropped not-wanted", "sent"])
        }
    }

    /// Of a message it is said that there is one: no name, and nothing it is about.
    @Test func theLetterAboutAMessageSaysNothingOfIt() throws {
        let catalogue = try Repository.catalogue()
        for language in Language.allCases {
            for part in ["subject", "1", "2", "3"] {
                let words = try #require(catalogue.template("letter.message-waiting.\(part)", in: language)).lowercased()
                for word in ["{", "result", "medic", "doctor", "appointment", "bill", "cita", "factura"] {
                    #expect(!words.contains(word), "\(language)")
                }
            }
        }
    }

    @Test func everyKindHasItsWords() throws {
        let catalogue = try Repository.catalogue()
        for language in Language.allCases {
            let wording = Wording(
                catalogue: catalogue, language: language, clinic: ClinicWords(name: "Lakeside Clinic", place: nil, phone: nil),
                portal: "https://p.example")
            for kind in [
                "reset", "reset-started", "password-changed", "second-factor-on", "second-factor-off", "recovery-code-used", "invitation",
                "account-requested", "account-exists", "passkey-added", "passkey-removed", "result-amended", "waitlist-offered", "message-waiting",
                "invoice-issued", "statement-made", "visit-unkept", "digest", "instalment-coming", "instalment-late",
            ] {
                let mail = try #require(wording.letter(kind, code: "K7QF-M2XP-9RTD", link: "https://p.example"))
                #expect(!mail.subject.contains("{") && !mail.text.contains("{") && mail.text.contains("https://p.example/"))
                // A locked screen shows the subject.
                #expect(!mail.subject.contains("K7QF"))
            }
            #expect(wording.letter("tomorrow", code: nil, link: nil) == nil)
        }
    }
}
