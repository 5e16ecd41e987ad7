import Access
import Contracts
import Crypto
import Foundation
import MessageBus
import Postgres
import TestSupport

@testable import Messaging

/// Whether the long versions of the tests run.
let isLong = ProcessInfo.processInfo.environment["CHARTLINE_LONG"] == "1"

/// An answer the test was not about.
struct Unexpected: Error {
    let what: String
    init(_ what: String) { self.what = what }
}

/// A clinic in Chicago that answers from 9 to 17 on weekdays, and one patient with Dr. Okafor on her care team, whom Raman covers for.
struct Office: Sendable {
    let test: ServiceUnderTest
    let patient = ID<Patient>()
    let account = ID<Account>()
    let okafor = ID<Practitioner>()
    let raman = ID<Practitioner>()
    let byrne = ID<Practitioner>()

    var bus: InMemoryBus { test.bus }
    var keys: TestKeys { test.keys }

    static func open(_ body: (Office) async throws -> Void) async throws {
        let key = SymmetricKey(size: .bits256)
        try await withService("messaging", migrations: MessagingService.migrations) { registry, sealer in
            MessagingService.answers(registry, ThreadStore(sealer: sealer, digestKey: key))
        } _: { test in
            let office = Office(test: test)
            try await office.keepPools()
            let team = CareTeamChanged(team: .init(), version: 1, patient: office.patient, members: [office.okafor])
            try await test.hear(team, handler: "note-team-on-care-team-changed")
            try await body(office)
        }
    }

    func keepPools(lead: ID<Practitioner>? = nil, without gone: ID<Practitioner>? = nil) async throws {
        for pool in try await bus.ask(ReadPools(), as: keys.operator()).pools {
            var pool = pool
            pool.zone = "America/Chicago"
            if pool.code == "care" {
                pool.members = [
                    PoolLine.Member(practitioner: okafor, cover: raman), PoolLine.Member(practitioner: raman, cover: byrne),
                    PoolLine.Member(practitioner: byrne),
                ].filter { $0.practitioner != gone }
                pool.lead = lead
            }
            guard case .done = try await bus.request(KeepPool(pool: pool, key: .v7()), as: keys.operator()) else { throw Unexpected("pool") }
        }
    }

    func patientToken() async throws -> ActorToken {
        try await keys.token(
            Actor(issuer: "identity", role: .patient, account: account, session: .init(), patients: [patient], purpose: "own-record"))
    }

    func clinician(_ practitioner: ID<Practitioner>) async throws -> ActorToken { try await keys.staff(.clinician, practitioner: practitioner) }

    func recipients() async throws -> Recipients { try await bus.ask(ReadRecipients(patient: patient), as: patientToken()) }

    /// - Parameter key: also the thread's id.
    func ask(
        _ text: String, _ purpose: ThreadPurpose = .medicine, of practitioner: ID<Practitioner>? = nil, knowsUrgent: Bool = false,
        promised: Date? = nil, key: UUID = .v7()
    ) async throws -> Answer<AskQuestion> {
        let offered = try await recipients()
        let promise =
            practitioner == nil
            ? offered.purposes.first { $0.purpose == purpose }?.promise : offered.clinicians.first { $0.practitioner == practitioner }?.promise
        let command = AskQuestion(
            patient: patient, thread: ID(key), purpose: purpose, practitioner: practitioner, subject: "A question", text: text,
            promised: promised ?? promise?.by.instant ?? .distantPast, knowsUrgent: knowsUrgent, key: key)
        return try await bus.request(command, as: patientToken(), within: .seconds(20))
    }

    /// A thread that was begun with this.
    func asked(_ text: String, _ purpose: ThreadPurpose = .medicine, of practitioner: ID<Practitioner>? = nil) async throws -> ID<MessageThread> {
        guard case .done(let taken) = try await ask(text, purpose, of: practitioner) else { throw Unexpected("not asked") }
        return taken.thread
    }

    func view(_ thread: ID<MessageThread>, as token: ActorToken? = nil) async throws -> ThreadView {
        let token = if let token { token } else { try await patientToken() }
        guard case .done(let view) = try await bus.request(ReadThread(patient: patient, thread: thread), as: token) else {
            throw Unexpected("no thread")
        }
        return view
    }

    func write(_ text: String, in thread: ID<MessageThread>, knowsUrgent: Bool = false, key: UUID = .v7()) async throws -> Answer<WriteMessage> {
        let next = try await view(thread).next?.by.instant
        return try await bus.request(
            WriteMessage(patient: patient, thread: thread, text: text, promised: next, knowsUrgent: knowsUrgent, key: key), as: patientToken())
    }

    func answer(_ text: String, in thread: ID<MessageThread>, version: Int? = nil, as token: ActorToken) async throws -> Answer<WriteMessage> {
        let seen = if let version { version } else { try await view(thread, as: token).line.version }
        return try await bus.request(WriteMessage(patient: patient, thread: thread, text: text, version: seen, key: .v7()), as: token)
    }

    func move(_ thread: ID<MessageThread>, _ step: ThreadStep, as token: ActorToken) async throws -> Answer<MoveThread> {
        let version = try await view(thread, as: token).line.version
        return try await bus.request(MoveThread(patient: patient, thread: thread, version: version, step: step, key: .v7()), as: token)
    }

    func leave(_ practitioner: ID<Practitioner>, from: TimeInterval, until: TimeInterval, id: UUID = .v7(), ended: Bool = false) async throws {
        try await test.hear(
            LeaveChanged(
                absence: id, practitioner: practitioner, from: Date().addingTimeInterval(from), until: Date().addingTimeInterval(until),
                ended: ended),
            handler: "note-absence-on-leave-changed")
    }

    func sql<T: PostgresDecodable & Sendable>(_ sql: SQL, as type: T.Type) async throws -> T? {
        try await test.pool.asWorker(of: "messaging") { tx in try await tx.first(sql, as: type) }
    }

    func run(_ sql: SQL) async throws { try await test.pool.asWorker(of: "messaging") { tx in _ = try await tx.run(sql) } }
}

extension Answer {
    var reply: R.Reply? { if case .done(let reply) = self { reply } else { nil } }
    var refusal: R.Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }
}
