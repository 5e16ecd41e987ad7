import Access
import AsyncHTTPClient
import Contracts
import Crypto
import Foundation
import Glibc
import Logging
import MessageBus
import Postgres
import Sealing
import Synchronization
import TestSupport
@testable import Notifications

enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let service = root.appending(path: "Services/Notifications")

    static func catalogue() throws -> Catalogue { try Catalogue(folder: service.appending(path: "Localizable")) }
}

func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

func zone(_ name: String) throws -> TimeZone {
    guard let zone = TimeZone(identifier: name) else { throw CocoaError(.featureUnsupported) }
    return zone
}

/// What records, scheduling and identity would answer.
final class Owners: Bus {
    struct Facts {
        var lines: [ID<Appointment>: AppointmentLine] = [:]
        var contacts: [ID<Patient>: Contact] = [:]
        var directory: Directory? = Directory(practitioners: [], locations: [])
        var letters: [ID<Letter>: LetterView] = [:]
        /// Since when somebody can see whose record.
        var access: [ID<Patient>: Date] = [:]
        var isAway = false
        /// What people answered, as scheduling was told.
        var responses: [RespondToAppointment] = []
        var refusesResponses = false
        /// Runs when a contact is asked for: between the claim and the sending.
        var meanwhile: (@Sendable () async throws -> Void)?
    }

    let facts = Mutex(Facts())

    func request<R: Request>(_ request: R, as token: ActorToken?, within timeout: Duration) async throws(BusError) -> Answer<R> {
        let facts = facts.withLock { $0 }
        guard !facts.isAway else { throw .unavailable }
        switch request {
        case let query as ReadAppointment:
            if let reply = facts.lines[query.appointment] as? R.Reply { return .done(reply) }
            if let refusal = CancelRefusal.notFound as? R.Refusal { return .refused(refusal) }
        case let query as ReadContact:
            do { try await facts.meanwhile?() } catch { throw .failed }
            if let reply = facts.contacts[query.patient] as? R.Reply { return .done(reply) }
            if let refusal = RecordRefusal.notFound as? R.Refusal { return .refused(refusal) }
        case let query as ReadLetter:
            if let reply = LetterReply(letter: facts.letters[query.letter]) as? R.Reply { return .done(reply) }
        case let query as ReadPortalAccess:
            if let reply = ReadPortalAccess.Reply(since: facts.access[query.patient]) as? R.Reply { return .done(reply) }
        case let command as RespondToAppointment:
            self.facts.withLock { $0.responses.append(command) }
            if let refusal = CancelRefusal.tooLate as? R.Refusal, facts.refusesResponses { return .refused(refusal) }
            if let reply = Done() as? R.Reply { return .done(reply) }
        case is ReadDirectory:
            if let reply = facts.directory as? R.Reply { return .done(reply) }
            throw .unavailable
        case is ReadClinic:
            if let reply = ClinicSettings(name: "Lakeside Clinic", zone: "America/Chicago") as? R.Reply { return .done(reply) }
        default: break
        }
        throw .failed
    }
}

/// The service's subscribers and senders over a database of their own.
struct Scene: Sendable {
    let service: ServiceUnderTest
    let owners: Owners
    let location = ID<Location>()
    let practitioner = ID<Practitioner>()

    static let numbers = Numbers(key: SymmetricKey(data: Data(repeating: 7, count: 32)))

    /// A zone where people may be written to now, at whatever hour a test runs.
    static var noon: String {
        let offset = 12 - WallClock(Date(), in: .gmt).hour
        return offset == 0 ? "Etc/GMT" : "Etc/GMT\(offset > 0 ? "-" : "+")\(abs(offset))"
    }

    static let links = VisitLinks(key: numbers.key)

    var ledger: IntentLedger { IntentLedger(database: service) }

    func sender(_ channel: Notifications.Channel, _ route: any Route, now: Date? = nil) throws -> Sender {
        Sender(
            channel: channel, route: route, ledger: ledger, bus: owners, clinics: Clinics(owners), catalogue: try Repository.catalogue(),
            portal: "https://portal.example", numbers: Self.numbers, links: Self.links,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { now ?? Date() })
    }

    func textRoute(_ outside: Outside, callbacks: String? = nil, replies: Bool = false) -> TextRoute {
        TextRoute(texter: outside.texter(callbacks: callbacks, replies: replies), numbers: Self.numbers)
    }

    var refresher: ContactRefresher {
        ContactRefresher(
            database: service, bus: owners, sealer: Sealer(schema: "notifications", store: service.keys.store), numbers: Self.numbers)
    }

    /// A patient who can be reached, with a visit that scheduling knows of.
    func visit(inHours hours: Double = 72, contact change: (inout Contact) -> Void = { _ in }) throws -> AppointmentBooked {
        let zone = try zone("America/Chicago")
        let start = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 / 60).rounded() * 60 + hours * 3_600)
        let event = AppointmentBooked(
            appointment: .init(), version: 2, patient: .init(), practitioner: practitioner, location: location, start: ZonedTime(start, in: zone),
            end: ZonedTime(start.addingTimeInterval(1_200), in: zone))
        var contact = Contact(
            patient: event.patient, version: 1, name: "Ana", language: "en", email: "\(event.patient)@patients.example", phone: "+13125550142",
            zone: "America/Chicago")
        change(&contact)
        owners.facts.withLock { facts in facts.contacts[event.patient] = contact }
        tell(event, "booked", version: 2)
        return event
    }

    /// What scheduling answers from now on.
    func tell(_ event: AppointmentBooked, _ status: String, version: Int, start: ZonedTime? = nil) {
        let line = AppointmentLine(
            appointment: event.appointment, version: version, status: status, patient: event.patient, practitioner: practitioner, location: location,
            service: "office-visit", start: start ?? event.start, end: event.end)
        owners.facts.withLock { $0.lines[event.appointment] = line }
    }

    func book(_ event: AppointmentBooked) async throws { try await service.hear(event, handler: "plan-on-appointment-booked") }

    func cancel(_ event: AppointmentBooked, version: Int = 3, reason: String = "by-patient") async throws {
        try await service.hear(
            AppointmentCancelled(appointment: event.appointment, version: version, patient: event.patient, reason: reason),
            handler: "supersede-on-appointment-cancelled")
    }

    /// `kind channel state reason`, sorted. - Parameter reminder: of the reminders those of this rule.
    func states(
        _ event: AppointmentBooked, kind: Kind? = nil, channel: Notifications.Channel? = nil, reminder: Timing = .dayBefore
    ) async throws -> [String] {
        let rows = try await ledger.database.transaction { tx in
            try await tx.all(
                """
                SELECT kind, channel, version, state, reason FROM intent
                WHERE appointment = \(event.appointment.uuid) AND (kind <> 'reminder' OR rule = \(reminder)) ORDER BY 3, 1, 2
                """,
                as: Kind.self, Notifications.Channel.self, Int.self, String.self, String?.self)
        }
        return rows.filter { (kind ?? $0.0) == $0.0 && (channel ?? $0.1) == $0.1 }.map { row in
            (["v\(row.2)", row.0.rawValue, row.1.rawValue, row.3] + [row.4].compactMap(\.self)).joined(separator: " ")
        }
    }

    /// As if the time until the next try, or the lease of a crashed sender, had passed.
    func passTime() async throws {
        try await ledger.database.transaction { tx in
            try await tx.run("UPDATE intent SET next_at = now() WHERE next_at IS NOT NULL AND (attempts > 0 OR reason IS NOT NULL)")
            try await tx.run("UPDATE intent SET lease_until = now() - interval '1 s' WHERE state = 'claimed'")
        }
    }
}

func withScene<R: Sendable>(off: Set<Notifications.Channel> = [], _ body: (Scene) async throws -> R) async throws -> R {
    try await withService(
        "notifications", migrations: Repository.service.appending(path: "Migrations"),
        { registry, sealer in
            let planning = Planning(sealer: sealer, off: off)
            let wishes = Wishes(key: Scene.numbers.key, sealer: sealer, text: Scene.text)
            let hooks = Hooks(wishes: wishes, portal: "https://portal.example")
            registry.answer(ReadUnreached.self, to: .unreached, with: readUnreached)
            registry.answer(CloseUnreached.self, to: .calling, with: closeUnreached)
            registry.answer(ReadReminderRules.self, to: .rules, with: readReminderRules)
            registry.answer(ReadReminderRuleHistory.self, to: .rules, with: readReminderRuleHistory)
            registry.answer(KeepReminderRules.self, to: .rules, with: keepReminderRules, refusing: refusalOfReminderRules)
            registry.answer(ReadPreferences.self, to: .wishes, with: wishes.readPreferences)
            registry.answer(ChangePreferences.self, to: .wishes, with: wishes.changePreferences)
            registry.answer(ReceiveText.self, to: .gateways("portal"), with: hooks.receiveText)
            registry.answer(Unsubscribe.self, to: .gateways("portal"), with: Scene.links.unsubscribe)
            registry.answer(ReadVisitLink.self, to: .gateways("portal"), with: Scene.links.readVisitLink)
            registry.answer(AnswerVisit.self, to: .gateways("portal"), with: Scene.links.answerVisit)
            registry.answer(ReceiveReceipt.self, to: .gateways("portal"), with: hooks.receiveReceipt)
            registry.answer(ReadNotices.self, to: .notices, with: readNotices)
            registry.on(AppointmentBooked.self, "plan-on-appointment-booked", do: planning.planOnAppointmentBooked)
            registry.on(AppointmentRescheduled.self, "supersede-on-appointment-rescheduled", do: planning.supersedeOnAppointmentRescheduled)
            registry.on(AppointmentCancelled.self, "supersede-on-appointment-cancelled", do: planning.supersedeOnAppointmentCancelled)
            registry.on(LetterWritten.self, "send-on-letter-written", do: sendOnLetterWritten)
            hearLetters(registry)
            registry.on(ContactChanged.self, "refresh-on-contact-changed", do: refreshOnContactChanged)
        }
    ) { try await body(Scene(service: $0, owners: Owners())) }
}

/// The demo's mail server and text-message service, each a real process, with knobs.
final class Outside: Sendable {
    let folder: URL
    let mailPort: Int
    let smsPort: Int
    private let processes: Mutex<[Process]>

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "chartline-outside-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        (mailPort, smsPort) = (Self.freePort(), Self.freePort())
        try Data("correct horse".utf8).write(to: folder.appending(path: "password"))
        let certificate = Process()
        certificate.executableURL = URL(filePath: "/usr/bin/openssl")
        certificate.arguments =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
            + [
                "-addext", "subjectAltName=DNS:localhost", "-keyout", folder.appending(path: "key.pem").path, "-out",
                folder.appending(path: "ca.pem").path,
            ]
        certificate.standardError = FileHandle.nullDevice
        try certificate.run()
        certificate.waitUntilExit()
        processes = Mutex([])
        let path = { [folder] (name: String) in folder.appending(path: name).path }
        try start(
            "mail",
            [
                "--maildir", path("mail"), "--certificate", path("ca.pem"), "--key", path("key.pem"), "--user", "chartline", "--password-file",
                path("password"), "--control", path("mail.json"), "--port", String(mailPort),
            ])
        try start(
            "sms",
            [
                "--store", path("sms.jsonl"), "--account", "ACtest", "--token-file", path("password"), "--control", path("sms.json"), "--port",
                String(smsPort),
            ])
    }

    private func start(_ name: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [Repository.root.appending(path: "deploy/demo/\(name)").path] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        processes.withLock { $0.append(process) }
        _ = output.fileHandleForReading.availableData  // its first line says that it listens
    }

    func stop() {
        // Started from a thread of the pool they have its signals blocked, SIGTERM among them.
        for process in processes.withLock({ $0 }) { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    func control(_ server: String, _ knobs: String) throws { try Data(knobs.utf8).write(to: folder.appending(path: "\(server).json")) }

    func mailSettings(password: String = "correct horse", trusting ca: String? = nil) throws -> MailSettings {
        guard let from = EmailAddress("Lakeside Clinic <visits@clinic.example>") else { throw CocoaError(.featureUnsupported) }
        return MailSettings(
            host: "localhost", port: mailPort, user: "chartline", password: password, caFile: ca ?? folder.appending(path: "ca.pem").path, from: from,
            timeout: 5)
    }

    func texter(timeout: Duration = .seconds(5), callbacks: String? = nil, replies: Bool = false) -> Texter {
        Texter(
            TextSettings(
                url: "http://127.0.0.1:\(smsPort)", account: "ACtest", token: "correct horse", from: "+13125550100", callbacks: callbacks,
                takesReplies: replies, timeout: timeout))
    }

    /// The e-mails kept, as they arrived.
    func mails() throws -> [String] {
        let new = folder.appending(path: "mail/new")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: new.path)) ?? []
        return try names.sorted().map { try String(contentsOf: new.appending(path: $0), encoding: .utf8) }
    }

    func texts() throws -> [[String: String]] {
        guard let lines = try? String(contentsOf: folder.appending(path: "sms.jsonl"), encoding: .utf8) else { return [] }
        return try lines.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            return object.compactMapValues { $0 as? String }
        }
    }

    private static func freePort() -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                _ = bind(socket, raw, length)
                _ = getsockname(socket, raw, &length)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

func header(_ name: String, in mail: String) -> String? {
    let head = mail.split(separator: "\n\n", maxSplits: 1).first ?? ""
    return head.split(separator: "\n").first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
}
