import Access
import Contracts
import Foundation
import Logging
import MessageBus
import Postgres
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
