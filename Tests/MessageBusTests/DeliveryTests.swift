import AMQP
import Contracts
import Faults
import Foundation
import Glibc
import Logging
@testable import MessageBus
import PollLoop
import Postgres
import Synchronization
import TestSupport
import Testing

/// From a change to its one effect elsewhere, whatever breaks on the way. Each check is run a second time without the guard it is about, and must
/// find something then. One at a time: guards are taken away for the whole process.
///
/// * I2 a change and its event are committed together: `changesAndEventsAreCommittedTogether`
/// * I3 an event counts as sent when its own confirm has come: `whatTheBrokerHasNotTakenStaysPending`, `everyConfirmCountsForItsOwnEvent`
/// * I4 what no queue takes stays pending and shows: `anEventNobodyHearsStaysAndShows`
/// * I5 one effect for k deliveries, acked after COMMIT: `copiesHaveOneEffect`, `nothingIsAckedBeforeItIsCommitted`, `…WhenCommitsAreCutOff`
/// * I6 two instances, one effect: `twoInstancesApplyAMessageOnce`
/// * I7 two subscribers, two effects: `everySubscriberAppliesTheEvent`
/// * I8 poison leaves, alone and with a reason: `aMessageThatKillsItsProcessLeavesAlone`, `contentIsNeverLogged`; `EventTests` has the rest
/// * I9 dead letters are not lost while nobody takes them: `deadLettersWaitForTheirQueue`, `theBrokersOwnDeadLettersWaitToo`
/// * I18 a full queue pushes back to the outbox: `aFullQueuePushesBack`
@Suite(.serialized, .enabled(if: PrivateRabbitMQ.isInstalled, "apt-get install rabbitmq-server")) struct DeliveryTests {
    // MARK: I2

    @Test func changesAndEventsAreCommittedTogether() async throws {
        #expect(try await strays(of: rounds(100, long: 2_000)) == [])
        #expect(try await Fault.emitForgets.injected { try await strays(of: 10) } != [])
    }

    /// Notes without an event and events without a note, after commands whose connections were cut before, in and after COMMIT.
    private func strays(of count: Int) async throws -> [String] {
        try await withEchoBehindProxy { proxy, service in
            let seed = seed("I2")
            try await proxy.when("^INSERT INTO note", toward: .server, .cut, times: 0, chance: 0.05, seed: seed)
            try await proxy.when("^COMMIT", toward: .server, .cut, times: 0, chance: 0.05, seed: seed + 1)
            try await proxy.when("C COMMIT", toward: .client, .cut, times: 0, chance: 0.1, seed: seed + 2)
            let nurse = try await service.keys.staff()
            let done = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<count {
                    group.addTask {
                        let command = WriteNote(id: UUID(), patient: .init(), word: "\(number)", key: UUID())
                        return (try? await service.bus.request(command, as: nurse, within: .seconds(20))) == .done(Said(word: "\(number)"))
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            let pool = service.database.pool(service.database.superuser)
            let strays = try await pool.all(
                """
                WITH event AS (SELECT (convert_from(body, 'UTF8')::jsonb ->> 'id')::uuid AS id FROM (TABLE outbox) AS o)
                SELECT 'note without event ' || id FROM note n WHERE NOT EXISTS (SELECT FROM event e WHERE e.id = n.id)
                UNION ALL SELECT 'event without note ' || id FROM event e WHERE NOT EXISTS (SELECT FROM note n WHERE n.id = e.id)
                """, as: String.self)
            // Every acknowledged one is there; and the cuts did happen.
            let stored = try await pool.first("SELECT count(*) FROM note", as: Int.self) ?? 0
            #expect(done <= stored)
            #expect(try await proxy.status().fired > 0)
            await pool.close()
            return strays
        }
    }

    // MARK: I3

    @Test func whatTheBrokerHasNotTakenStaysPending() async throws {
        #expect(try await sentUnconfirmed() == 0)
        #expect(try await Fault.relayTrustsSending.injected { try await sentUnconfirmed() } > 0)
    }

    /// How many events count as sent while the broker's every confirm arrives as a refusal.
    private func sentUnconfirmed() async throws -> Int {
        try await withEcho { service, host, pool in
            let proxy = try await FaultProxy(to: host.broker.port, speaking: .amqp)
            try await proxy.when("basic.ack", toward: .client, .nack, times: 0)
            return try await withInstance(of: service, on: host, [.emit], through: [.emit: host.through(proxy)]) { instance in
                try await emit(20, pool)
                instance.relay.poke()
                func sent() async throws -> Int { try await pool.first("SELECT count(*) FROM sent", as: Int.self) ?? 0 }
                _ = try await eventually {
                    if try await proxy.status().fired >= 3 { return true }
                    return try await sent() > 0
                }
                return try await sent()
            }
        }
    }

    /// Confirms lost, refused, for many at once, and connections cut: each event is sent until it is confirmed, and applied once.
    @Test(.timeLimit(.minutes(3))) func everyConfirmCountsForItsOwnEvent() async throws {
        let count = rounds(120, long: 3_000)
        try await withEcho { service, host, pool in
            let proxy = try await FaultProxy(to: host.broker.port, speaking: .amqp)
            let seed = seed("I3")
            try await proxy.when("basic.ack", toward: .client, .swallow, skip: 3)
            try await proxy.when("basic.ack", toward: .client, .cut, times: 0, chance: 0.05, seed: seed)
            try await proxy.when("basic.ack", toward: .client, .nack, times: 0, chance: 0.2, seed: seed + 1)
            try await proxy.when("basic.ack", toward: .client, .multiple, times: 0, chance: 0.3, seed: seed + 2)
            try await proxy.when("basic.publish", toward: .server, .cut, times: 0, chance: 0.002, seed: seed + 3)
            try await withInstance(of: service, on: host, [.emit, .hear], through: [.emit: host.through(proxy)]) { instance in
                for _ in 0..<(count / 20) {
                    try await emit(20, pool)
                    instance.relay.poke()
                    try await Task.sleep(for: .milliseconds(100))
                }
                try await Task.sleep(for: .seconds(2))
                #expect(try await proxy.status().fired > 3)
                try await proxy.clear()
                #expect(try await eventually(within: 30) { try await pool.first("SELECT count(*) FROM outbox", as: Int.self) == 0 })
                #expect(try await pool.first("SELECT count(*) FROM sent", as: Int.self) == count)
                #expect(try await eventually { try await pool.first("SELECT count(DISTINCT event) FROM counted", as: Int.self) == count })
                #expect(try await pool.first("SELECT count(*) FROM counted", as: Int.self) == count)
            }
        }
    }

    // MARK: I4

    @Test func anEventNobodyHearsStaysAndShows() async throws {
        let (held, lines) = try await unheard()
        #expect(held == 1)
        #expect(lines.contains { $0.hasPrefix("warning event has no subscriber") })
        let (lost, _) = try await Fault.returnsIgnored.injected { try await unheard() }
        #expect(lost == 0)
    }

    /// How many of one event are still pending once the broker has returned it, and what was logged.
    private func unheard() async throws -> (pending: Int?, log: [String]) {
        try await withEcho { service, host, pool in
            try await host.admin.unbind(countOnNoteWritten, from: "events", routingKey: NoteWritten.name)
            let notes = Notes()
            return try await withInstance(of: service, on: host, [.emit], logger: notes.logger) { instance in
                try await emit(1, pool)
                _ = try await eventually {
                    try await pool.first(
                        "SELECT EXISTS (SELECT FROM sent) OR EXISTS (SELECT FROM outbox WHERE held_until IS NOT NULL)", as: Bool.self) == true
                }
                return (try await pool.first("SELECT count(*) FROM outbox", as: Int.self), notes.all)
            }
        }
    }

    // MARK: I5

    @Test func copiesHaveOneEffect() async throws {
        #expect(try await effects(ofCopies: 10) == 1)
        #expect(try await Fault.inboxForgets.injected { try await effects(ofCopies: 10) } > 1)
    }

    private func effects(ofCopies copies: Int) async throws -> Int {
        try await withEcho { service, host, pool in
            let message = UUID()
            for _ in 0..<copies { try await publish(NoteWritten(id: message), id: message, on: host) }
            return try await withInstance(of: service, on: host, [.hear]) { _ in
                #expect(try await settled(host))
                return try await pool.first("SELECT count(*) FROM counted", as: Int.self) ?? 0
            }
        }
    }

    @Test func nothingIsAckedBeforeItIsCommitted() async throws {
        #expect(try await unackedAtCommit() == 1)
        #expect(try await Fault.ackBeforeCommit.injected { try await unackedAtCommit() } == 0)
    }

    /// How many messages the broker waits for while PostgreSQL's answer to COMMIT is on its way.
    private func unackedAtCommit() async throws -> Int? {
        try await withEchoBehindProxy { proxy, service in
            let pool = service.database.pool(service.database.superuser)
            let unacked = try await withHost { host in
                try await withInstance(of: service, on: host, [.hear]) { _ in
                    try await proxy.when("C COMMIT", toward: .client, .freeze)
                    try await publish(NoteWritten(id: UUID()), on: host)
                    #expect(try await eventually { try await proxy.status().fired == 1 })
                    #expect(try await eventually { try await pool.first("SELECT count(*) FROM counted", as: Int.self) == 1 })
                    let ready = try await host.ready()
                    let unacked = try await host.held().map { $0 - ready }
                    try await proxy.cut()
                    try await proxy.clear()
                    #expect(try await settled(host))
                    #expect(try await pool.first("SELECT count(*) FROM counted", as: Int.self) == 1)
                    return unacked
                }
            }
            await pool.close()
            return unacked
        }
    }

    @Test(.timeLimit(.minutes(3))) func eachMessageIsAppliedOnceWhenCommitsAreCutOff() async throws {
        let count = rounds(40, long: 1_000)
        try await withEchoBehindProxy { proxy, service in
            let pool = service.database.pool(service.database.superuser)
            let seed = seed("I5")
            try await withHost { host in
                try await withInstance(of: service, on: host, [.hear]) { _ in
                    try await proxy.when("^COMMIT", toward: .server, .cut, times: 0, chance: 0.15, seed: seed)
                    try await proxy.when("C COMMIT", toward: .client, .cut, times: 0, chance: 0.15, seed: seed + 1)
                    for _ in 0..<count { try await publish(NoteWritten(id: UUID()), on: host) }
                    #expect(try await settled(host, within: 60))
                }
            }
            #expect(try await proxy.status().fired > 0)
            #expect(try await pool.first("SELECT count(DISTINCT event) FROM counted", as: Int.self) == count)
            #expect(try await pool.first("SELECT count(*) FROM counted", as: Int.self) == count)
            await pool.close()
        }
    }

    // MARK: I6

    @Test(.timeLimit(.minutes(5))) func twoInstancesApplyAMessageOnce() async throws {
        let count = rounds(100, long: 1_000)
        #expect(try await doubles(of: count) == 0)
        #expect(try await Fault.inboxForgets.injected { try await doubles(of: 20) } > 0)
    }

    /// Each message goes to two instances at once; their handlers wait for each other before either has told the inbox.
    private func doubles(of count: Int) async throws -> Int {
        let meeting = Meeting()
        return try await withEcho(build: { registry in
            registry.on(NoteWritten.self, "count-on-note-written") { event, tx in
                await meeting.arrive(event.id)
                tx.queue("INSERT INTO counted (event) VALUES (\(event.id))")
            }
        }) { service, host, pool in
            try await withInstance(of: service, on: host, [.hear]) { _ in
                try await withInstance(of: service, on: host, [.hear]) { _ in
                    for _ in 0..<count {
                        let id = UUID()
                        for _ in 1...2 { try await publish(NoteWritten(id: id), id: id, on: host) }
                    }
                    #expect(try await settled(host, within: 120))
                }
            }
            #expect(meeting.met * 2 > count, "the copies did not meet")
            #expect(try await pool.first("SELECT count(DISTINCT event) FROM counted", as: Int.self) == count)
            return try await pool.first("SELECT count(*) - count(DISTINCT event) FROM counted", as: Int.self) ?? -1
        }
    }

    // MARK: I7

    @Test func everySubscriberAppliesTheEvent() async throws {
        #expect(try await subscribersReached() == 2)
        #expect(try await Fault.inboxIgnoresHandler.injected { try await subscribersReached() } == 1)
    }

    private func subscribersReached() async throws -> Int? {
        let handlers = ["count-on-note-written", "count-again-on-note-written"]
        return try await withEcho(
            handlers: handlers,
            build: { registry in
                for handler in handlers {
                    registry.on(NoteWritten.self, handler) { event, tx in tx.queue("INSERT INTO counted (event) VALUES (\(event.id))") }
                }
            }
        ) { service, host, pool in
            try await withInstance(of: service, on: host, [.hear]) { _ in
                try await publish(NoteWritten(id: UUID()), on: host)
                for handler in handlers { #expect(try await settled(host, "echo.\(handler)")) }
                return try await pool.first("SELECT count(*) FROM counted", as: Int.self)
            }
        }
    }

    // MARK: I8

    /// Eleven processes die of it, then it is gone; nothing that was with them is.
    @Test(.timeLimit(.minutes(3))) func aMessageThatKillsItsProcessLeavesAlone() async throws {
        let (dead, reasons) = try await deathsBeside(30)
        #expect(dead == 1)
        #expect(reasons == ["delivery_limit"])
        setenv("CHARTLINE_FAULTS", Fault.startsCarefree.rawValue, 1)
        defer { unsetenv("CHARTLINE_FAULTS") }
        let (more, _) = try await deathsBeside(30)
        #expect(more > 1)
    }

    private func deathsBeside(_ innocent: Int) async throws -> (dead: Int, reasons: Set<String>) {
        try await withEcho { service, host, pool in
            for number in 0...innocent {
                try await publish(NoteWritten(id: UUID(), fail: number == innocent / 2 ? "crash" : "slow"), on: host)
            }
            let database = service.database.service
            let (address, port, vhost) = (host.settings.host, host.settings.port, host.settings.virtualHost)
            let (pgPort, pgDatabase, password) = (database.port, database.database, database.password)
            for _ in 1...11 {
                await #expect(processExitsWith: .failure) {
                    [
                        address = address as String, port = port as Int, vhost = vhost as String, pgPort = pgPort as Int,
                        pgDatabase = pgDatabase as String,
                        password = password as String
                    ] in
                    let settings = AMQPSettings(
                        host: address, port: port, user: "echo", password: "echo", virtualHost: vhost, connectionName: "victim")
                    let database = PostgresSettings(
                        host: address, port: pgPort, user: "echo", password: password, database: pgDatabase, schema: "echo")
                    await hearUntilItKills(settings, database)
                }
            }
            let dead = "\(countOnNoteWritten).dead"
            _ = try await eventually { try await host.ready(dead) >= 1 }
            let found = Mutex<[String]>([])
            _ = try await host.admin.consume(dead, noAck: true) { delivery in
                let reason: AMQPValue? = delivery.properties.headers["x-first-death-reason"]
                found.withLock { if case .string(let reason)? = reason { $0.append(reason) } else { $0.append("none") } }
            }
            // What is left is harmless.
            try await withInstance(of: service, on: host, [.hear]) { _ async throws in #expect(try await settled(host, within: 30)) }
            _ = try await eventually { try await host.ready(dead) == 0 }
            let counted = try await pool.first("SELECT count(DISTINCT event) FROM counted", as: Int.self) ?? 0
            let reasons = found.withLock { $0 }
            #expect(counted + reasons.count == innocent + 1)
            return (reasons.count, Set(reasons))
        }
    }

    @Test func contentIsNeverLogged() async throws {
        try await withEcho { service, host, _ in
            let notes = Notes()
            try await withInstance(of: service, on: host, [.hear], logger: notes.logger) { _ in
                try await publish(body: Array(#"{"id": "canary-7731", "fail": 3}"#.utf8), on: host)
                try await publish(NoteWritten(id: UUID(), fail: "canary-7731"), on: host)
                #expect(try await settled(host))
            }
            #expect(notes.all.contains { $0.hasPrefix("error message is dead") })
            #expect(!notes.all.contains { $0.contains("canary") })
        }
    }

    // MARK: I9

    @Test func deadLettersWaitForTheirQueue() async throws {
        #expect(try await keptWithoutQueue(20) == 20)
        #expect(try await Fault.deadLettersUnconfirmed.injected { try await keptWithoutQueue(5) } == 0)
    }

    /// How many of so many hopeless messages are dead letters in the end, when at first no queue takes dead letters.
    private func keptWithoutQueue(_ count: Int) async throws -> Int {
        try await withEcho { service, host, _ in
            let dead = "\(countOnNoteWritten).dead"
            try await host.admin.unbind(dead, from: "dead-letters", routingKey: countOnNoteWritten)
            return try await withInstance(of: service, on: host, [.hear]) { _ in
                for _ in 0..<count { try await publish(NoteWritten(id: UUID(), fail: "dead"), on: host) }
                #expect(try await eventually { try await host.ready() == 0 })
                // Time for each to have been tried.
                try await Task.sleep(for: .milliseconds(500))
                try await host.admin.bind(dead, to: "dead-letters", routingKey: countOnNoteWritten)
                #expect(try await settled(host))
                return try await host.ready(dead)
            }
        }
    }

    /// Those the broker makes itself, at the delivery limit. The guard is the queue's strategy.
    @Test(arguments: [true, false]) func theBrokersOwnDeadLettersWaitToo(atLeastOnce: Bool) async throws {
        try await PrivateRabbitMQ.shared().rabbitmqctl(["eval", "application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 1000)."])
        let kept = try await withHost(arguments: atLeastOnce ? [:] : ["x-dead-letter-strategy": .null]) { host in
            let dead = "\(countOnNoteWritten).dead"
            try await host.admin.unbind(dead, from: "dead-letters", routingKey: countOnNoteWritten)
            for _ in 0..<100 { try await publish(NoteWritten(id: UUID()), on: host) }
            let admin = host.admin
            let rejected = Mutex(0)
            let rejecting = try await admin.consume(countOnNoteWritten) { delivery in
                admin.nack(delivery.tag, requeue: false)
                rejected.withLock { $0 += 1 }
            }
            #expect(try await eventually { rejected.withLock { $0 } == 100 })
            // At least once, the queue keeps what it cannot give away.
            if !atLeastOnce { #expect(try await settled(host)) }
            await admin.cancel(rejecting)
            try await host.admin.bind(dead, to: "dead-letters", routingKey: countOnNoteWritten)
            if atLeastOnce { _ = try await eventually(within: 30) { try await host.ready(dead) >= 100 } }
            return try await host.ready(dead)
        }
        #expect(kept == (atLeastOnce ? 100 : 0))
    }

    // MARK: I18

    @Test(.timeLimit(.minutes(3))) func aFullQueuePushesBack() async throws {
        let count = rounds(1_000, long: 10_000)
        #expect(try await lostToAFullQueue(of: count) == 0)
        #expect(try await Fault.relayTrustsSending.injected { try await lostToAFullQueue(of: 300) } > 0)
    }

    /// How many events are neither pending nor in a queue of 100 that was full before they came; then the queue is emptied.
    private func lostToAFullQueue(of count: Int) async throws -> Int {
        try await withEcho(arguments: ["x-max-length": 100]) { service, host, pool in
            // The limit is soft: a burst may go over it, so the queue is filled first.
            for _ in 0..<300 { try await publish(NoteWritten(id: UUID()), on: host) }
            #expect(try await eventually { try await host.ready() >= 100 })
            var full = 0
            while full != (try await host.ready()) {
                full = try await host.ready()
                try await Task.sleep(for: .milliseconds(300))
            }
            let before = residentBytes()
            let lost = try await withInstance(of: service, on: host, [.emit]) { [full] instance in
                try await emit(count, pool)
                instance.relay.poke()
                // Some rounds of the relay, which the queue refuses.
                try await Task.sleep(for: .seconds(2))
                let pending = try await pool.first("SELECT count(*) FROM outbox", as: Int.self) ?? 0
                return full + count - pending - (try await host.ready())
            }
            #expect(residentBytes() - before < 64 << 20)
            guard lost == 0 else { return lost }
            try await withInstance(of: service, on: host, [.emit, .hear]) { [full] _ async throws in
                #expect(
                    try await eventually(within: 60) {
                        try await pool.first("SELECT count(DISTINCT event) FROM counted", as: Int.self) == full + count
                    })
            }
            #expect(try await pool.first("SELECT count(*) FROM counted", as: Int.self) == full + count)
            return lost
        }
    }

    // MARK: Pieces

    private func withEcho<R: Sendable>(
        handlers: [String] = ["count-on-note-written"], arguments: [String: AMQPValue] = [:],
        build: @escaping @Sendable (Registry) -> Void = { Echo.hear($0) },
        _ body: (ServiceUnderTest, Host, PostgresPool) async throws -> R
    ) async throws -> R {
        try await withService("echo", migrations: Echo.migrations, { registry, _ in build(registry) }) { service in
            let pool = service.database.pool(service.database.superuser)
            let result = try await withHost(handlers: handlers, arguments: arguments) { try await body(service, $0, pool) }
            await pool.close()
            return result
        }
    }

    /// So many committed events.
    private func emit(_ count: Int, _ pool: PostgresPool) async throws {
        try await pool.run(
            """
            INSERT INTO outbox (id, name, body)
            SELECT gen_random_uuid(), \(NoteWritten.name), convert_to('{"id":"' || upper(gen_random_uuid()::text) || '"}', 'UTF8')
            FROM generate_series(1, \(count))
            """)
    }

    private func publish(_ event: NoteWritten, id: UUID = UUID(), on host: Host) async throws {
        try await publish(body: try MessageBus.Wire.encode(event), id: id, on: host)
    }

    private func publish(body: [UInt8], id: UUID = UUID(), on host: Host) async throws {
        host.admin.publish(
            Publication(
                exchange: "events", routingKey: NoteWritten.name, mandatory: true,
                properties: Properties(messageID: id.uuidString.lowercased(), type: NoteWritten.name, userID: "echo", persistent: true), body: body))
    }

    /// Whether everything in the queue has been taken and acked. - Returns: false after so many seconds.
    private func settled(_ host: Host, _ queue: String = countOnNoteWritten, within seconds: Double = 15) async throws -> Bool {
        try await eventually(within: seconds) {
            guard try await host.ready(queue) == 0 else { return false }
            return try await host.held(queue) == 0
        }
    }
}

/// A process that hears the service's events and dies of one of them.
private func hearUntilItKills(_ settings: AMQPSettings, _ database: PostgresSettings) async {
    let registry = Registry(service: "echo")
    Echo.hear(registry)
    let pool = PostgresPool(database, loop: PollLoop(name: "victim"))
    let deadLetters = DeadLetters(user: "echo")
    let events = EventConsumer(registry, pool: pool, deadLetters: deadLetters, logger: quiet, committed: {})
    await withTaskGroup { group in
        group.addTask { await AMQPLink(settings, [events], logger: quiet).run() }
        group.addTask { await AMQPLink(settings, [deadLetters], logger: quiet).run() }
        group.addTask {
            // It should be long dead; a test that waits for ever helps nobody.
            try? await Task.sleep(for: .seconds(30))
            exit(0)
        }
    }
}

/// Where the two copies of a message wait for each other.
private final class Meeting: Sendable {
    private let arrived = Mutex<[UUID: Int]>([:])

    func arrive(_ id: UUID) async {
        arrived.withLock { $0[id, default: 0] += 1 }
        for _ in 0..<100 where arrived.withLock({ $0[id, default: 0] }) < 2 { try? await Task.sleep(for: .milliseconds(5)) }
    }

    var met: Int { arrived.withLock { $0.values.count { $0 >= 2 } } }
}

private func residentBytes() -> Int {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return (pages ?? 0) * Int(getpagesize())
}
