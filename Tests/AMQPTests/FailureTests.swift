import AMQP
import Foundation
import TestSupport
import Testing

/// A broker that is short of memory, hangs, dies or sends rubbish. One after the other, on a broker of their own.
@Suite(.serialized, .enabled(if: PrivateRabbitMQ.isInstalled, "apt-get install rabbitmq-server")) struct FailureTests {
    private static let broker = Task { try await PrivateRabbitMQ.start() }

    private func open(heartbeat: Duration = .seconds(10)) async throws -> (Broker, AMQPConnection, AMQPChannel) {
        let broker = try await Self.broker.value
        let connection = try await AMQPConnection.open(settings(broker, heartbeat: heartbeat))
        return (broker, connection, try await connection.channel())
    }

    @Test(.timeLimit(.minutes(1))) func anAlarmBlocksPublishingOnly() async throws {
        let (broker, connection, channel) = try await open()
        let (_, other, consuming) = try await open()
        let queue = uniqueName()
        try await channel.declareQueue(queue)
        try await channel.confirmSelect()
        try await channel.publishConfirmed(Publication(routingKey: queue, body: [1]))
        let events = connection.events
        try await broker.rabbitmqctl(["set_vm_memory_high_watermark", "absolute", "20MB"])
        channel.publish(Publication(routingKey: queue, body: [2]))
        #expect(await event(events, atMost: .seconds(10)) { $0 == .blocked } == .blocked)
        #expect(connection.isBlocked)
        let returned = Box<AMQPError.Kind>()
        channel.publish(Publication(routingKey: queue, body: [3])) { returned.add($0.kind) }
        #expect(returned.all == [.blocked])
        let begin = ContinuousClock.now
        let error = await failure { () throws(AMQPError) in try await channel.publishConfirmed(Publication(routingKey: queue, body: [4])) }
        #expect(error?.kind == .blocked)
        #expect(begin.duration(to: .now) < .milliseconds(100))
        let got = Box<Delivery>()
        try await consuming.consume(queue) { got.add($0) }
        #expect(await got.wait(for: 1).first?.body == [1])
        consuming.ack(got.all[0].tag)
        let later = connection.events
        try await broker.rabbitmqctl(["set_vm_memory_high_watermark", "absolute", "1GB"])
        #expect(await event(later, atMost: .seconds(10)) { $0 == .unblocked } == .unblocked)
        #expect(!connection.isBlocked)
        try await channel.publishConfirmed(Publication(routingKey: queue, body: [5]))
        #expect(await got.wait(for: 3).map(\.body) == [[1], [2], [5]])
        try await channel.deleteQueue(queue)
        await connection.close()
        await other.close()
    }

    /// It must be noticed within two heartbeats, here 4 s, and what waits must fail with it; publishing must never wait.
    @Test(.timeLimit(.minutes(1)), arguments: [false, true]) func aHungBrokerIsNoticed(inTraffic: Bool) async throws {
        let (broker, connection, channel) = try await open(heartbeat: .seconds(2))
        try await channel.confirmSelect()
        let queue = try await channel.declareQueue("", exclusive: true).name
        let events = connection.events
        broker.signal(SIGSTOP)
        defer { broker.signal(SIGCONT) }
        let begin = ContinuousClock.now
        let body = [UInt8](repeating: 7, count: 1 << 20)
        let batch = Array(repeating: Publication(routingKey: queue, body: body), count: inTraffic ? 64 : 0)
        async let confirmed = channel.publishConfirmed(batch, timeout: .seconds(30))
        if inTraffic {
            let returned = Box<AMQPError.Kind>()
            for _ in 0..<64 { channel.publish(Publication(routingKey: queue, body: body)) { returned.add($0.kind) } }
            #expect(begin.duration(to: .now) < .milliseconds(500))
            #expect(returned.all.contains(.blocked))
        }
        #expect(await event(events, atMost: .seconds(20)) { $0.isClosed } != nil)
        let noticed = begin.duration(to: .now)
        print("hung broker noticed after \(noticed)")
        #expect(noticed > .seconds(2) && noticed < .seconds(6))
        #expect(await confirmed.allSatisfy { $0.error?.kind == .closed || $0.error?.kind == .blocked })
        #expect(connection.closed != nil)
    }

    /// More than the kernel's buffers hold waits for the broker, and arrives once and in order.
    @Test(.timeLimit(.minutes(1))) func aBrokerThatPausesGetsEverything() async throws {
        let (broker, connection, channel) = try await open()
        try await channel.confirmSelect()
        let queue = try await channel.declareQueue("", exclusive: true).name
        let got = Box<Int>()
        try await channel.consume(queue, noAck: true) { got.add($0.body.count) }
        broker.signal(SIGSTOP)
        let batch = (0..<10_000).map { Publication(routingKey: queue, body: Array(repeating: 1, count: $0 % 4000)) }
        async let results = channel.publishConfirmed(batch, timeout: .seconds(30))
        let begin = ContinuousClock.now
        let late = await channel.publishConfirmed([Publication(routingKey: "nowhere", body: [])], timeout: .milliseconds(300))
        #expect(late.map { $0.error?.kind } == [.timeout])
        #expect(begin.duration(to: .now) < .seconds(2))
        broker.signal(SIGCONT)
        #expect(await results.allSatisfy { $0.error == nil })
        #expect(await got.wait(for: 10_000) == (0..<10_000).map { $0 % 4000 })
        await connection.close()
    }

    @Test(.timeLimit(.minutes(1))) func closingDoesNotWaitForAHungBroker() async throws {
        let (broker, connection, channel) = try await open()
        let queue = try await channel.declareQueue("", exclusive: true).name
        broker.signal(SIGSTOP)
        defer { broker.signal(SIGCONT) }
        for _ in 0..<16 { channel.publish(Publication(routingKey: queue, body: Array(repeating: 0, count: 1 << 20))) }
        let begin = ContinuousClock.now
        await channel.close()
        #expect(begin.duration(to: .now) < .milliseconds(1500))
        await connection.close()
        #expect(begin.duration(to: .now) < .milliseconds(2700))
    }

    @Test(.timeLimit(.minutes(1))) func requestsAndConfirmsHaveDeadlines() async throws {
        let broker = try await Self.broker.value
        let connection = try await AMQPConnection.open(settings(broker, requestTimeout: .seconds(1)))
        let channel = try await connection.channel()
        let confirming = try await connection.channel()
        try await confirming.confirmSelect()
        let begin = ContinuousClock.now
        broker.signal(SIGSTOP)
        async let confirmed = confirming.publishConfirmed([Publication(routingKey: "x", body: [])], timeout: .milliseconds(300))
        let declared = await failure { () throws(AMQPError) in _ = try await channel.declareQueue("", exclusive: true) }
        let took = begin.duration(to: .now)
        #expect(await confirmed.map { $0.error?.kind } == [.timeout])
        broker.signal(SIGCONT)
        #expect(declared?.kind == .timeout && took > .milliseconds(900) && took < .seconds(2))
        #expect(channel.closed?.kind == .timeout)
        // The late answers harm nothing: the connection and the other channel go on.
        try await confirming.publishConfirmed(Publication(routingKey: "x", body: []))
        #expect(try await connection.channel().declareQueue("", exclusive: true).messages == 0)
        await connection.close()
    }

    @Test(.timeLimit(.minutes(2))) func aKilledBrokerIsNoticedAtOnceAndANewConnectionWorks() async throws {
        let (broker, connection, channel) = try await open()
        let queue = uniqueName()
        try await channel.declareQueue(queue, durable: true)
        try await channel.confirmSelect()
        let message = Publication(routingKey: queue, properties: Properties(persistent: true), body: [1])
        try await channel.publishConfirmed(message)
        // The broker keeps what was declared a moment ago in its own memory before it writes it down: kill -9 could take the queue itself.
        try await broker.rabbitmqctl(["eval", "mnesia:sync_log()."])
        let ended = Box<AMQPError?>()
        try await channel.consume("amq.rabbitmq.reply-to", noAck: true, onCancel: { ended.add($0) }) { _ in }
        let events = connection.events
        let begin = ContinuousClock.now
        broker.kill()
        #expect(await event(events, atMost: .seconds(10)) { $0.isClosed } != nil)
        print("killed broker noticed after \(begin.duration(to: .now))")
        #expect(begin.duration(to: .now) < .seconds(1))
        #expect(await ended.wait(for: 1).map { $0?.kind } == [.closed])
        #expect(await failure { () throws(AMQPError) in try await channel.publishConfirmed(message) }?.kind == .closed)
        #expect(await failure { () throws(AMQPError) in _ = try await AMQPConnection.open(settings(broker)) } != nil)
        try await broker.startServer()
        let (_, again, reopened) = try await open()
        #expect(try await reopened.declareQueue(queue, passive: true).messages == 1)
        await again.close()
    }

    @Test(.timeLimit(.minutes(1))) func aBrokerThatShutsDownSaysSo() async throws {
        let (broker, connection, _) = try await open()
        let events = connection.events
        try await broker.rabbitmqctl(["close_all_connections", "maintenance"])
        guard case .closed(let error) = await event(events, atMost: .seconds(5), where: { $0.isClosed }) else {
            Issue.record("no event")
            return
        }
        #expect(error.kind == .closed && error.replyCode == 320)
    }

    /// Bytes the broker sends are changed on their way, at random places: whatever comes of it, the process and the waiting tasks go on.
    @Test(.timeLimit(.minutes(2))) func damagedFramesEndTheConnectionAtWorst() async throws {
        let broker = try await Self.broker.value
        let rounds = ProcessInfo.processInfo.environment["CHARTLINE_LONG"] == nil ? 60 : 150
        let proxy = try await FaultProxy(to: broker.port)
        var ended = 0
        for seed in 0..<rounds {
            try await proxy.clear()
            // The first 600 bytes are the login; half of the rounds leave it whole.
            try await proxy.damage(3, after: seed % 2 == 0 ? 0 : 600, seed: seed, toward: .client)
            let settings = AMQPSettings(
                host: proxy.host, port: proxy.port, user: broker.user, password: broker.password, heartbeat: .seconds(1),
                connectTimeout: .milliseconds(500), requestTimeout: .milliseconds(300), connectionName: "test")
            guard let connection = try? await AMQPConnection.open(settings) else {
                ended += 1
                continue
            }
            _ = await failure { () throws(AMQPError) in
                let channel = try await connection.channel()
                try await channel.confirmSelect()
                let queue = try await channel.declareQueue("", exclusive: true).name
                try await channel.consume(queue, noAck: true) { _ in }
                let properties = Properties(messageID: "m", headers: ["a": .array([1, .table(["b": "c"])]), "t": .date(Date())])
                let body = [UInt8](repeating: 1, count: 300)
                let batch = (0..<50).map { number in
                    Publication(routingKey: number % 5 == 0 ? "nowhere" : queue, mandatory: true, properties: properties, body: body)
                }
                _ = await channel.publishConfirmed(batch, timeout: .milliseconds(300))
            }
            if connection.closed != nil { ended += 1 }
            await connection.close()
        }
        #expect(ended > 10)
    }
}
