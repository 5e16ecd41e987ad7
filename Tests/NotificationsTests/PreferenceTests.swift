import Access
import Contracts
import Crypto
import Faults
import Foundation
import MessageBus
import Postgres
import Synchronization
import TestSupport
import Testing
@testable import Notifications

/// What people want to be written about, and what they say by text: heeded by whatever leaves after it.
@Suite(.serialized) struct PreferenceTests {
    private static let isLong = ProcessInfo.processInfo.environment["CHARTLINE_LONG"] != nil

    private func withOutside(_ body: (Outside, Scene) async throws -> Void) async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { try await body(outside, $0) }
    }

    @Test func choicesAreVersionedAndKept() async throws {
        try await withScene { scene in
            let patient = ID<Patient>()
            let own = try await scene.service.keys.patient(patient)
            let desk = try await scene.service.keys.staff(.frontDesk)
            let bus = scene.service.bus
            var known = try await bus.ask(ReadPreferences(patient: patient), as: own)
            #expect(known.version == 0 && known.changes == [] && known.choices.allSatisfy(\.wanted))
            #expect(Set(known.choices.map(\.topic)) == [.visitReminders, .visitChanges, .recordNews, .messages, .bills])
            #expect(known.textsFrom == "+13125550100" && known.textsStopped == nil)

            let noText = MessageChoice(.visitReminders, .sms, wanted: false)
            let first = ChangePreferences(patient: patient, version: 0, choices: [noText], key: .v7())
            #expect(try await bus.request(first, as: own) == .done(PreferencesChanged(version: 1)))
            // Who has seen an older version is told; the same form once more is the same change.
            #expect(try await bus.request(first, as: own) == .done(PreferencesChanged(version: 1)))
            let stale = ChangePreferences(patient: patient, version: 0, choices: [noText], key: .v7())
            #expect(try await bus.request(stale, as: desk) == .refused(.changedMeanwhile))
            let both = [MessageChoice(.visitReminders, .sms, wanted: true), MessageChoice(.recordNews, .email, wanted: false)]
            let second = ChangePreferences(patient: patient, version: 1, choices: both, key: .v7())
            #expect(try await bus.request(second, as: desk) == .done(PreferencesChanged(version: 2)))
            known = try await bus.ask(ReadPreferences(patient: patient), as: desk)
            #expect(known.version == 2 && known.choices.filter { !$0.wanted }.map(\.topic) == [.recordNews])
            #expect(known.changes.map(\.means) == ["clinic", "portal"])
            #expect(known.changes.map(\.choices) == [both.sorted { $0.topic.rawValue > $1.topic.rawValue }, [noText]])

            // Letters about the account come whatever somebody wants; news of the record never by text.
            for choice in [MessageChoice(.accountSecurity, .email, wanted: false), MessageChoice(.recordNews, .sms, wanted: true)] {
                let command = ChangePreferences(patient: patient, version: 2, choices: [choice], key: .v7())
                #expect(try await bus.request(command, as: own) == .refused(.notOffered))
            }
        }
    }

    @Test func whatIsNotWantedIsNotSentAndSaysWhy() async throws {
        try await withOutside { outside, scene in
            let event = try scene.visit(inHours: 72) { $0.zone = Scene.noon }
            try await scene.book(event)
            let command = ChangePreferences(
                patient: event.patient, version: 0,
                choices: [MessageChoice(.visitChanges, .email, wanted: false), MessageChoice(.visitReminders, .sms, wanted: false)], key: .v7())
            _ = try await scene.service.bus.request(command, as: scene.service.keys.patient(event.patient))
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let senders = [try scene.sender(.email, EmailRoute(mailer: mailer)), try scene.sender(.sms, scene.textRoute(outside))]
            try await scene.everythingIsDue()
            for sender in senders { while try await sender.round() > 0 {} }
            #expect(try await scene.states(event) == [
                "v2 confirmation email suppressed not-wanted", "v2 confirmation sms sent", "v2 reminder email sent",
                "v2 reminder sms suppressed not-wanted",
            ])
        }
    }

    // MARK: STOP, START, HELP

    @Test func stopHoldsBackWhatIsQueuedAndStartLetsItGo() async throws {
        try await withOutside { outside, scene in
            let mother = try scene.visit { $0.language = "es" }
            let child = try scene.visit()
            try await scene.book(mother)
            let sender = try scene.sender(.sms, scene.textRoute(outside))
            while try await sender.round() > 0 {}
            #expect(try outside.texts().count == 1)

            // Of a number nobody has been written to yet as well.
            #expect(try await scene.text("Stop.", from: "+13125550142") == .done(TextHeard(answer: .stopped, language: "es")))
            try await scene.book(child)
            try await scene.everythingIsDue()
            while try await sender.round() > 0 {}
            #expect(try outside.texts().count == 1)
            #expect(try await scene.states(mother, kind: .reminder, channel: .sms) == ["v2 reminder sms suppressed stopped"])
            #expect(try await scene.states(child, kind: .confirmation, channel: .sms) == ["v2 confirmation sms suppressed stopped"])
            let own = try await scene.service.keys.patient(mother.patient)
            var known = try await scene.service.bus.ask(ReadPreferences(patient: mother.patient), as: own)
            #expect(known.textsStopped != nil && known.changes.map(\.means) == ["text"] && known.changes.map(\.words) == ["Stop."])
            #expect(known.changes.map(\.texts) == [false])

            #expect(try await scene.text("START", from: "+13125550142") == .done(TextHeard(answer: .started, language: "es")))
            let later = try scene.visit()
            try await scene.book(later)
            while try await sender.round() > 0 {}
            #expect(try outside.texts().count == 2)
            known = try await scene.service.bus.ask(ReadPreferences(patient: mother.patient), as: own)
            #expect(known.textsStopped == nil && known.changes.map(\.texts) == [true, false])
        }
    }

    @Test(arguments: [
        ("STOP", ReplyWord.stop), ("stop", .stop), ("Stop all", .stop), ("Unsubscribe!", .stop), ("cancel", .stop), ("QUIT", .stop),
        ("opt-out", .stop), ("ALTO", .stop), ("Parar", .stop), ("stop texting me at night", .stop),
        ("Start", .start), ("UNSTOP", .start), ("inícíar", .start),
        ("HELP", .help), ("Ayuda", .help), ("info?", .help), ("thanks", .other), ("", .other), ("🙂", .other), ("I cannot stop smoking", .other),
    ])
    func wordsAreUnderstood(_ row: (String, ReplyWord)) { #expect(ReplyWord(row.0) == row.1) }

    @Test func nothingIsBelievedThatIsNotSigned() async throws {
        try await withScene { scene in
            let fields = scene.fields("STOP", from: "+13125550142")
            let good = scene.signed("/hooks/texts", fields)
            var changed = good
            changed.fields = fields.map { $0.name == "From" ? SignedHook.Field("From", "+13125550199") : $0 }
            var elsewhere = good
            elsewhere.path = "/hooks/texts?a=1"
            let bare = SignedHook(path: good.path, fields: fields, signature: "")
            let forged = scene.signed("/hooks/texts", fields, token: "another token")
            let bus = try scene.service.bus(of: "portal")
            let door = try await scene.service.keys.gateway("portal")
            for hook in [changed, elsewhere, bare, forged] {
                #expect(try await bus.request(ReceiveText(hook: hook), as: door) == .refused(.notSigned))
            }
            let unreadable = scene.signed("/hooks/texts", [SignedHook.Field("Body", "STOP")])
            #expect(try await bus.request(ReceiveText(hook: unreadable), as: door) == .refused(.unreadable))
            #expect(try await bus.request(ReceiveText(hook: good), as: door) == .done(TextHeard(answer: .stopped, language: "en")))
            #expect(try await bus.request(ReceiveText(hook: good), as: door) == .refused(.replayed))
            // A word the provider knows it answers itself.
            let answered = scene.signed("/hooks/texts", scene.fields("STOP", from: "+13125550142") + [SignedHook.Field("OptOutType", "STOP")])
            #expect(try await bus.request(ReceiveText(hook: answered), as: door) == .done(TextHeard(answer: nil, language: "en")))
        }
    }

    /// The example of the provider's own documentation.
    @Test func theSignatureIsTheProvidersOwn() throws {
        let fields = [
            ("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234"), ("From", "+14158675309"), ("To", "+18005551212"),
        ].map { SignedHook.Field($0.0, $0.1) }
        let signature = HookSignature(token: "12345", address: "https://mycompany.com")
        let hook = SignedHook(path: "/myapp.php?foo=1&bar=2", fields: fields.reversed(), signature: "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
        #expect(signature.isGood(hook))
    }

    /// I36: whatever is handed over after an opt-out is committed was not wanted.
    @Test(.timeLimit(.minutes(10))) func anOptOutHoldsForEverythingAfterIt() async throws {
        let rounds = Self.isLong ? 1_000 : 40
        #expect(try await sentAfterOptOut(rounds) == 0)
        #expect(try await Fault.wishesIgnored.injected { try await sentAfterOptOut(12) } > 0)
    }

    /// So many opt-outs, each beside the sending of what it is about. - Returns: messages handed over after their opt-out was committed.
    private func sentAfterOptOut(_ rounds: Int) async throws -> Int {
        try await withScene { scene in
            let route = Counting()
            let sender = try scene.sender(.sms, route)
            for round in 0..<rounds {
                let number = "+1312555\(1_000 + round)"
                let event = try scene.visit { $0.phone = number }
                try await scene.book(event)
                try await scene.everythingIsDue()
                async let sending: Void = { while try await sender.round() > 0 {} }()
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...12)))
                if round % 2 == 0 {
                    _ = try await scene.text("STOP", from: number)
                } else {
                    let choices = [MessageChoice(.visitReminders, .sms, wanted: false), MessageChoice(.visitChanges, .sms, wanted: false)]
                    _ = try await scene.service.bus.request(
                        ChangePreferences(patient: event.patient, version: 0, choices: choices, key: .v7()),
                        as: scene.service.keys.patient(event.patient))
                }
                try await scene.optedOut(event.patient)
                try await sending
                // What was planned before and comes up after.
                let late = try scene.visit { $0.phone = number }
                try await scene.book(AppointmentBooked(
                    appointment: late.appointment, version: 2, patient: event.patient, practitioner: late.practitioner, location: late.location,
                    start: late.start, end: late.end))
                scene.owners.facts.withLock { facts in facts.contacts[event.patient]?.phone = number }
                while try await sender.round() > 0 {}
            }
            return try await scene.handedAfterOptOut()
        }
    }

    // MARK: One click

    @Test func aClickEndsOneKindOfEMailsOnce() async throws {
        try await withOutside { outside, scene in
            let event = try scene.visit()
            try await scene.book(event)
            let mailer = Mailer(try outside.mailSettings())
            defer { mailer.close() }
            let sender = try scene.sender(.email, EmailRoute(mailer: mailer))
            try await sender.round()
            let mail = try #require(outside.mails().first)
            #expect(header("List-Unsubscribe-Post", in: mail) == "List-Unsubscribe=One-Click")
            let address = try #require(header("List-Unsubscribe", in: mail))
            let link = String(address.dropFirst("<https://portal.example/hooks/unsubscribe/".count).dropLast())
            #expect(link.utf8.count == 44 && Scene.links.intent(link) == nil)
            #expect(Scene.links.ended(link)?.topics == [.visitChanges] && Scene.links.ended(link)?.patient == event.patient)
            let (bus, door) = (try scene.service.bus(of: "portal"), try await scene.service.keys.gateway("portal"))
            for _ in 0..<2 {
                #expect(try await bus.request(Unsubscribe(link: link, key: .v7()), as: door) == .done(Unsubscribed(topic: .visitChanges)))
            }
            for wrong in ["", String(link.dropLast()), Scene.links.link(.init()), "B" + link.dropFirst(), link + "A"] {
                #expect(try await bus.request(Unsubscribe(link: wrong, key: .v7()), as: door) == .refused(.unknown))
            }
            let own = try await scene.service.keys.patient(event.patient)
            let known = try await scene.service.bus.ask(ReadPreferences(patient: event.patient), as: own)
            #expect(known.version == 1 && known.changes.map(\.means) == ["one-click"])
            #expect(known.choices.filter { !$0.wanted } == [MessageChoice(.visitChanges, .email, wanted: false)])
            scene.tell(event, "cancelled", version: 3)
            try await scene.cancel(event)
            while try await sender.round() > 0 {}
            #expect(try await scene.states(event, kind: .cancellation, channel: .email) == ["v3 cancellation email suppressed not-wanted"])
            #expect(try outside.mails().count == 1)
        }
    }

    // MARK: Receipts

    @Test func receiptsMoveForwardAndNeverBack() async throws {
        try await withOutside { outside, scene in
            let event = try scene.visit()
            try await scene.book(event)
            try await scene.sender(.sms, scene.textRoute(outside, callbacks: "https://portal.example")).round()
            let text = try #require(outside.texts().first)
            let callback = try #require(text["status_callback"])
            #expect(callback.hasPrefix("https://portal.example/hooks/receipts?intent="))
            let (path, sid) = (String(callback.dropFirst("https://portal.example".count)), try #require(text["sid"]))
            func state() async throws -> [String] { try await scene.states(event, kind: .confirmation, channel: .sms) }

            #expect(try await scene.receipt(path, sid, "queued") == .done(Done()))
            #expect(try await state() == ["v2 confirmation sms sent"])
            #expect(try await scene.receipt(path, sid, "delivered") == .done(Done()))
            #expect(try await state() == ["v2 confirmation sms delivered"])
            #expect(try await scene.receipt(path, sid, "sent") == .refused(.replayed))
            #expect(try await scene.receipt(path, sid, "undelivered") == .refused(.replayed))
            #expect(try await state() == ["v2 confirmation sms delivered"])
            // Another message's id, an address that names no intent, and one of last week.
            #expect(try await scene.receipt(path, "SMother", "failed") == .refused(.replayed))
            #expect(try await scene.receipt("/hooks/receipts", sid, "failed") == .refused(.unreadable))
            let old = path.replacing(/at=[0-9]+/, with: "at=\(Int(Date().timeIntervalSince1970) - 7 * 86_400)")
            #expect(try await scene.receipt(old, sid, "failed") == .refused(.stale))
        }
    }

    @Test func aReceiptBeforeWeKnowItWasSentIsKept() async throws {
        try await withScene { scene in
            let (failed, unknown) = (try scene.visit(), try scene.visit())
            for event in [failed, unknown] { try await scene.book(event) }
            let claimed = try await scene.ledger.claim(.sms, atMost: 2, now: Date()).flatMap(\.self)
            #expect(claimed.count == 2)
            for intent in claimed {
                #expect(try await scene.ledger.hand([intent], Parcel { _ in .unknown }, in: .english))
                if intent.appointment == unknown.appointment { try await scene.ledger.unknown([intent], until: Date()) }
                let path = "/hooks/receipts?intent=\(intent.id)&at=\(Int(Date().timeIntervalSince1970))"
                let status = intent.appointment == unknown.appointment ? "sent" : "failed"
                #expect(try await scene.receipt(path, "SM\(intent.id)", status, code: "30003") == .done(Done()))
                if intent.appointment == failed.appointment { try await scene.ledger.sent([intent], provider: "SM\(intent.id)") }
            }
            #expect(try await scene.states(failed, kind: .confirmation, channel: .sms) == ["v2 confirmation sms failed not-delivered"])
            #expect(try await scene.states(unknown, kind: .confirmation, channel: .sms) == ["v2 confirmation sms sent"])
        }
    }
}

/// Takes everything at once and keeps nothing.
private struct Counting: Route {
    var isOn: Bool { true }
    var doubt: Doubt? { nil }
    var atOnce: Int { 8 }

    func find(_ intent: ID<Contracts.Intent>) async -> Texter.Lookup { .notFound }

    func pack(_ leader: ID<Contracts.Intent>, _ visits: [ToldVisit], _ wording: Notifications.Wording) throws -> Parcel {
        Parcel(number: visits.first?.contact.phone.map { Scene.numbers.mark($0) }) { await $0(nil) ? .accepted(provider: "taken") : .notHanded }
    }
}

extension Scene {
    static let text = TextSettings(url: "http://127.0.0.1:1", account: "ACtest", token: "correct horse", from: "+13125550100")

    func fields(_ body: String, from number: String) -> [SignedHook.Field] {
        [("Body", body), ("From", number), ("To", "+13125550100"), ("AccountSid", "ACtest"), ("MessageSid", "SM\(UUID())")]
            .map { SignedHook.Field($0.0, $0.1) }
    }

    func signed(_ path: String, _ fields: [SignedHook.Field], token: String = Scene.text.token) -> SignedHook {
        let text = fields.sorted { $0.name < $1.name }.reduce("https://portal.example\(path)") { $0 + $1.name + $1.value }
        let mac = HMAC<Insecure.SHA1>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(token.utf8)))
        return SignedHook(path: path, fields: fields, signature: Data(mac).base64EncodedString())
    }

    func text(_ body: String, from number: String) async throws -> Answer<ReceiveText> {
        try await service.bus(of: "portal").request(
            ReceiveText(hook: signed("/hooks/texts", fields(body, from: number))), as: service.keys.gateway("portal"))
    }

    func receipt(_ path: String, _ sid: String, _ status: String, code: String? = nil) async throws -> Answer<ReceiveReceipt> {
        var fields = [("MessageSid", sid), ("MessageStatus", status), ("AccountSid", "ACtest")].map { SignedHook.Field($0.0, $0.1) }
        if let code { fields.append(SignedHook.Field("ErrorCode", code)) }
        return try await service.bus(of: "portal").request(ReceiveReceipt(hook: signed(path, fields)), as: service.keys.gateway("portal"))
    }

    /// As if the time of every reminder had come.
    func everythingIsDue() async throws {
        try await ledger.database.transaction { tx in _ = try await tx.run("UPDATE intent SET next_at = now() WHERE next_at > now()") }
    }

    /// Notes when an opt-out was known to be committed, by the database's clock.
    func optedOut(_ patient: ID<Patient>) async throws {
        let pool = service.database.pool(service.database.superuser)
        try await pool.run("CREATE TABLE IF NOT EXISTS opted_out (patient uuid PRIMARY KEY, at timestamptz NOT NULL)")
        try await pool.run("INSERT INTO opted_out VALUES (\(patient.uuid), clock_timestamp())")
        await pool.close()
    }

    func handedAfterOptOut() async throws -> Int {
        let pool = service.database.pool(service.database.superuser)
        let count = try await pool.first(
            "SELECT count(*)::int FROM intent i JOIN opted_out o USING (patient) WHERE i.handed_at > o.at", as: Int.self)
        await pool.close()
        return count ?? -1
    }
}
