import Access
import Contracts
import Crypto
import Foundation
import MessageBus
import Postgres
import Sealing
import TestSupport

@testable import Audit
@testable import Billing
@testable import Telemedicine
@testable import Identity
@testable import Messaging
@testable import Notifications
@testable import Records
@testable import Scheduling

/// Who asks in the matrix.
enum Asker: String, CaseIterable, Sendable {
    /// A gateway, for somebody who has not signed in.
    case anonymous
    case otherPatient
    /// A clinician who treats somebody else.
    case offTeam
    /// Somebody signed in whose role has nothing to do with it.
    case wrongRole
    /// On the care team, and the patient has said no to them.
    case consentWithdrawn
    /// On the care team, signed out a moment ago.
    case endedSession
    /// Acts for the patient by a token that is good still, until a second ago.
    case expiredProxy
    /// The same, withdrawn a moment ago.
    case withdrawnProxy

    /// Nobody to the patient any more.
    var isFormerProxy: Bool { self == .expiredProxy || self == .withdrawnProxy }
}

/// One patient whose every word is found again, those who treat her, and the services that keep what is hers, over real databases.
struct Scene: Sendable {
    static let canary = "Qzcanaryson"
    static let canaryFinding = "Qzcanaryitis"

    let keys: TestKeys
    let records: ServiceUnderTest
    let scheduling: ServiceUnderTest
    let notifications: ServiceUnderTest
    let identity: ServiceUnderTest
    let audit: ServiceUnderTest
    let messaging: ServiceUnderTest
    /// Hers, with the care team.
    let thread: ID<MessageThread>
    let billing: ServiceUnderTest
    let telemedicine: ServiceUnderTest
    let patient: ID<Patient>
    let other: ID<Patient>
    let result: ID<Resource>
    let document: ID<Resource>
    /// On the team; on the team and denied; on nobody's team; a nurse where the patient comes; on no team, with a document that was shared.
    let clinician: ID<Practitioner>
    let denied: ID<Practitioner>
    let stranger: ID<Practitioner>
    let nurse: ID<Practitioner>
    let colleague: ID<Practitioner>
    let place: ID<Location>
    let elsewhere: ID<Location>
    let booked: Booked
    let ended: ID<Session>
    let endedProxy: ID<Proxy>

    func services() -> [String: ServiceUnderTest] {
        [
            "records": records, "scheduling": scheduling, "notifications": notifications, "identity": identity, "audit": audit,
            "messaging": messaging, "billing": billing, "telemedicine": telemedicine,
        ]
    }

    func token(_ asker: Asker, wrongRole: Role) async throws -> ActorToken {
        switch asker {
        case .anonymous: try await keys.gateway("portal")
        case .otherPatient: try await keys.patient(other)
        case .offTeam: try await keys.staff(.clinician, practitioner: stranger)
        case .consentWithdrawn: try await keys.staff(.clinician, practitioner: denied)
        case .endedSession: try await keys.staff(.clinician, session: ended, practitioner: clinician)
        case .expiredProxy: try await keys.proxy(for: patient, until: Date().addingTimeInterval(-1))
        case .withdrawnProxy: try await keys.proxy(for: patient, proxy: endedProxy)
        case .wrongRole:
            switch wrongRole {
            case .operator: try await keys.operator()
            case .worker: try await keys.worker("identity")
            // No gateway.
            case .anonymous: try await keys.gateway("scheduling")
            case .patient: try await keys.patient(patient)
            default: try await keys.staff(wrongRole, practitioner: clinician)
            }
        }
    }

    static func play(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
        let keys = try await TestKeys()
        let key = SymmetricKey(size: .bits256)
        try await withService("records", migrations: migrations("Records"), keys: keys) { registry, sealer in
            RecordsService.answers(registry, RecordStore(sealer: sealer, identifierKey: key))
        } _: { records in
            try await withService("scheduling", migrations: migrations("Scheduling"), keys: keys) { registry, _ in
                SchedulingService.answers(registry, Bookings())
            } _: { scheduling in
                try await withService("notifications", migrations: migrations("Notifications"), keys: keys) { registry, sealer in
                    let wishes = Wishes(key: key, sealer: sealer)
                    NotificationsService.answers(
                        registry, Planning(sealer: sealer, off: []), Hooks(wishes: wishes, portal: "https://portal.example.org"),
                        VisitLinks(key: key))
                } _: { notifications in
                    try await withIdentity(keys, key) { identity in
                        try await withService("audit", migrations: migrations("Audit"), keys: keys) { registry, sealer in
                            AuditService.answers(registry, Questions(sealer: sealer))
                        } _: { audit in
                            try await withService("messaging", migrations: migrations("Messaging"), keys: keys) { registry, sealer in
                                MessagingService.answers(registry, ThreadStore(sealer: sealer, digestKey: key))
                            } _: { messaging in
                                try await withService("billing", migrations: migrations("Billing"), keys: keys) { registry, sealer in
                                    BillingService.answers(
                                        registry, Payments(hookSecret: key, coverages: CoverageStore(sealer: sealer)), Corrections(limit: .max))
                                } _: { billing in
                                    try await withService("telemedicine", migrations: migrations("Telemedicine"), keys: keys) { registry, sealer in
                                        TelemedicineService.answers(registry, CallStore(sealer: sealer), VideoKinds(listed: "video-visit"))
                                    } _: { telemedicine in
                                        let scene = try await set(
                                            keys, records, scheduling, notifications, identity, audit, messaging: messaging, billing: billing,
                                            telemedicine: telemedicine)
                                        try await body(scene)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static func withIdentity(_ keys: TestKeys, _ key: SymmetricKey, _ body: (ServiceUnderTest) async throws -> Void) async throws {
        let passwords = Passwords(hasher: PasswordHasher(logN: 10, pepper: key), rules: PasswordRules(common: ["password"]))
        let (throttle, codes) = (Throttle(key: key), OneTimeCodes(key: key))
        let signer = try keys.signer("identity")
        try await withService("identity", migrations: migrations("Identity"), keys: keys) { registry, sealer in
            let factors = SecondFactors(sealer: sealer, throttle: throttle, codes: codes, offerKey: key)
            let accounts = Accounts(passwords: passwords, throttle: throttle, codes: codes, factors: factors, isDemo: true)
            let sessions = Sessions(passwords: passwords, throttle: throttle, factors: factors, signer: signer)
            let requests = AccountRequestBook(sealer: sealer, throttle: throttle, codes: codes)
            IdentityService.answers(registry, accounts, sessions, factors, requests, Drafts(sealer: sealer))
        } _: {
            try await body($0)
        }
    }

    private static func migrations(_ service: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Services/\(service)/Migrations")
    }

    private static func set(
        _ keys: TestKeys, _ records: ServiceUnderTest, _ scheduling: ServiceUnderTest, _ notifications: ServiceUnderTest,
        _ identity: ServiceUnderTest, _ audit: ServiceUnderTest, messaging: ServiceUnderTest, billing: ServiceUnderTest,
        telemedicine: ServiceUnderTest
    ) async throws -> Scene {
        let me = try await keys.operator()
        try await importing(clinic, into: records, as: me)
        func id(_ number: Int) async throws -> UUID {
            let answer = try await records.bus.request(ReadResource(fullURL: url(number)), as: me)
            guard case .done(let found) = answer else { throw TryLater("not imported") }
            return found.id.uuid
        }
        let (patient, other) = (ID<Patient>(try await id(1)), ID<Patient>(try await id(2)))
        let (clinician, denied, stranger, nurse, colleague) = (
            ID<Practitioner>(try await id(11)), ID<Practitioner>(try await id(12)), ID<Practitioner>(try await id(13)),
            ID<Practitioner>(try await id(14)), ID<Practitioner>(try await id(15))
        )
        let document = try await share(with: colleague, of: patient, in: records, as: keys.staff(.clinician, practitioner: clinician))
        let place = ID<Location>(try await id(21))
        _ = try await records.bus.request(
            ChangeConsent(patient: patient, lines: [ConsentLine(permits: false, practitioner: denied)], version: 0, key: .v7()),
            as: keys.patient(patient))
        try await tell(records, to: scheduling)
        try await tell(records, to: messaging)
        try await tell(records, to: telemedicine)
        let booked = try await book(patient, with: clinician, at: place, in: scheduling, keys)
        for event in try await scheduling.emitted(AppointmentBooked.self) {
            try await records.hear(event, handler: "note-visit-on-appointment-booked")
            try await notifications.hear(event, handler: "plan-on-appointment-booked")
            try await telemedicine.hear(event, handler: "open-call-on-appointment-booked")
        }
        let (ended, endedProxy) = (ID<Session>(), ID<Proxy>())
        let thread = try await ask(patient, in: messaging, keys, clinician: clinician)
        for service in [records, scheduling, notifications, identity, audit, messaging, billing, telemedicine] {
            service.end(ended)
            service.end(endedProxy)
        }
        return Scene(
            keys: keys, records: records, scheduling: scheduling, notifications: notifications, identity: identity, audit: audit,
            messaging: messaging, thread: thread, billing: billing, telemedicine: telemedicine, patient: patient,
            other: other, result: ID(try await id(32)), document: document, clinician: clinician, denied: denied, stranger: stranger, nurse: nurse,
            colleague: colleague, place: place, elsewhere: ID(try await id(22)), booked: booked, ended: ended, endedProxy: endedProxy)
    }

    /// What the record's service emitted, as the broker would bring it.
    static func tell(_ records: ServiceUnderTest, to other: ServiceUnderTest) async throws {
        for event in try await records.emitted(CareTeamChanged.self) { try await other.hear(event, handler: "note-team-on-care-team-changed") }
        for event in try await records.emitted(WorkplaceChanged.self) {
            try await other.hear(event, handler: "note-workplace-on-workplace-changed")
        }
        for event in try await records.emitted(ConsentChanged.self) { try await other.hear(event, handler: "note-consent-on-consent-changed") }
        for event in try await records.emitted(GlassWasBroken.self) { try await other.hear(event, handler: "note-grant-on-glass-broken") }
    }

    /// A question of hers to the care team, in whose pool are the clinician and the nurse.
    private static func ask(
        _ patient: ID<Patient>, in messaging: ServiceUnderTest, _ keys: TestKeys, clinician: ID<Practitioner>
    ) async throws -> ID<MessageThread> {
        for pool in try await messaging.bus.ask(ReadPools(), as: keys.operator()).pools {
            var pool = pool
            pool.zone = "America/Chicago"
            if pool.code == "care" { pool.members = [PoolLine.Member(practitioner: clinician)] }
            _ = try await messaging.bus.request(KeepPool(pool: pool, key: .v7()), as: keys.operator())
        }
        let me = try await keys.patient(patient)
        let thread = ID<MessageThread>()
        let recipients = try await messaging.bus.ask(ReadRecipients(patient: patient), as: me)
        guard let promise = recipients.purposes.first(where: { $0.purpose == .medicine })?.promise else { throw TryLater("no promise") }
        let asked = try await messaging.bus.request(
            AskQuestion(
                patient: patient, thread: thread, purpose: .medicine, subject: canaryFinding, text: "About \(canaryFinding)",
                promised: promise.by.instant, key: .v7()), as: me)
        guard case .done = asked else { throw TryLater("not asked") }
        return thread
    }

    static func importing(_ file: String, into records: ServiceUnderTest, as me: ActorToken) async throws {
        let (upload, bytes) = (ID<Upload>(), Data(file.utf8))
        _ = try await records.bus.request(PutUploadPart(upload: upload, offset: 0, bytes: bytes), as: me)
        guard case .done = try await records.bus.request(ImportBundle(upload: upload, size: bytes.count), as: me, within: .seconds(20)) else {
            throw TryLater("refused")
        }
    }

    private static func share(
        with colleague: ID<Practitioner>, of patient: ID<Patient>, in records: ServiceUnderTest, as clinician: ActorToken
    ) async throws -> ID<Resource> {
        let (upload, document, bytes) = (ID<Upload>(), ID<Resource>(), Data("Dear colleague".utf8))
        _ = try await records.bus.request(PutDocumentPart(patient: patient, upload: upload, offset: 0, bytes: bytes), as: clinician)
        let filed = try await records.bus.request(
            FileDocument(
                patient: patient, document: document, upload: upload, size: bytes.count, digest: Data(SHA256.hash(data: bytes)),
                title: "Letter to \(canary)", type: "51852-2", key: .v7()), as: clinician)
        let shared = try await records.bus.request(
            ShareDocument(
                patient: patient, document: document, share: .init(), practitioner: colleague, until: Date().addingTimeInterval(86_400), key: .v7()),
            as: clinician)
        guard case .done = filed, shared == .done(Done()) else { throw TryLater("not shared") }
        return document
    }

    private static func book(
        _ patient: ID<Patient>, with practitioner: ID<Practitioner>, at place: ID<Location>, in scheduling: ServiceUnderTest, _ keys: TestKeys
    ) async throws -> Booked {
        let hours = (1...7).map { WeeklyHours(weekday: $0, from: "00:00", until: "24:00") }
        let days = Date.ISO8601FormatStyle().year().month().day()
        _ = try await scheduling.bus.request(
            PublishAvailability(
                practitioner: practitioner, location: place, zone: "America/Chicago",
                services: [VisitService(code: "office-visit", name: ["en": "Office visit"], minutes: 20)], weekly: hours,
                from: Date().formatted(days), until: Date().addingTimeInterval(40 * 86_400).formatted(days), minimumNoticeMinutes: 0),
            as: keys.operator())
        let openings = try await scheduling.bus.ask(
            FindOpenings(service: "office-visit", fromDay: Date().addingTimeInterval(3 * 86_400).formatted(days), days: 2), as: keys.patient(patient)
        ).openings
        guard let opening = openings.last else { throw TryLater("no opening") }
        let answer = try await scheduling.bus.request(
            BookAppointment(
                appointment: .init(), patient: patient, practitioner: practitioner, location: place, service: "office-visit",
                start: opening.start.instant, key: .v7()), as: keys.patient(patient), within: .seconds(20))
        guard case .done(let booked) = answer else { throw TryLater("not booked") }
        return booked
    }

    static func url(_ number: Int) -> String { "urn:uuid:00000000-0000-4000-8000-0000000000\(number < 10 ? "0" : "")\(number)" }

    private static let clinic: String = {
        func entry(_ number: Int, _ type: String, _ members: String) -> String {
            #"{"fullUrl":"\#(url(number))","request":{"method":"POST","url":"\#(type)"},"resource":{"resourceType":"\#(type)",\#(members)}}"#
        }
        func reference(_ number: Int) -> String { #"{"reference":"\#(url(number))"}"# }
        func coding(_ system: String, _ code: String, _ words: String) -> String {
            #"{"coding":[{"system":"\#(system)","code":"\#(code)","display":"\#(words)"}],"text":"\#(words)"}"#
        }
        let snomed = "http://snomed.info/sct"
        let active = #""clinicalStatus":\#(coding("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"))"#
        var entries = [
            entry(
                1, "Patient",
                #""name":[{"family":"\#(canary)","given":["Ana"]}],"birthDate":"1980-02-29","telecom":[{"system":"phone","value":"312 555 0142"}]"#),
            entry(2, "Patient", #""name":[{"family":"Bell","given":["Ray"]}],"birthDate":"1971-03-01""#),
            entry(21, "Location", #""status":"active","name":"Mill Street""#), entry(22, "Location", #""status":"active","name":"Harbor Road""#),
            entry(31, "Condition", #"\#(active),"subject":\#(reference(1)),"code":\#(coding(snomed, "38341003", canaryFinding))"#),
            entry(
                32, "Observation",
                #""status":"final","subject":\#(reference(1)),"code":\#(coding("http://loinc.org", "2339-0", canaryFinding)),"#
                    + #""effectiveDateTime":"2024-05-17T08:30:00Z","valueQuantity":{"value":5.40,"unit":"mmol/L"}"#),
            entry(33, "Condition", #"\#(active),"subject":\#(reference(1)),"code":\#(coding(snomed, "86406008", "Qzsensitive"))"#),
            entry(
                41, "CareTeam",
                #""status":"active","subject":\#(reference(1)),"participant":[{"member":\#(reference(11))},{"member":\#(reference(12))}]"#),
            entry(42, "CareTeam", #""status":"active","subject":\#(reference(2)),"participant":[{"member":\#(reference(13))}]"#),
            entry(
                43, "CareTeam",
                #""status":"active","subject":\#(reference(1)),"period":{"end":"2020-01-01"},"participant":[{"member":\#(reference(13))}]"#),
            entry(51, "PractitionerRole", #""practitioner":\#(reference(14)),"location":[\#(reference(21))]"#),
            entry(52, "PractitionerRole", #""practitioner":\#(reference(13)),"location":[\#(reference(21))]"#),
            entry(53, "PractitionerRole", #""practitioner":\#(reference(15)),"location":[\#(reference(22))]"#),
        ]
        entries += (11...15).map { entry($0, "Practitioner", #""name":[{"family":"Person \#($0)"}]"#) }
        return #"{"resourceType":"Bundle","type":"transaction","entry":[\#(entries.joined(separator: ","))]}"#
    }()
}

extension Scene {
    /// As five seconds later.
    func forgetFacts() async throws { for service in services().values { service.registry.facts.forget() } }
}
