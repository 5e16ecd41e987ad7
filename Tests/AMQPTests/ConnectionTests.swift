import AMQP
import Foundation
import TestSupport
import Testing

/// How connections begin and end.
@Suite(.enabled(if: PrivateRabbitMQ.isInstalled, "apt-get install rabbitmq-server")) struct ConnectionTests {
    @Test func wrongCredentialsAreRefused() async throws {
        let broker = try await PrivateRabbitMQ.shared()
        for wrong in [settings(broker, password: "wrong"), settings(broker, user: "nobody"), settings(broker, virtualHost: "missing")] {
            let error = await failure { () throws(AMQPError) in _ = try await AMQPConnection.open(wrong) }
            #expect(error?.kind == .refused, "\(String(describing: error))")
        }
    }

    @Test func noBrokerIsUnavailable() async throws {
        let nothing = AMQPSettings(host: "127.0.0.1", port: 1, user: "guest", password: "guest", connectionName: "test")
        #expect(await failure { () throws(AMQPError) in _ = try await AMQPConnection.open(nothing) }?.kind == .unavailable)
        var nowhere = nothing
        nowhere.host = "nowhere.invalid"
        nowhere.connectTimeout = .seconds(1)
        let error = await failure { () throws(AMQPError) in _ = try await AMQPConnection.open(nowhere) }
        #expect(error?.kind == .unavailable || error?.kind == .timeout)
    }

    @Test func theSettingsDoNotShowThePassword() {
        let secret = AMQPSettings(host: "h", port: 1, user: "u", password: "hidden", connectionName: "n")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!"\(secret)\(String(reflecting: secret))\(dumped)".contains("hidden"))
    }

    @Test func closingDuringTrafficEndsEverythingThatWaits() async throws {
        let broker = try await PrivateRabbitMQ.shared()
        for round in 0..<10 {
            let connection = try await AMQPConnection.open(settings(broker))
            let channel = try await connection.channel()
            try await channel.confirmSelect()
            let queue = try await channel.declareQueue("", exclusive: true).name
            try await channel.consume(queue, noAck: true) { _ in }
            let events = connection.events
            let message = Publication(routingKey: queue, properties: Properties(persistent: true), body: Array(repeating: 7, count: 500))
            let batch = Array(repeating: message, count: 2000)
            async let results = channel.publishConfirmed(batch, timeout: .seconds(20))
            async let declared = failure { () throws(AMQPError) in for _ in 0..<1000 { try await channel.declareQueue("", exclusive: true) } }
            try await Task.sleep(for: .milliseconds(round * 5))
            await connection.close()
            #expect(await results.allSatisfy { $0.error == nil || $0.error?.kind == .closed })
            #expect(await declared?.kind == .closed)
            #expect(await event(events, atMost: .seconds(1)) { $0.isClosed } == .closed(AMQPError(.closed, "this side closed the connection")))
            #expect(await failure { () throws(AMQPError) in _ = try await connection.channel() }?.kind == .closed)
            let returned = Box<AMQPError.Kind>()
            channel.publish(Publication(routingKey: queue, body: [])) { returned.add($0.kind) }
            #expect(returned.all == [.closed])
            await channel.close()
            await connection.close()
        }
    }

    @Test func openingAndClosingLeaksNothing() async throws {
        let broker = try await PrivateRabbitMQ.shared()
        try await AMQPConnection.open(settings(broker)).close()
        let before = openDescriptors()
        for round in 0..<200 {
            let connection = try await AMQPConnection.open(settings(broker))
            let channel = try await connection.channel()
            try await channel.consume("amq.rabbitmq.reply-to", noAck: true) { _ in }
            // Every other one is only dropped.
            if round % 2 == 0 { await connection.close() }
        }
        var after = openDescriptors()
        // The other suites of this process hold connections until they end.
        for _ in 0..<600 where after > before + 60 {
            try await Task.sleep(for: .milliseconds(100))
            after = openDescriptors()
        }
        // Other suites of this process open and close connections meanwhile, of four descriptors each.
        #expect(after <= before + 60, "\(before) before, \(after) after")
    }

    @Test func channelsAreManyAndTheirNumbersComeBack() async throws {
        let connection = try await AMQPConnection.open(settings(try await PrivateRabbitMQ.shared()))
        var channels: [AMQPChannel] = []
        for _ in 0..<2047 { channels.append(try await connection.channel()) }
        #expect(await failure { () throws(AMQPError) in _ = try await connection.channel() }?.kind == .protocol)
        await channels.removeLast().close()
        let again = try await connection.channel()
        #expect(try await again.declareQueue("", exclusive: true).messages == 0)
        await connection.close()
        #expect(again.closed?.kind == .closed)
    }

    @Test(.timeLimit(.minutes(1))) func anIdleConnectionLivesOnHeartbeats() async throws {
        let connection = try await AMQPConnection.open(settings(try await PrivateRabbitMQ.shared(), heartbeat: .seconds(2)))
        try await Task.sleep(for: .seconds(10))
        #expect(connection.closed == nil)
        #expect(try await connection.channel().declareQueue("", exclusive: true).messages == 0)
        await connection.close()
    }

    /// A peer that accepts and says nothing, and peers that talk nonsense.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: ["", "HTTP/1.1 400 Bad Request\r\n\r\n", "AMQP\u{0}\u{0}\u{9}\u{1}", "\u{1}\u{0}\u{0}\u{7f}\u{7f}\u{7f}\u{7f}"])
    func aPeerThatIsNoBroker(greeting: String) async throws {
        let peer = try await FaultProxy(greeting: greeting)
        let begin = ContinuousClock.now
        let settings = AMQPSettings(
            host: "127.0.0.1", port: peer.port, user: "u", password: "p", connectTimeout: .seconds(1), connectionName: "test")
        let error = await failure { () throws(AMQPError) in _ = try await AMQPConnection.open(settings) }
        #expect(error != nil)
        #expect(begin.duration(to: .now) < .seconds(4))
    }
}
