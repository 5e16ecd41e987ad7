import AMQP
import Faults
import Foundation
import Synchronization
import TestSupport
import Testing

/// What librabbitmq is told through a network that breaks. Where one test is about a guard, it is run again without it and must find something.
///
/// librabbitmq's pitfalls, and where each is tested:
/// * a send has no timeout: `FailureTests.aHungBrokerIsNoticed`, `closingDoesNotWaitForAHungBroker`, `aSilentBrokerIsNoticed` (I15)
/// * `connection.blocked` and consumer cancellation come only to who announces them: `FailureTests.anAlarmBlocksPublishingOnly`,
///   `ChannelTests.aDeletedQueueCancelsItsConsumer`
/// * heartbeats are sent only while the library waits: `ConnectionTests.anIdleConnectionLivesOnHeartbeats`
/// * other frames come between those that are waited for: `ChannelTests.requestsOfManyTasksOnOneChannel`, `aBatchIsConfirmedMessageByMessage`
/// * a message's header and body are waited for without a timeout: `aDeliveryThatStopsHalfWayIsNoticed`
/// * data sits in the library's buffers while the descriptor is quiet: `whatComesInPiecesIsRead`, `FailureTests.aBrokerThatPausesGetsEverything`
/// * no tracker of confirms, and tags start at 1 on every channel: `ConfirmsTests`, `confirmsOfALostConnectionSettleNothingOfTheNext`
/// * an unroutable message is confirmed: `ChannelTests.aMandatoryMessageNoQueueTakesComesBack`, `whatIsReturnedIsNotTaken`
/// * names and versions of TLS: `TLSTests`
/// * memory grows until it is given back, and what was decoded dies with it: `memoryIsGivenBack`
/// * frames out of bounds (CVE-2026-44235, -44236): `FailureTests.damagedFramesEndTheConnectionAtWorst`
/// * a lost connection does not come back: `FailureTests.aKilledBrokerIsNoticedAtOnceAndANewConnectionWorks`,
///   `AnswerTests.brokerAndDatabaseMayComeLate`
/// * bodies larger than a frame: `ChannelTests.bodiesOfEverySize`; lifetimes: `ConnectionTests.openingAndClosingLeaksNothing`
@Suite(.serialized, .enabled(if: PrivateRabbitMQ.isInstalled, "apt-get install rabbitmq-server")) struct FaultyWireTests {
    private func withProxy<R: Sendable>(_ body: (FaultProxy, AMQPSettings) async throws -> R) async throws -> R {
        let broker = try await PrivateRabbitMQ.shared()
        let proxy = try await FaultProxy(to: broker.port, speaking: .amqp)
        var settings = settings(broker, heartbeat: .seconds(2))
        settings.port = proxy.port
        return try await body(proxy, settings)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [1, 7, 100]) func whatComesInPiecesIsRead(bytes: Int) async throws {
        try await withProxy { proxy, settings in
            try await proxy.slice(bytes)
            let connection = try await AMQPConnection.open(settings)
            let channel = try await connection.channel()
            try await channel.confirmSelect()
            let queue = try await channel.declareQueue("", exclusive: true).name
            let got = Box<[UInt8]>()
            try await channel.consume(queue, noAck: true) { got.add($0.body) }
            let bodies = (0..<40).map { [UInt8](repeating: UInt8($0), count: $0 * 20) }
            let results = await channel.publishConfirmed(
                bodies.map { Publication(routingKey: queue, properties: Properties(headers: ["a": .array([1, "two"])]), body: $0) },
                timeout: .seconds(30))
            #expect(results.allSatisfy { $0.error == nil })
            #expect(await got.wait(for: 40, atMost: .seconds(30)) == bodies)
            await connection.close()
        }
    }

    /// Two heartbeats, here 4 s; without heartbeats it is believed.
    @Test(.timeLimit(.minutes(1))) func aSilentBrokerIsNoticed() async throws {
        try await withProxy { proxy, settings async throws in
            func noticed(within limit: Duration) async throws -> Bool {
                let connection = try await AMQPConnection.open(settings)
                let events = connection.events
                try await proxy.freeze()
                let closed = await event(events, atMost: limit) { $0.isClosed } != nil
                try await proxy.cut()
                try await proxy.thaw()
                await connection.close()
                return closed
            }
            #expect(try await noticed(within: .seconds(8)))
            #expect(try await Fault.brokerSilenceBelieved.injected { try await !noticed(within: .seconds(6)) })
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["header", "body"]) func aDeliveryThatStopsHalfWayIsNoticed(part: String) async throws {
        try await withProxy { proxy, settings in
            let connection = try await AMQPConnection.open(settings)
            let channel = try await connection.channel()
            let queue = try await channel.declareQueue("", exclusive: true).name
            let got = Box<Int>()
            try await channel.consume(queue, noAck: true) { got.add($0.body.count) }
            let events = connection.events
            try await proxy.when(part, toward: .client, .freeze)
            channel.publish(Publication(routingKey: queue, body: [1, 2, 3]))
            #expect(await event(events, atMost: .seconds(12)) { $0.isClosed } != nil)
            #expect(got.all == [])
            #expect(connection.closed != nil)
            try await proxy.clear()
        }
    }

    @Test(.timeLimit(.minutes(1))) func confirmsOfALostConnectionSettleNothingOfTheNext() async throws {
        try await withProxy { proxy, settings in
            let queue = uniqueName()
            try await proxy.when("basic.ack", toward: .client, .cut)
            let lost = try await AMQPConnection.open(settings)
            let channel = try await lost.channel()
            try await channel.declareQueue(queue, durable: true)
            try await channel.confirmSelect()
            let message = Publication(routingKey: queue, properties: Properties(persistent: true), body: [1])
            #expect(await failure { () throws(AMQPError) in try await channel.publishConfirmed(message) }?.kind == .closed)
            // Its tag 1 was confirmed, to nobody. The next connection's tag 1 is another message, and nobody confirms that.
            try await proxy.clear()
            try await proxy.when("basic.ack", toward: .client, .swallow, times: 0)
            let next = try await AMQPConnection.open(settings)
            let again = try await next.channel()
            try await again.confirmSelect()
            let error = await failure { () throws(AMQPError) in try await again.publishConfirmed(message, timeout: .milliseconds(500)) }
            #expect(error?.kind == .timeout)
            try await proxy.clear()
            #expect(try await again.deleteQueue(queue) == 2)
            await next.close()
        }
    }

    @Test func whatIsReturnedIsNotTaken() async throws {
        try await withProxy { _, settings in
            let connection = try await AMQPConnection.open(settings)
            let channel = try await connection.channel()
            try await channel.confirmSelect()
            let message = Publication(routingKey: uniqueName(), mandatory: true, body: [1])
            #expect(await failure { () throws(AMQPError) in try await channel.publishConfirmed(message) }?.kind == .notRouted)
            let unguarded = await Fault.returnsIgnored.injected {
                await failure { () throws(AMQPError) in try await channel.publishConfirmed(message) }
            }
            #expect(unguarded == nil)
            await connection.close()
        }
    }

    /// What the broker refuses, loses on the way or confirms for many at once, each message hears of its own.
    @Test(.timeLimit(.minutes(1))) func refusalsAndConfirmsForManyReachTheirOwn() async throws {
        try await withProxy { proxy, settings in
            let connection = try await AMQPConnection.open(settings)
            let channel = try await connection.channel()
            let queue = try await channel.declareQueue("", exclusive: true).name
            try await channel.confirmSelect()
            let message = Publication(routingKey: queue, body: [1])
            // One at a time, so that every confirm is of one tag.
            try await proxy.when("basic.ack", toward: .client, .nack, skip: 1)
            try await proxy.when("basic.ack", toward: .client, .multiple, skip: 1)
            let kinds = [
                await failure { () throws(AMQPError) in try await channel.publishConfirmed(message) }?.kind,
                await failure { () throws(AMQPError) in try await channel.publishConfirmed(message) }?.kind,
                await failure { () throws(AMQPError) in try await channel.publishConfirmed(message) }?.kind,
                await failure { () throws(AMQPError) in try await channel.publishConfirmed(message) }?.kind,
            ]
            #expect(kinds == [nil, .nacked, nil, nil])
            // A lost confirm is made up for by a later one for all.
            try await proxy.clear()
            try await proxy.when("basic.ack", toward: .client, .swallow)
            try await proxy.when("basic.ack", toward: .client, .multiple)
            async let first = channel.publishConfirmed([message], timeout: .seconds(20))
            while try await proxy.status().fired == 0 { try await Task.sleep(for: .milliseconds(10)) }
            try await channel.publishConfirmed(message)
            #expect(await first.allSatisfy { $0.error == nil })
            await connection.close()
        }
    }

    @Test(.timeLimit(.minutes(1))) func memoryIsGivenBack() async throws {
        let connection = try await AMQPConnection.open(settings(try await PrivateRabbitMQ.shared()))
        let channel = try await connection.channel()
        let queue = try await channel.declareQueue("", exclusive: true).name
        let got = Mutex(0)
        try await channel.consume(queue, noAck: true) { delivery in got.withLock { $0 += delivery.body.count } }
        let message = Publication(routingKey: queue, body: [UInt8](repeating: 1, count: 20_000))
        try await channel.confirmSelect()
        var highest = 0
        var first = 0
        for round in 0..<30 {
            _ = await channel.publishConfirmed(Array(repeating: message, count: 200))
            let end = ContinuousClock.now + .seconds(20)
            while got.withLock({ $0 }) < (round + 1) * 200 * 20_000, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
            if round == 4 { first = residentBytes() }
            highest = max(highest, residentBytes())
        }
        // A hundred million bytes came after the fifth round.
        #expect(got.withLock { $0 } == 30 * 200 * 20_000)
        #expect(highest - first < 40 << 20)
        await connection.close()
    }
}

private func residentBytes() -> Int {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return (pages ?? 0) * Int(getpagesize())
}
