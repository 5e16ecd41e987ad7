import AMQP
import Access
import Foundation
import Logging
import MessageBus
import Postgres
import TestSupport

/// The service on a broker of its own virtual host, with the topology a deployment has.
struct Rabbit: Sendable {
    let bus: RabbitBus
    let relay: Relay
    let admin: AMQPChannel
    let settings: AMQPSettings
    let broker: Broker
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

func withRabbit(_ service: ServiceUnderTest, serving: Bool = true, _ body: @escaping @Sendable (Rabbit) async throws -> Void) async throws {
    let broker = try await PrivateRabbitMQ.shared()
    let vhost = try await broker.makeVirtualHost()
    // The owner's name is the AMQP user's: subscribers check it.
    _ = try? await broker.rabbitmqctl(["add_user", "echo", "echo"])
    _ = try await broker.rabbitmqctl(["set_permissions", "-p", vhost, "echo", ".*", ".*", ".*"])
    let settings = AMQPSettings(host: broker.host, port: broker.port, user: "echo", password: "echo", virtualHost: vhost, connectionName: "test")
    let adminConnection = try await AMQPConnection.open(settings)
    let admin = try await adminConnection.channel()
    try await admin.declareExchange("events", type: "topic", durable: true)
    try await admin.declareExchange("dead-letters", type: "direct", durable: true)
    let queue = "echo.count-on-note-written"
    _ = try await admin.declareQueue(
        queue, durable: true, exclusive: false, autoDelete: false,
        arguments: [
            "x-queue-type": .string("quorum"), "x-delivery-limit": .int(10), "x-dead-letter-exchange": .string("dead-letters"),
            "x-dead-letter-routing-key": .string(queue), "x-dead-letter-strategy": .string("at-least-once"), "x-overflow": .string("reject-publish"),
        ])
    _ = try await admin.declareQueue(
        "\(queue).dead", durable: true, exclusive: false, autoDelete: false, arguments: ["x-queue-type": .string("quorum")])
    try await admin.bind(queue, to: "events", routingKey: "echo.note-written.v1")
    try await admin.bind("\(queue).dead", to: "dead-letters", routingKey: queue)

    let bus = RabbitBus(user: "echo", own: OwnToken(try service.keys.signer("echo"), role: .worker), cipher: service.keys.cipher)
    let relay = Relay(user: "echo", service: "echo", pool: service.pool, logger: quiet)
    let dispatcher = Dispatcher(
        service.registry, pool: service.pool, verifier: service.keys.verifier, cipher: service.keys.cipher, sealer: service.sealer,
        auditKey: service.keys.auditKey, logger: quiet, committed: { relay.poke() })
    let requests = RequestConsumer(user: "echo", dispatcher: dispatcher, logger: quiet)
    let deadLetters = DeadLetters(user: "echo")
    let events = EventConsumer(service.registry, pool: service.pool, deadLetters: deadLetters, logger: quiet, committed: { relay.poke() })
    let links: [AMQPLink] =
        serving
        ? [
            AMQPLink(settings, [bus, requests], logger: quiet), AMQPLink(settings, [events], logger: quiet),
            AMQPLink(settings, [relay, deadLetters], logger: quiet),
        ] : [AMQPLink(settings, [bus], logger: quiet)]
    try await withThrowingTaskGroup { group in
        for link in links { group.addTask { await link.run() } }
        group.addTask { await relay.run() }
        group.addTask { await events.retryDue() }
        while serving, !requests.isReady || !events.isReady { try await Task.sleep(for: .milliseconds(20)) }
        let result: Result<Void, any Error>
        do { result = .success(try await body(Rabbit(bus: bus, relay: relay, admin: admin, settings: settings, broker: broker))) } catch {
            result = .failure(error)
        }
        group.cancelAll()
        try await group.waitForAll()
        await adminConnection.close()
        try result.get()
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
