import AMQP
import Access
import Foundation
import Logging
import MessageBus
import Postgres
import Synchronization
import TestSupport

/// A virtual host of a test's own, with the topology a deployment has.
struct Host: Sendable {
    let broker: Broker
    /// The service's user. Its name is the owner of the events: subscribers check it.
    let settings: AMQPSettings
    let admin: AMQPChannel

    func through(_ proxy: FaultProxy) -> AMQPSettings {
        var settings = settings
        settings.port = proxy.port
        return settings
    }

    /// How many messages a quorum queue holds, those that are delivered and not acked too. What `list_queues` says is seconds old.
    func held(_ queue: String = countOnNoteWritten) async throws -> Int? {
        let server = "{'\(settings.virtualHost)_\(queue)', node()}"
        let answer = try await broker.rabbitmqctl([
            "eval", "element(2, element(2, ra:local_query(\(server), fun rabbit_fifo:query_messages_total/1))).",
        ])
        return Int(answer.filter(\.isNumber))
    }

    func ready(_ queue: String = countOnNoteWritten) async throws -> Int { try await admin.declareQueue(queue, passive: true).messages }
}

let countOnNoteWritten = "echo.count-on-note-written"

/// - Parameters:
///   - handlers: of the event `echo.note-written.v1`, each with a queue and one for its dead letters.
///   - arguments: of the queues, beside those a deployment has.
func withHost<R: Sendable>(
    handlers: [String] = ["count-on-note-written"], arguments: [String: AMQPValue] = [:], _ body: (Host) async throws -> R
) async throws -> R {
    let broker = try await PrivateRabbitMQ.shared()
    let vhost = try await broker.makeVirtualHost()
    _ = try? await broker.rabbitmqctl(["add_user", "echo", "echo"])
    _ = try await broker.rabbitmqctl(["set_permissions", "-p", vhost, "echo", ".*", ".*", ".*"])
    let settings = AMQPSettings(
        host: broker.host, port: broker.port, user: "echo", password: "echo", virtualHost: vhost, connectionName: "test")
    let connection = try await AMQPConnection.open(settings)
    let admin = try await connection.channel()
    try await admin.declareExchange("events", type: "topic", durable: true)
    try await admin.declareExchange("dead-letters", type: "direct", durable: true)
    for queue in handlers.map({ "echo.\($0)" }) {
        var all: [String: AMQPValue] = [
            "x-queue-type": .string("quorum"), "x-delivery-limit": .int(10), "x-dead-letter-exchange": .string("dead-letters"),
            "x-dead-letter-routing-key": .string(queue), "x-dead-letter-strategy": .string("at-least-once"), "x-overflow": .string("reject-publish"),
        ]
        all.merge(arguments) { $1 }
        _ = try await admin.declareQueue(queue, durable: true, arguments: all.filter { $0.value != .null })
        _ = try await admin.declareQueue("\(queue).dead", durable: true, arguments: ["x-queue-type": .string("quorum")])
        try await admin.bind(queue, to: "events", routingKey: NoteWritten.name)
        try await admin.bind("\(queue).dead", to: "dead-letters", routingKey: queue)
    }
    let result: Result<R, any Error>
    do { result = .success(try await body(Host(broker: broker, settings: settings, admin: admin))) } catch { result = .failure(error) }
    await connection.close()
    _ = try? await broker.rabbitmqctl(["delete_vhost", vhost])
    return try result.get()
}

/// One process of the service, wired as a deployment wires it.
struct Instance: Sendable {
    let bus: RabbitBus
    let relay: Relay
    let requests: RequestConsumer
    let events: EventConsumer
}

/// What an instance does, each on a link of its own but for the first two.
enum Work: CaseIterable { case ask, answer, hear, emit }

/// - Parameters:
///   - through: the settings of a link that is not to go straight to the broker.
///   - pool: instead of the service's own.
///   - waits: until it is ready.
func withInstance<R: Sendable>(
    of service: ServiceUnderTest, on host: Host, _ work: Set<Work> = Set(Work.allCases), through links: [Work: AMQPSettings] = [:],
    pool: PostgresPool? = nil, logger: Logger = quiet, waits: Bool = true, clocks: ClockAlarm = ClockAlarm(),
    _ body: @escaping @Sendable (Instance) async throws -> R
) async throws -> R {
    let pool = pool ?? service.pool
    let bus = RabbitBus(user: "echo", own: OwnToken(try service.keys.signer("echo"), role: .worker), cipher: service.keys.cipher, clocks: clocks)
    let relay = Relay(user: "echo", service: "echo", pool: pool, logger: logger)
    let dispatcher = Dispatcher(
        service.registry, pool: pool, verifier: service.keys.verifier, cipher: service.keys.cipher, sealer: service.sealer,
        auditKey: service.keys.auditKey, logger: logger, committed: { relay.poke() })
    let requests = RequestConsumer(user: "echo", dispatcher: dispatcher, logger: logger)
    let deadLetters = DeadLetters(user: "echo")
    let events = EventConsumer(service.registry, pool: pool, deadLetters: deadLetters, logger: logger, committed: { relay.poke() })
    func link(_ part: Work, _ users: [any LinkUser]) -> AMQPLink? {
        users.isEmpty ? nil : AMQPLink(links[part] ?? host.settings, users, logger: logger)
    }
    let all = [
        link(.ask, (work.contains(.ask) ? [bus] : []) + (work.contains(.answer) ? [requests] : [])),
        link(.hear, work.contains(.hear) ? [events] : []),
        link(.emit, (work.contains(.emit) ? [relay] : []) + (work.contains(.hear) || work.contains(.emit) ? [deadLetters] : [])),
    ]
    return try await withThrowingTaskGroup(of: Void.self, returning: R.self) { group in
        for link in all.compactMap(\.self) { group.addTask { await link.run() } }
        if work.contains(.emit) { group.addTask { await relay.run() } }
        if work.contains(.hear) { group.addTask { await events.retryDue() } }
        while waits, work.contains(.answer) && !requests.isReady || work.contains(.hear) && !events.isReady {
            try await Task.sleep(for: .milliseconds(20))
        }
        let result: Result<R, any Error>
        do {
            result = .success(try await body(Instance(bus: bus, relay: relay, requests: requests, events: events)))
        } catch { result = .failure(error) }
        group.cancelAll()
        try await group.waitForAll()
        return try result.get()
    }
}

/// The service, whole, on a host of its own.
struct Rabbit: Sendable {
    let bus: RabbitBus
    let relay: Relay
    let admin: AMQPChannel
    let settings: AMQPSettings
    let broker: Broker
}

func withRabbit(_ service: ServiceUnderTest, serving: Bool = true, _ body: @escaping @Sendable (Rabbit) async throws -> Void) async throws {
    try await withHost { host in
        try await withInstance(of: service, on: host, serving ? Set(Work.allCases) : [.ask]) { instance in
            try await body(Rabbit(bus: instance.bus, relay: instance.relay, admin: host.admin, settings: host.settings, broker: host.broker))
        }
    }
}

/// The service whose pool reaches PostgreSQL through a proxy.
func withEchoBehindProxy<R: Sendable>(connections: Int = 8, _ body: (FaultProxy, ServiceUnderTest) async throws -> R) async throws -> R {
    let proxy = try await FaultProxy(to: try await PrivatePostgres.shared().port, speaking: .postgres)
    return try await withService("echo", migrations: Echo.migrations, port: proxy.port, connections: connections, Echo.build) {
        try await body(proxy, $0)
    }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// What was logged, a line each.
final class Notes: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(notes: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let notes: Notes
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            notes.lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }
}

/// Waits until it holds. - Returns: false after `seconds`.
func eventually(within seconds: Double = 10, _ holds: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try await holds() { return true }
        try await Task.sleep(for: .milliseconds(25))
    }
    return try await holds()
}

/// The full size with `deploy/test --long`, else one that fits CI.
func rounds(_ few: Int, long many: Int) -> Int { ProcessInfo.processInfo.environment["CHARTLINE_LONG"] == nil ? few : many }

/// Fixed in CI, so that what it finds it finds again; new with `--long`. Printed, to be put in here.
func seed(_ what: String) -> Int {
    let seed = rounds(20_261, long: Int.random(in: 1...999_999))
    print("\(what): seed \(seed)")
    return seed
}
