import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Sealing
import Synchronization
import TestSupport
import Testing
@testable import Notifications

/// Against real servers: SMTP with STARTTLS and sign-in, and a provider's HTTP API.
@Suite(.serialized) struct SenderTests {
    private func withOutside(_ body: (Outside, Scene) async throws -> Void) async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { try await body(outside, $0) }
    }

    @Test func aBookingIsToldByBothChannelsOnce() async throws {
        try await withOutside { outside, scene in
            scene.owners.facts.withLock { facts in
                facts.directory = Directory(
                    organization: "Lakeside Clinic", practitioners: [],
                    locations: [DirectoryLocation(id: scene.location, name: "Main Hall", address: "1 Lake Street", phone: "+13125550100")])
            }
            let event = try scene.visit { $0.language = "es" }
            try await scene.book(event)
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let senders = [try scene.sender(.email, EmailRoute(mailer: mailer)), try scene.sender(.sms, scene.textRoute(outside))]
            for sender in senders { #expect(try await sender.round() == 1) }
            for sender in senders { #expect(try await sender.round() == 0) }

            let mail = try #require(outside.mails().first)
            #expect(try outside.mails().count == 1)
            #expect(header("X-Envelope-To", in: mail) == "\(event.patient)@patients.example")
            #expect(header("X-Envelope-From", in: mail) == "visits@clinic.example")
            #expect(header("Auto-Submitted", in: mail) == "auto-generated")
            #expect(mail.contains("Main Hall, 1 Lake Street") && mail.contains("Hola, Ana:"))
            let text = try #require(outside.texts().first)
            #expect(try outside.texts().count == 1)
            #expect(text["to"] == "+13125550142" && text["from"] == "+13125550100")
            #expect(text["body"]?.hasPrefix("Lakeside Clinic: su cita está reservada para el ") == true)
            #expect(text["body"]?.hasSuffix("hora de Chicago. Véala o cancélela: https://portal.example") == true)

            #expect(try await scene.states(event, kind: .confirmation) == ["v2 confirmation email sent", "v2 confirmation sms sent"])
            #expect(try await scene.service.emitted(NotificationSent.self).map(\.channel) == ["email", "sms"])
            let rows = try await rows(scene)
            #expect(rows.first { $0.channel == .email }?.provider == header("Message-ID", in: mail))
            #expect(rows.first { $0.channel == .sms }?.provider == text["sid"])
        }
    }

    /// By when it was due, not by when the visit was booked.
    @Test func aReminderIsDatedByTheDayItWasDue() async throws {
        try await withOutside { outside, scene in
            let event = try scene.visit { $0.zone = Scene.noon }
            try await scene.book(event)
            let due = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down) - 5)
            try await scene.ledger.database.transaction { tx in
                try await tx.run("UPDATE intent SET planned_at = now() - interval '60 days'")
                try await tx.run("UPDATE intent SET state = 'suppressed', next_at = NULL WHERE kind <> 'reminder' OR rule <> 'day-before'")
                try await tx.run("UPDATE intent SET due_at = \(due), next_at = \(due) WHERE state = 'scheduled'")
            }
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            #expect(try await scene.sender(.email, EmailRoute(mailer: mailer)).round() == 1)
            #expect(header("Date", in: try #require(outside.mails().first)) == EmailMessage.rfc5322(due))
        }
    }

    @Test func twoSendersSendEachOnce() async throws {
        try await withOutside { outside, scene in
            let events = try (0..<40).map { _ in try scene.visit() }
            for event in events { try await scene.book(event) }
            let mailers = [Mailer(try outside.mailSettings()), Mailer(try outside.mailSettings())]
            defer { mailers.forEach { $0.close() } }
            try await withThrowingTaskGroup { group in
                for mailer in mailers {
                    let (email, sms) = (
                        try scene.sender(.email, EmailRoute(mailer: mailer)), try scene.sender(.sms, scene.textRoute(outside))
                    )
                    for sender in [email, sms] { group.addTask { while try await sender.round() > 0 {} } }
                }
                try await group.waitForAll()
            }
            let mails = try outside.mails()
            #expect(mails.count == 40)
            #expect(Set(mails.compactMap { header("Message-ID", in: $0) }).count == 40)
            #expect(try outside.texts().count == 40)
            #expect(try await scene.service.emitted(NotificationSent.self).count == 80)
        }
    }

    @Test func aCancellationBetweenClaimAndSendingWins() async throws {
        try await withOutside { outside, scene in
            let event = try scene.visit()
            try await scene.book(event)
            // Scheduling's answer is older than its event, and the event comes while records is asked.
            scene.owners.facts.withLock { $0.meanwhile = { try await scene.cancel(event) } }
            try await scene.sender(.sms, scene.textRoute(outside)).round()
            #expect(try outside.texts().isEmpty)
            #expect(try await scene.states(event, kind: .confirmation, channel: .sms) == ["v2 confirmation sms superseded cancelled"])
        }
    }

    @Test func freshFactsDecide() async throws {
        try await withOutside { outside, scene in
            let (moved, dead, unreachable, unknown) = (
                try scene.visit(), try scene.visit { $0.deceased = true }, try scene.visit { $0.phone = nil }, try scene.visit()
            )
            let practised = try scene.visit { $0.practice = true }
            for event in [moved, dead, unreachable, unknown, practised] { try await scene.book(event) }
            scene.tell(moved, "booked", version: 3, start: ZonedTime(moved.start.instant.addingTimeInterval(3_600), in: try zone("America/Chicago")))
            scene.owners.facts.withLock { $0.lines[unknown.appointment] = nil }
            let sender = try scene.sender(.sms, scene.textRoute(outside))

            // The owners are away: nothing is guessed, and no try is used up.
            scene.owners.facts.withLock { $0.isAway = true }
            try await sender.round()
            #expect(try await scene.states(dead, kind: .confirmation, channel: .sms) == ["v2 confirmation sms scheduled scheduling-away"])
            scene.owners.facts.withLock { $0.isAway = false }
            try await scene.passTime()
            while try await sender.round() > 0 {}
            for (event, end) in [
                (moved, "superseded moved"), (dead, "suppressed deceased"), (unreachable, "suppressed no-contact"),
                (unknown, "suppressed no-appointment"), (practised, "suppressed practice-patient"),
            ] {
                #expect(try await scene.states(event, kind: .confirmation, channel: .sms) == ["v2 confirmation sms \(end)"])
            }
            #expect(try outside.texts().isEmpty)

            let event = try scene.visit()
            try await scene.book(event)
            try await scene.sender(.email, EmailRoute(mailer: nil)).round()
            while try await scene.sender(.email, EmailRoute(mailer: nil)).round() > 0 {}
            #expect(try await scene.states(event, kind: .confirmation, channel: .email) == ["v2 confirmation email suppressed channel-off"])
        }
    }

    /// The proof says so before anything is due, the second time from the beginning.
    @Test func whatIsPlannedForAPracticePatientIsSuppressedAsSoonAsItIsKnown() async throws {
        try await withScene { scene in
            let event = try scene.visit { $0.practice = true }
            _ = try scene.service.keys.store.makeKey(of: event.patient.uuid)
            try await scene.book(event)
            #expect(try await scene.states(event, kind: .reminder, channel: .sms) == ["v2 reminder sms scheduled"])
            try await scene.refresher.round()
            #expect(try await scene.states(event, kind: .reminder, channel: .sms) == ["v2 reminder sms suppressed practice-patient"])
            let next = AppointmentBooked(
                appointment: .init(), version: 2, patient: event.patient, practitioner: event.practitioner, location: event.location,
                start: event.start, end: event.end)
            try await scene.book(next)
            #expect(try await Set(scene.states(next).map { $0.hasSuffix("suppressed practice-patient") }) == [true])
            let real = try scene.visit()
            try await scene.book(real)
            try await scene.refresher.round()
            #expect(try await scene.states(real, kind: .reminder, channel: .sms) == ["v2 reminder sms scheduled"])
        }
    }

    #if DEBUG
        @Test func aPracticePatientWhoIsTakenForRealIsWrittenTo() async throws {
            try await withOutside { outside, scene in
                let event = try scene.visit { $0.practice = true }
                try await scene.book(event)
                _ = try await Fault.practiceIsReal.injected { try await scene.sender(.sms, scene.textRoute(outside)).round() }
                #expect(try outside.texts().count == 1)
            }
        }
    #endif

    // MARK: The window between a provider's acceptance and our knowing of it

    @Test func aCrashBeforeHandingOverIsNoResend() async throws {
        try await withOutside { outside, scene in
            let event = try scene.visit()
            try await scene.book(event)
            #expect(try await scene.ledger.claim(.email, atMost: 1, now: Date()).count == 1)
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let sender = try scene.sender(.email, EmailRoute(mailer: mailer))
            #expect(try await sender.round() == 0)  // leased
            try await scene.passTime()
            #expect(try await sender.round() == 1)
            #expect(try outside.mails().count == 1)
            #expect(try await rows(scene).first { $0.channel == .email }?.resends == 0)
        }
    }

    @Test func aCrashAfterHandingOverMeansOneResendWithTheSameMessageID() async throws {
        try await withOutside { outside, scene in
            let event = try scene.visit()
            try await scene.book(event)
            let claimed = try #require(try await scene.ledger.claim(.email, atMost: 1, now: Date()).first?.first)
            #expect(try await scene.ledger.hand([claimed], Parcel { _ in .unknown }, in: .english))
            try await scene.passTime()
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let sender = try scene.sender(.email, EmailRoute(mailer: mailer))
            try outside.control("mail", #"{"close": "after"}"#)
            try await sender.round()
            // The resend was taken and its answer lost: two tries, both in doubt, and there it ends.
            #expect(try await scene.states(event, kind: .confirmation, channel: .email) == ["v2 confirmation email unknown outcome-unknown"])
            try await scene.passTime()
            #expect(try await sender.round() == 0)
            #expect(try outside.mails().count == 1)
            #expect(try await rows(scene).first { $0.channel == .email }?.resends == 1)
            // Whoever lost the lease can write nothing any more.
            try await scene.ledger.sent([claimed], provider: "late")
            #expect(try await scene.service.emitted(NotificationSent.self).isEmpty)
        }
    }

    /// What a process that is killed at any moment may leave in doubt.
    @Test func oneEmailAtATimeIsInDoubt() async throws {
        try await withOutside { outside, scene in
            for _ in 0..<12 { try await scene.book(try scene.visit()) }
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let sender = try scene.sender(.email, EmailRoute(mailer: mailer))
            try outside.control("mail", #"{"delay": 0.05}"#)
            async let claimed = sender.round()
            var inDoubt: [Int] = []
            while try outside.mails().count < 12, inDoubt.count < 2_000 {
                let count = try await scene.ledger.database.transaction { tx in
                    try await tx.first("SELECT count(*) FROM intent WHERE state = 'claimed' AND handed_at IS NOT NULL", as: Int.self)
                }
                inDoubt.append(count ?? 0)
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await claimed == 12)
            #expect(inDoubt.max() == 1)
            #expect(try await rows(scene).filter { $0.channel == .email }.allSatisfy { $0.state == "sent" && $0.attempts == 1 && $0.resends == 0 })
        }
    }

    @Test func anAnswerLostAfterTheMessageIsOneResend() async throws {
        try await withOutside { outside, scene in
            let event = try scene.visit()
            try await scene.book(event)
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let sender = try scene.sender(.email, EmailRoute(mailer: mailer))
            try outside.control("mail", #"{"close": "after", "times": 1}"#)
            try await sender.round()
            #expect(try await scene.states(event, kind: .confirmation, channel: .email) == ["v2 confirmation email unknown outcome-unknown"])
            try await scene.passTime()
            try await sender.round()
            #expect(try await scene.states(event, kind: .confirmation, channel: .email) == ["v2 confirmation email sent"])
            let ids = try outside.mails().compactMap { header("Message-ID", in: $0) }
            #expect(ids.count == 2 && Set(ids).count == 1)
            #expect(Set(try outside.mails()).count == 1)  // byte for byte
        }
    }

    @Test func theTextProviderIsAskedBeforeAnyResend() async throws {
        try await withOutside { outside, scene in
            let event = try scene.visit()
            try await scene.book(event)
            let sender = try scene.sender(.sms, scene.textRoute(outside))
            try outside.control("sms", #"{"close": "after", "times": 1}"#)
            try await sender.round()
            #expect(try await scene.states(event, kind: .confirmation, channel: .sms) == ["v2 confirmation sms unknown outcome-unknown"])
            try await scene.passTime()
            try await sender.round()
            let row = try #require(try await rows(scene).first { $0.channel == .sms })
            #expect(row.state == "sent" && row.attempts == 1 && row.resends == 0)
            #expect(try outside.texts().map { $0["sid"] } == [row.provider])

            let second = try scene.visit()
            try await scene.book(second)
            try outside.control("sms", #"{"close": "before", "times": 1}"#)
            try await sender.round()
            try await scene.passTime()
            try await sender.round()
            #expect(try await scene.states(second, kind: .confirmation, channel: .sms) == ["v2 confirmation sms sent"])
            #expect(try outside.texts().count == 2)
        }
    }

    // MARK: Failing

    @Test func busyServersAreTriedAgainAndRefusalsAreNot() async throws {
        try await withOutside { outside, scene in
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let email = try scene.sender(.email, EmailRoute(mailer: mailer))
            let sms = try scene.sender(.sms, scene.textRoute(outside))
            let cases: [(Notifications.Channel, String, String)] = [
                (.email, #"{"at": "data", "reply": "451 4.3.0 later", "times": 1}"#, "scheduled provider-busy"),
                (.email, #"{"at": "rcpt", "reply": "450 4.2.1 later", "times": 1}"#, "scheduled provider-busy"),
                (.email, #"{"at": "rcpt", "reply": "550 5.1.1 nobody", "times": 1}"#, "failed address-refused"),
                (.email, #"{"at": "data", "reply": "554 5.7.1 no", "times": 1}"#, "failed refused"),
                (.sms, #"{"status": 503, "times": 1}"#, "scheduled provider-busy"),
                (.sms, #"{"status": 429, "times": 1}"#, "scheduled provider-busy"),
                (.sms, #"{"status": 500, "times": 1}"#, "unknown outcome-unknown"),
                (.sms, #"{"status": 400, "times": 1}"#, "failed refused"),
            ]
            for (channel, knobs, end) in cases {
                // What the rounds before left on the other channel would take the fault meant for this one.
                while try await email.round() + sms.round() > 0 {}
                let event = try scene.visit()
                try await scene.book(event)
                try outside.control(channel == .email ? "mail" : "sms", knobs)
                let sender = channel == .email ? email : sms
                while try await sender.round() > 0 {}
                #expect(
                    try await scene.states(event, kind: .confirmation, channel: channel) == ["v2 confirmation \(channel.rawValue) \(end)"], "\(knobs)"
                )
                try? FileManager.default.removeItem(at: outside.folder.appending(path: channel == .email ? "mail.json" : "sms.json"))
                try await scene.passTime()
                while try await sender.round() > 0 {}
                let after = end.hasPrefix("failed") ? end : "sent"
                #expect(
                    try await scene.states(event, kind: .confirmation, channel: channel) == ["v2 confirmation \(channel.rawValue) \(after)"],
                    "\(knobs)")
            }
        }
    }

    @Test func mailLeavesUnderTLSToTheRightServerOrNotAtAll() async throws {
        try await withOutside { outside, scene in
            var settings = try outside.mailSettings(trusting: "/etc/ssl/certs/ca-certificates.crt")
            #expect(try await deliver(settings) == .later(.notReached))
            settings = try outside.mailSettings(password: "wrong")
            #expect(try await deliver(settings) == .later(.signInRefused))
            settings = try outside.mailSettings()
            settings.port = outside.smsPort
            #expect(try await deliver(settings) == .later(.notReached))
            #expect(try outside.mails().isEmpty)
            settings = try outside.mailSettings()
            #expect(try await deliver(settings) != .later(.notReached))
            #expect(try outside.mails().count == 1)
        }
    }

    private func deliver(_ settings: MailSettings) async throws -> Delivery {
        let mailer = Mailer(settings)
        defer { mailer.close() }
        return await mailer.send(
            try EmailMessage(
                intent: .init(), date: Date(), from: settings.from, to: try #require(EmailAddress("a@b.example")), language: .english,
                content: Wording.Email(subject: "x", text: "x", html: "x")))
    }

    private struct Row {
        var channel: Notifications.Channel
        var state: String
        var attempts: Int
        var resends: Int
        var provider: String?
    }

    private func rows(_ scene: Scene) async throws -> [Row] {
        try await scene.ledger.database.transaction { tx in
            try await tx.all(
                "SELECT channel, state, attempts, resends, provider_id FROM intent WHERE kind = 'confirmation' ORDER BY planned_at, channel",
                as: Notifications.Channel.self, String.self, Int.self, Int.self, String?.self)
        }.map { Row(channel: $0.0, state: $0.1, attempts: $0.2, resends: $0.3, provider: $0.4) }
    }
}
