import AMQP
import Access
import Contracts
import Faults
import Foundation
@testable import MessageBus
import Postgres
import Synchronization
import TestSupport
import Testing

/// What an asker is told, whatever breaks between the question and the answer. Each check is run a second time without the guard it is about, and
/// must find something then. One at a time: guards are taken away for the whole process.
///
/// * I17 few more attempts than requests when nothing answers: `whoIsTurnedAwayDoesNotAskAgain`, `aCrowdLooksForAMissingServiceAsOne`,
///   `aSubscriberThatFailsIsRunOnceARound`, `waitsAreSpread`
/// * I24 a COMMIT whose answer is lost is looked up: `anUnknownOutcomeIsLookedUp`
/// * I27 nobody's context reaches the next request: `noContextReachesTheNextRequest`
/// * I40 stopping answers what was taken: `stoppingAnswersWhatWasTaken`
/// * I41 broker and database may come late: `brokerAndDatabaseMayComeLate`
@Suite(.serialized, .enabled(if: PrivateRabbitMQ.isInstalled, "apt-get install rabbitmq-server")) struct AnswerTests {
    // MARK: I17

    @Test func whoIsTurnedAwayDoesNotAskAgain() async throws {
        #expect(try await attempts(of: 200) <= 240)
        #expect(try await Fault.askersInsist.injected { try await attempts(of: 20) } > 24)
    }

    /// How often a handler that can never answer is run for so many requests.
    private func attempts(of count: Int) async throws -> Int {
        let runs = Mutex(0)
        try await withService(
            "echo", migrations: Echo.migrations,
            { registry, _ in
                registry.answer(Say.self, to: .anyStaff) { _, _, _ in
                    runs.withLock { $0 += 1 }
                    throw TryLater("test")
                }
            }
        ) { service in
            let nurse = try await service.keys.staff()
            try await withHost { host in
                try await withInstance(of: service, on: host, [.ask, .answer]) { instance in
                    await withTaskGroup { group in
                        for _ in 0..<count {
                            group.addTask {
                                await #expect(throws: BusError.self) {
                                    try await instance.bus.request(Say(word: "hello"), as: nurse, within: .milliseconds(1_500))
                                }
                            }
                        }
                    }
                }
            }
        }
        return runs.withLock { $0 }
    }

    @Test func aCrowdLooksForAMissingServiceAsOne() async throws {
        let crowd = 400
        let looks = try await looks(for: crowd)
        #expect(looks <= crowd * 12 / 10)
        #expect(try await Fault.everyoneProbes.injected { try await self.looks(for: 40) } > 48 * 2)
        // Whose service is back hears of it soon, though others looked.
        try await withService("echo", migrations: Echo.migrations, Echo.build) { service in
            let nurse = try await service.keys.staff()
            try await withHost { host in
                try await withInstance(of: service, on: host, [.ask]) { asker in
                    let answers = Task {
                        await withTaskGroup(of: Bool.self) { group in
                            for _ in 0..<100 {
                                group.addTask {
                                    let said = try? await asker.bus.request(Say(word: "back"), as: nurse, within: .seconds(10))
                                    return said == .done(Said(word: "back"))
                                }
                            }
                            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                        }
                    }
                    try await Task.sleep(for: .milliseconds(200))
                    try await withInstance(of: service, on: host, [.answer]) { _ in #expect(await answers.value == 100) }
                }
            }
        }
    }

    /// How often the broker is asked to route something for so many requests to a service that is away.
    private func looks(for count: Int) async throws -> Int {
        try await withService("echo", migrations: Echo.migrations, Echo.build) { service in
            let nurse = try await service.keys.staff()
            return try await withHost { host in
                let proxy = try await FaultProxy(to: host.broker.port, speaking: .amqp)
                try await proxy.when("basic.publish", toward: .server, .count, times: 0)
                return try await withInstance(of: service, on: host, [.ask], through: [.ask: host.through(proxy)]) { instance in
                    await withTaskGroup { group in
                        for _ in 0..<count {
                            group.addTask {
                                await #expect(throws: BusError.unavailable) {
                                    try await instance.bus.request(Say(word: "hello"), as: nurse, within: .seconds(4))
                                }
                            }
                        }
                    }
                    return try await proxy.status().fired
                }
            }
        }
    }

    /// One layer tries again, and it waits first.
    @Test func aSubscriberThatFailsIsRunOnceARound() async throws {
        let runs = Mutex(0)
        try await withService(
            "echo", migrations: Echo.migrations,
            { registry, _ in
                registry.on(NoteWritten.self, "count-on-note-written") { _, _ in
                    runs.withLock { $0 += 1 }
                    throw TryLater("test")
                }
            }
        ) { service in
            let pool = service.database.pool(service.database.superuser)
            try await withHost { host in
                try await withInstance(of: service, on: host, [.hear]) { _ in
                    for _ in 0..<20 {
                        host.admin.publish(
                            Publication(
                                exchange: "events", routingKey: NoteWritten.name, mandatory: true,
                                properties: Properties(messageID: UUID().uuidString, type: NoteWritten.name, userID: "echo", persistent: true),
                                body: try MessageBus.Wire.encode(NoteWritten(id: UUID()))))
                    }
                    #expect(try await eventually { try await pool.first("SELECT count(*) FROM retry", as: Int.self) == 20 })
                    #expect(runs.withLock { $0 } == 20)
                    let early = try await pool.first("SELECT count(*) FROM retry WHERE next_at < now() + interval '1 s'", as: Int.self)
                    #expect(early == 0)
                }
            }
            await pool.close()
        }
    }

    @Test func waitsAreSpread() async {
        for wait in [{ Backoff.retry(attempt: 1) }, { Backoff.retry(attempt: 4) }, { Backoff.reconnect(afterFailures: 1) }] {
            #expect(distanceFromEven(wait) < 0.08)
            await Fault.retriesInStep.injected { #expect(distanceFromEven(wait) > 0.3) }
        }
    }

    /// The largest difference between the waits' distribution and an even one over ± 25 % (Kolmogorov and Smirnov's).
    private func distanceFromEven(_ wait: () -> Duration) -> Double {
        let samples = (0..<2_000).map { _ in wait() / .milliseconds(1) }.sorted()
        let middle = Fault.retriesInStep.isOn ? samples[0] : (samples[0] + samples[1_999]) / 2
        return samples.enumerated().map { index, sample in
            let even = min(1, max(0, (sample / middle - 0.75) / 0.5))
            return max(abs(even - Double(index) / 2_000), abs(even - Double(index + 1) / 2_000))
        }.max() ?? 1
    }

    // MARK: I24

    @Test(.timeLimit(.minutes(5))) func anUnknownOutcomeIsLookedUp() async throws {
        #expect(try await misjudged(rounds(40, long: 500)) == [])
        #expect(try await Fault.unknownIsFailure.injected { try await misjudged(3) } != [])
    }

    /// Commands whose COMMIT is cut off before it arrives, before its answer does, or somewhere between; and what was wrong in what the asker heard.
    private func misjudged(_ count: Int) async throws -> [String] {
        try await withEchoBehindProxy(connections: 2) { proxy, service in
            let pool = service.database.pool(service.database.superuser)
            let nurse = try await service.keys.staff()
            var wrong: [String] = []
            for round in 0..<count {
                try await proxy.clear()
                switch round % 3 {
                case 0: try await proxy.when("^COMMIT", toward: .server, .cut)
                case 1: try await proxy.when("C COMMIT", toward: .client, .cut)
                default: try await proxy.when("^COMMIT", toward: .server, .cutAfter)
                }
                let command = WriteNote(id: UUID(), patient: .init(), word: "\(round)", key: UUID())
                func stored() async throws -> Int? {
                    try await pool.first("SELECT count(*) FROM note WHERE id = \(command.id)", as: Int.self)
                }
                let first = try? await service.bus.request(command, as: nurse, within: .seconds(5))
                if try await proxy.status().fired != 1 { wrong.append("\(round): nothing was cut") }
                let told = first == .done(Said(word: "\(round)"))
                if told, try await stored() != 1 { wrong.append("\(round): acknowledged and not stored") }
                if !told, round % 3 == 1 { wrong.append("\(round): committed and told as a failure") }
                if told, round % 3 == 0 { wrong.append("\(round): acknowledged although COMMIT never arrived") }
                let again = try? await service.bus.request(command, as: nurse, within: .seconds(5))
                if again != .done(Said(word: "\(round)")) { wrong.append("\(round): asked again and told \(again.map { "\($0)" } ?? "nothing")") }
                if try await stored() != 1 { wrong.append("\(round): not stored once") }
            }
            await pool.close()
            return wrong
        }
    }

    // MARK: I27

    @Test(.timeLimit(.minutes(5))) func noContextReachesTheNextRequest() async throws {
        #expect(try await leaks(rounds(1_200, long: 10_000)) == [])
        #expect(try await Fault.contextOutlives.injected { try await leaks(120) } != [])
    }

    /// Requests of two patients, of nobody, and some that break off, over one connection that is cut now and then; and what somebody saw that was
    /// not theirs.
    private func leaks(_ count: Int) async throws -> Set<String> {
        try await withEchoBehindProxy(connections: 1) { proxy, service in
            let (bus, nurse) = (service.bus, try await service.keys.staff())
            let patients = [ID<Patient>(), ID<Patient>()]
            let words = ["maria's", "leo's"]
            let tokens = [try await service.keys.patient(patients[0]), try await service.keys.patient(patients[1])]
            for (patient, word) in zip(patients, words) {
                _ = try await bus.request(WriteNote(id: UUID(), patient: patient, word: word, key: UUID()), as: nurse)
            }
            let seed = seed("I27")
            try await proxy.when("^SELECT word FROM note", toward: .server, .cut, times: 0, chance: 0.01, seed: seed)
            try await proxy.when("C COMMIT", toward: .client, .cut, times: 0, chance: 0.01, seed: seed + 1)
            let seen = Seen()
            await withTaskGroup { group in
                for task in 0..<8 {
                    group.addTask {
                        var random = SeededGenerator(seed: seed + task)
                        for _ in 0..<(count / 8) {
                            let who = Int.random(in: 0...1, using: &random)
                            let (patient, token) = (patients[who], tokens[who])
                            switch Int.random(in: 0...6, using: &random) {
                            case 0...1:
                                guard let answer = try? await bus.ask(ReadNotes(patient: patient), as: token, within: .seconds(10)) else { break }
                                seen.answer()
                                if answer.words != [words[who]] { seen.leak("a patient saw \(answer.words)") }
                            case 2: _ = try? await bus.request(Say(word: "crash"), as: token)
                            case 3: _ = try? await bus.request(WriteNote(id: UUID(), patient: patient, word: "", key: UUID()), as: token)
                            case 4: _ = try? await bus.request(Say(word: "slow", waitMilliseconds: 20), as: token, within: .milliseconds(8))
                            case 5:
                                // The service's own role sees nothing by itself…
                                if let words = try? await service.pool.all("SELECT word FROM note", as: String.self) {
                                    seen.leak("nobody saw \(words)")
                                }
                            default:
                                // … and a patient's role without a patient sees no row.
                                let role: SQL = "SELECT set_config('role', 'echo_limited', true)"
                                let words = try? await service.pool.all("SELECT word FROM note", opening: [role], as: String.self)
                                if let words, words != [] { seen.leak("no patient saw \(words)") }
                            }
                        }
                    }
                }
            }
            #expect(seen.answers > count / 8, "too few were answered")
            #expect(try await proxy.status().fired > 0 || count < 1_000)
            return seen.leaks
        }
    }

    // MARK: I40, I41

    @Test func stoppingAnswersWhatWasTaken() async throws {
        #expect(try await unansweredAfterStop() == 0)
        #expect(try await Fault.drainGivesUp.injected { try await unansweredAfterStop() } > 0)
    }

    private func unansweredAfterStop() async throws -> Int {
        try await withService("echo", migrations: Echo.migrations, Echo.build) { service in
            let nurse = try await service.keys.staff()
            let pool = service.database.pool(service.database.superuser)
            let unanswered = try await withHost { host in
                try await withInstance(of: service, on: host, [.ask]) { asker in
                    let asked = Task {
                        await withTaskGroup(of: Int.self) { group in
                            for _ in 0..<5 {
                                group.addTask {
                                    let said = Say(word: "slow", waitMilliseconds: 1_000)
                                    let answer = try? await asker.bus.request(said, as: nurse, within: .seconds(5))
                                    return answer == .done(Said(word: "slow")) ? 0 : 1
                                }
                            }
                            return await group.reduce(0, +)
                        }
                    }
                    try await withInstance(of: service, on: host, [.answer]) { server async throws in
                        #expect(
                            try await eventually {
                                try await pool.first(
                                    """
                                    SELECT count(*) FROM pg_stat_activity
                                    WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(%' AND pid <> pg_backend_pid()
                                    """, as: Int.self) == 5
                            })
                        await server.requests.drain()
                        #expect(!server.requests.isReady)
                        // Nothing new is taken: the queue is gone.
                        await #expect(throws: BusError.self) {
                            try await asker.bus.request(Say(word: "too late"), as: nurse, within: .milliseconds(300))
                        }
                    }
                    return await asked.value
                }
            }
            await pool.close()
            return unanswered
        }
    }

    @Test func brokerAndDatabaseMayComeLate() async throws {
        #expect(try await answersOnceTheyAreThere())
        #expect(try await Fault.linkGivesUp.injected { try await !answersOnceTheyAreThere() })
    }

    private func answersOnceTheyAreThere() async throws -> Bool {
        try await withEchoBehindProxy { database, service in
            try await database.refuse()
            let nurse = try await service.keys.staff()
            return try await withHost { host in
                let broker = try await FaultProxy(to: host.broker.port, speaking: .amqp)
                try await broker.refuse()
                let settings = host.through(broker)
                let links: [Work: AMQPSettings] = [.ask: settings, .hear: settings, .emit: settings]
                return try await withInstance(of: service, on: host, through: links, waits: false) { instance in
                    _ = try await eventually(within: 3) { try await broker.status().accepted >= 9 }
                    try await broker.clear()
                    func isReady() -> Bool { instance.requests.isReady && instance.events.isReady }
                    guard try await eventually(within: Fault.linkGivesUp.isOn ? 3 : 20, isReady) else { return false }
                    // Without its database it says so, and at once.
                    await #expect(throws: BusError.self) { try await instance.bus.request(Say(word: "hello"), as: nurse) }
                    try await database.clear()
                    return try await eventually(within: 20) {
                        (try? await instance.bus.request(Say(word: "hello"), as: nurse)) == .done(Said(word: "hello"))
                    }
                }
            }
        }
    }
}

/// What the askers of one run saw.
private final class Seen: Sendable {
    private let state = Mutex<(leaks: Set<String>, answers: Int)>(([], 0))

    func leak(_ what: String) { state.withLock { _ = $0.leaks.insert(what) } }
    func answer() { state.withLock { $0.answers += 1 } }
    var leaks: Set<String> { state.withLock { $0.leaks } }
    var answers: Int { state.withLock { $0.answers } }
}

/// The same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
