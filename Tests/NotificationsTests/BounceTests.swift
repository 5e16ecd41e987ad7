import Access
import Contracts
import Foundation
import Logging
import MessageBus
import Postgres
import Synchronization
import TestSupport
import Testing
@testable import Notifications

/// N6: what could not be delivered, and whom the clinic has to call.
@Suite(.serialized) struct BounceTests {
    /// As Postfix writes it.
    private func report(_ messageID: String, action: String = "failed", status: String = "5.1.1", lineEnd: String = "\n") -> String {
        """
        Return-Path: <>
        From: MAILER-DAEMON@mail.example (Mail Delivery System)
        Subject: Undelivered Mail Returned to Sender
        Message-Id: <20261124164007.4F8A2C01@mail.example>
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="4F8A2C01.1795536007/mail.example"

        --4F8A2C01.1795536007/mail.example
        Content-Type: text/plain; charset=us-ascii

        I'm sorry to have to inform you that your message could not be delivered.

        --4F8A2C01.1795536007/mail.example
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mail.example

        Final-Recipient: rfc822; ana@patients.example
        Action: \(action)
        Status: \(status)
        Diagnostic-Code: smtp; 550 5.1.1 no such user

        --4F8A2C01.1795536007/mail.example
        Content-Type: text/rfc822-headers

        From: Lakeside Clinic <visits@clinic.example>
        Message-ID: \(messageID)

        --4F8A2C01.1795536007/mail.example--
        """.replacing("\n", with: lineEnd)
    }

    @Test func aReportIsReadAndNothingElseIs() throws {
        let intent = ID<Contracts.Intent>()
        let id = "<\(intent)@clinic.example>"
        for end in ["\n", "\r\n"] {
            let hard = try #require(DeliveryStatus(report(id, lineEnd: end), domain: "clinic.example"))
            #expect(hard.intent == intent && hard.isFinal)
        }
        #expect(DeliveryStatus(report(id, action: "delayed", status: "4.4.7"), domain: "clinic.example")?.isFinal == false)
        #expect(DeliveryStatus(report(id, action: "delivered", status: "2.0.0"), domain: "clinic.example")?.isFinal == false)
        #expect(DeliveryStatus(report(id), domain: "other.example") == nil)
        #expect(DeliveryStatus(report("<nothing@clinic.example>"), domain: "clinic.example") == nil)
        #expect(DeliveryStatus("Subject: Out of office\n\nAction: failed\nStatus: 5.0.0\nMessage-ID: \(id)\n", domain: "clinic.example") == nil)
        #expect(DeliveryStatus("", domain: "clinic.example") == nil)
    }

    @Test func whomNoMessageReachedIsCalled() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bounces-\(UUID())")
        for part in ["new", "cur", "tmp"] {
            try FileManager.default.createDirectory(at: folder.appending(path: part), withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(at: folder) }
        try await withScene { scene in
            // One with an address that does not work and no phone; one who is reached by text; one with nothing at all.
            let (lost, reached) = (try scene.visit { $0.phone = nil }, try scene.visit())
            let nowhere = try scene.visit { ($0.phone, $0.email) = (nil, nil) }
            for event in [lost, reached, nowhere] { try await scene.book(event) }
            let senders = [try scene.sender(.email, Taking()), try scene.sender(.sms, Taking())]
            for sender in senders { while try await sender.round() > 0 {} }
            let reader = BounceReader(
                folder: folder, domain: "clinic.example", database: scene.ledger.database,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let desk = try await scene.service.keys.staff(.frontDesk)
            func waiting() async throws -> [ID<Appointment>] {
                try await scene.service.bus.ask(ReadUnreached(), as: desk).lines.map(\.appointment)
            }
            #expect(try await waiting() == [nowhere.appointment])
            for event in [lost, reached] {
                let intent = try await scene.ledger.database.transaction { tx in
                    try await tx.first(
                        "SELECT id FROM intent WHERE appointment = \(event.appointment.uuid) AND channel = 'email' AND kind = 'confirmation'",
                        as: UUID.self)
                }
                let id = ID<Contracts.Intent>(try #require(intent))
                try Data(report("<\(id)@clinic.example>").utf8).write(to: folder.appending(path: "new").appending(path: "\(id)"))
            }
            #expect(try await reader.round() == 2)
            #expect(try await reader.round() == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "cur").path).count == 2)
            #expect(try await scene.states(lost, kind: .confirmation, channel: .email) == ["v2 confirmation email bounced address-refused"])
            #expect(try await Set(waiting()) == [lost.appointment, nowhere.appointment])
            let line = try #require(try await scene.service.bus.ask(ReadUnreached(), as: desk).lines.first { $0.appointment == lost.appointment })
            #expect(line.reasons == ["email address-refused", "sms no-contact"])
            let command = CloseUnreached(intent: line.intent, patient: line.patient, key: .v7())
            #expect(try await scene.service.bus.request(command, as: desk) == .done(Done()))
            #expect(try await waiting() == [nowhere.appointment])
            let other = CloseUnreached(intent: line.intent, patient: .init(), key: .v7())
            #expect(try await scene.service.bus.request(other, as: desk) == .refused(.notFound))
        }
    }
}

extension BounceTests {
    /// News in the portal: by e-mail, else by text where they allow one, else by the desk, which is told why.
    @Test func whatALetterCannotTellATextDoesElseTheDesk() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        let folder = outside.folder.appending(path: "returned")
        for part in ["new", "cur"] {
            try FileManager.default.createDirectory(at: folder.appending(path: part), withIntermediateDirectories: true)
        }
        try await withScene { scene in
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let letters = LetterSender(
                database: scene.service, bus: scene.owners, mailer: mailer, clinics: Clinics(scene.owners), catalogue: try Repository.catalogue(),
                portal: "https://portal.example", links: Scene.links, clinic: nil, logger: quiet)
            let texts = TextNoticeSender(
                database: scene.service, bus: scene.owners, texter: outside.texter(callbacks: "https://portal.example"), numbers: Scene.numbers,
                clinics: Clinics(scene.owners), catalogue: try Repository.catalogue(), portal: "https://portal.example", logger: quiet,
                now: { Date() })
            // Reached by text; without a phone; who wants no texts; whose text does not arrive; and with no address at all.
            let (reached, silent, unwilling, undelivered, nowhere) = (ID<Patient>(), ID<Patient>(), ID<Patient>(), ID<Patient>(), ID<Patient>())
            let all = [reached, silent, unwilling, undelivered, nowhere]
            scene.owners.facts.withLock { facts in
                for (number, patient) in all.enumerated() {
                    facts.contacts[patient] = Contact(
                        patient: patient, version: 1, name: "Ana", language: "en", email: patient == nowhere ? nil : "\(patient)@example.org",
                        phone: patient == silent || patient == nowhere ? nil : "+1312555020\(number)", zone: Scene.noon)
                    facts.access[patient] = Date().addingTimeInterval(-3_600)
                }
            }
            let no = ChangePreferences(patient: unwilling, version: 0, choices: [MessageChoice(.messages, .sms, wanted: false)], key: .v7())
            _ = try await scene.service.bus.request(no, as: scene.service.keys.patient(unwilling))
            for patient in all {
                try await scene.service.hear(InvoiceIssued(invoice: .init(), patient: patient, at: Date()), handler: "write-on-invoice-issued")
            }
            while try await letters.round() > 0 {}
            for mail in try outside.mails() {
                let id = try #require(header("Message-ID", in: mail))
                try Data(report(id).utf8).write(to: folder.appending(path: "new").appending(path: UUID().uuidString))
            }
            let reader = BounceReader(folder: folder, domain: "clinic.example", database: scene.ledger.database, logger: quiet)
            #expect(try await reader.round() == 4)
            while try await texts.round() > 0 {}
            let sent = try outside.texts()
            #expect(Set(sent.compactMap { $0["to"] }) == ["+13125550200", "+13125550203"])
            #expect(sent.allSatisfy { $0["body"] == "Lakeside Clinic: there is news for you. See it here: https://portal.example" })
            for text in sent {
                let path = String(try #require(text["status_callback"]).dropFirst("https://portal.example".count))
                let status = text["to"] == "+13125550203" ? "undelivered" : "delivered"
                #expect(try await scene.receipt(path, try #require(text["sid"]), status) == .done(Done()))
            }
            let desk = try await scene.service.keys.staff(.frontDesk)
            func waiting() async throws -> [ID<Patient>: [String]] {
                let found = try await scene.service.bus.ask(ReadUnreached(), as: desk)
                #expect(found.lines.isEmpty && found.totalLetters == found.letters?.count)
                return Dictionary(uniqueKeysWithValues: (found.letters ?? []).map { ($0.patient, $0.reasons) })
            }
            #expect(
                try await waiting() == [
                    silent: ["email address-refused", "sms no-contact"], unwilling: ["email address-refused", "sms not-wanted"],
                    undelivered: ["email address-refused", "sms not-delivered"], nowhere: ["email address-not-usable", "sms no-contact"],
                ])
            let line = try #require(try await scene.service.bus.ask(ReadUnreached(), as: desk).letters?.first { $0.patient == silent })
            let told = CloseUnreached(intent: ID(line.letter.uuid), patient: silent, key: .v7())
            #expect(try await scene.service.bus.request(told, as: desk) == .done(Done()))
            #expect(try await Set(waiting().keys) == [unwilling, undelivered, nowhere])
        }
    }

    /// A later message that reaches somebody is as good as the one that did not; one of another time is not.
    @Test func theProofSaysWhatCameOfWhatReachedNobody() async throws {
        try await withScene { scene in
            let (lost, reached) = (try scene.visit { $0.phone = nil }, try scene.visit())
            for event in [lost, reached] { try await scene.book(event) }
            for sender in [try scene.sender(.email, Taking()), try scene.sender(.sms, Taking())] { while try await sender.round() > 0 {} }
            try await scene.ledger.database.transaction { tx in
                _ = try await tx.run("UPDATE intent SET state = 'bounced', reason = 'address-refused' WHERE channel = 'email' AND state = 'sent'")
            }
            let desk = try await scene.service.keys.staff(.frontDesk)
            func next(_ event: AppointmentBooked, _ channel: String) async throws -> String? {
                let query = ReadNotices(appointment: event.appointment, patient: event.patient)
                return try await scene.service.bus.ask(query, as: scene.service.keys.patient(event.patient)).notices
                    .first { $0.kind == "confirmation" && $0.channel == channel }?.next
            }
            #expect(try await next(reached, "email") == "other-channel")
            #expect(try await next(lost, "email") == "to-be-called")
            #expect(try await next(lost, "sms") == "to-be-called")
            let line = try #require(try await scene.service.bus.ask(ReadUnreached(), as: desk).lines.first)
            #expect(line.appointment == lost.appointment)
            let told = CloseUnreached(intent: line.intent, patient: line.patient, key: .v7())
            #expect(try await scene.service.bus.request(told, as: desk) == .done(Done()))
            #expect(try await next(lost, "email") == "told")
        }
    }
}

/// Takes everything.
private struct Taking: Route {
    var isOn: Bool { true }
    var doubt: Doubt? { nil }
    var atOnce: Int { 8 }

    func find(_ intent: ID<Contracts.Intent>) async -> Texter.Lookup { .notFound }

    func pack(_ leader: ID<Contracts.Intent>, _ visits: [ToldVisit], _ wording: Notifications.Wording) throws -> Parcel {
        Parcel { await $0(nil) ? .accepted(provider: "taken") : .notHanded }
    }
}
