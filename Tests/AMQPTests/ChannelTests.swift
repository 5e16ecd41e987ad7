import AMQP
import Foundation
import Synchronization
import TestSupport
import Testing

/// Queues, messages, confirms and returns against a real broker.
@Suite(.enabled(if: PrivateRabbitMQ.isInstalled, "apt-get install rabbitmq-server")) struct ChannelTests {
    private func open() async throws -> (AMQPConnection, AMQPChannel) {
        let connection = try await AMQPConnection.open(settings(try await PrivateRabbitMQ.shared()))
        return (connection, try await connection.channel())
    }

    @Test(.timeLimit(.minutes(1))) func requestsAndRepliesOverDirectReplyTo() async throws {
        let (serverConnection, server) = try await open()
        let (clientConnection, client) = try await open()
        let queue = uniqueName()
        try await server.declareQueue(queue, exclusive: true, autoDelete: true)
        try await server.consume(queue, prefetch: 64) { request in
            let properties = Properties(correlationID: request.properties.correlationID)
            server.publish(Publication(routingKey: request.properties.replyTo ?? "", properties: properties, body: request.body.reversed()))
            server.ack(request.tag)
        }
        let calls = Calls()
        try await client.consume("amq.rabbitmq.reply-to", noAck: true) { reply in
            calls.answer(reply.properties.correlationID ?? "", reply.body)
        }
        let begin = ContinuousClock.now
        let right = await withTaskGroup(of: Int.self) { group in
            for lane in 0..<32 {
                group.addTask {
                    var right = 0
                    for round in 0..<100 {
                        let id = "\(lane)-\(round)"
                        let reply = await withCheckedContinuation { continuation in
                            calls.add(id, continuation)
                            let properties = Properties(messageID: id, correlationID: id, replyTo: "amq.rabbitmq.reply-to")
                            client.publish(Publication(routingKey: queue, mandatory: true, properties: properties, body: Array(id.utf8))) { _ in
                                calls.answer(id, [])
                            }
                        }
                        if reply == Array(id.utf8.reversed()) { right += 1 }
                    }
                    return right
                }
            }
            return await group.reduce(0, +)
        }
        print("3200 calls, 32 at a time: \(begin.duration(to: .now))")
        #expect(right == 3200)
        await serverConnection.close()
        await clientConnection.close()
    }

    @Test func aMessageComesAsItWasSent() async throws {
        let (connection, channel) = try await open()
        let queue = try await channel.declareQueue("", exclusive: true).name
        let headers: [String: AMQPValue] = [
            "text": "Grüße", "number": .int(.min), "flag": true, "bytes": .bytes([0, 255]), "ratio": .double(0.1), "nothing": .null,
            "date": .date(Date(timeIntervalSince1970: 1_790_000_000)), "list": .array([1, "two", .array([]), .table([:])]),
            "table": .table(["deep": .table(["deeper": false])]), "empty": "",
        ]
        let properties = Properties(
            contentType: "application/json", messageID: "m", correlationID: "c", replyTo: "r", type: "t", userID: "guest", appID: "a",
            expiration: .milliseconds(60_500), timestamp: Date(timeIntervalSince1970: 1_790_000_001), persistent: true, headers: headers)
        let got = Box<Delivery>()
        try await channel.consume(queue, noAck: true) { got.add($0) }
        let message = Publication(routingKey: queue, properties: properties, body: Array("body".utf8))
        channel.publish(message)
        let delivery = try #require(await got.wait(for: 1).first)
        #expect(delivery.properties == properties)
        #expect(delivery.body == message.body)
        #expect(delivery.routingKey == queue && delivery.exchange == "" && !delivery.redelivered)
        await connection.close()
    }

    /// Empty, one byte, around the size of a frame, several frames, and the largest.
    @Test func bodiesOfEverySize() async throws {
        let (connection, channel) = try await open()
        try await channel.confirmSelect()
        let queue = try await channel.declareQueue("", exclusive: true).name
        let got = Box<[UInt8]>()
        try await channel.consume(queue, noAck: true) { got.add($0.body) }
        let frame = 131_072 - 8
        let sizes = [0, 1, frame - 1, frame, frame + 1, 3 * frame, 1_000_000, Publication.maximumBody]
        let bodies = sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) } }
        for body in bodies { try await channel.publishConfirmed(Publication(routingKey: queue, body: body)) }
        #expect(await got.wait(for: bodies.count) == bodies)
        let tooLong = Publication(routingKey: queue, body: Array(repeating: 0, count: Publication.maximumBody + 1))
        #expect(await failure { () throws(AMQPError) in try await channel.publishConfirmed(tooLong) }?.kind == .protocol)
        try await channel.publishConfirmed(Publication(routingKey: queue, body: []))
        await connection.close()
    }

    @Test func whatDoesNotFitAMQPIsRefusedBeforeItIsSent() async throws {
        let (connection, channel) = try await open()
        try await channel.confirmSelect()
        let queue = try await channel.declareQueue("", exclusive: true).name
        var deep = AMQPValue.null
        for _ in 0..<20 { deep = .array([deep]) }
        let long = String(repeating: "x", count: 256)
        let bad = [
            Publication(routingKey: long, body: []), Publication(routingKey: queue, properties: Properties(messageID: long), body: []),
            Publication(routingKey: queue, properties: Properties(headers: ["deep": deep]), body: []),
            Publication(routingKey: queue, properties: Properties(headers: [long: 1]), body: []),
            Publication(routingKey: queue, properties: Properties(headers: ["much": .bytes(Array(repeating: 1, count: 131_072))]), body: []),
        ]
        for result in await channel.publishConfirmed(bad, timeout: .seconds(5)) { #expect(result.error?.kind == .protocol) }
        #expect(await failure { () throws(AMQPError) in _ = try await channel.declareQueue(long) }?.kind == .protocol)
        #expect(await failure { () throws(AMQPError) in _ = try await channel.consume(queue, prefetch: 70_000) { _ in } }?.kind == .protocol)
        let large = Properties(headers: ["much": .bytes(Array(repeating: 1, count: 100_000))])
        try await channel.publishConfirmed(Publication(routingKey: queue, properties: large, body: []))
        await connection.close()
    }

    @Test func aBatchIsConfirmedMessageByMessage() async throws {
        let (connection, channel) = try await open()
        let queue = uniqueName()
        try await channel.declareQueue(queue, durable: true)
        let early = await failure { () throws(AMQPError) in try await channel.publishConfirmed(Publication(routingKey: queue, body: [])) }
        #expect(early?.kind == .protocol)
        try await channel.confirmSelect()
        let begin = ContinuousClock.now
        let batch = (0..<5000).map { number in
            let isLost = number % 100 == 0
            return Publication(
                routingKey: isLost ? "nowhere" : queue, mandatory: isLost || number % 2 == 0,
                properties: Properties(messageID: number % 3 == 0 ? nil : "\(number)", persistent: true), body: Array("\(number)".utf8))
        }
        let results = await channel.publishConfirmed(batch, timeout: .seconds(30))
        print("5000 confirmed: \(begin.duration(to: .now))")
        for (number, result) in results.enumerated() { #expect(result.error?.kind == (number % 100 == 0 ? .notRouted : nil)) }
        #expect(results[0].error?.replyCode == 312)
        #expect(try await channel.declareQueue(queue, passive: true).messages == 4950)
        #expect(try await channel.purge(queue) == 4950)
        #expect(try await channel.deleteQueue(queue) == 0)
        #expect(await channel.publishConfirmed([], timeout: .seconds(1)).isEmpty)
        await connection.close()
    }

    @Test func aFullQueueNacks() async throws {
        let (connection, channel) = try await open()
        try await channel.confirmSelect()
        let arguments: [String: AMQPValue] = ["x-max-length": 3, "x-overflow": "reject-publish"]
        let queue = try await channel.declareQueue("", exclusive: true, arguments: arguments).name
        let results = await channel.publishConfirmed((0..<10).map { Publication(routingKey: queue, body: [$0]) })
        let kinds = results.map(\.error?.kind)
        #expect(kinds == Array(repeating: nil, count: 3) + Array(repeating: .nacked, count: 7))
        await connection.close()
    }

    @Test func aQuorumQueueConfirms() async throws {
        let (connection, channel) = try await open()
        try await channel.confirmSelect()
        let queue = uniqueName("quorum")
        try await channel.declareQueue(queue, durable: true, arguments: ["x-queue-type": "quorum"])
        let message = Publication(routingKey: queue, mandatory: true, properties: Properties(persistent: true), body: [1, 2, 3])
        let batch = Array(repeating: message, count: 1000)
        #expect(await channel.publishConfirmed(batch, timeout: .seconds(30)).allSatisfy { $0.error == nil })
        try await channel.deleteQueue(queue)
        await connection.close()
    }

    @Test func aMandatoryMessageNoQueueTakesComesBack() async throws {
        let (connection, channel) = try await open()
        let queue = try await channel.declareQueue("", exclusive: true).name
        let returned = Box<(Int, AMQPError.Kind)>()
        for number in 0..<10 {
            let properties = Properties(messageID: number < 5 ? "message-\(number)" : nil)
            let key = number % 2 == 0 ? "nowhere" : queue
            channel.publish(Publication(routingKey: key, mandatory: true, properties: properties, body: [])) { returned.add((number, $0.kind)) }
        }
        _ = try await channel.declareQueue(queue, passive: true)
        let all = await returned.wait(for: 5)
        #expect(all.map(\.0) == [0, 2, 4, 6, 8])
        #expect(all.allSatisfy { $0.1 == .notRouted })
        await connection.close()
    }

    @Test func exchangesAndBindings() async throws {
        let (connection, channel) = try await open()
        let exchange = uniqueName("exchange")
        try await channel.declareExchange(exchange, type: "topic", durable: false, autoDelete: true)
        let queue = try await channel.declareQueue("", exclusive: true).name
        try await channel.confirmSelect()
        try await channel.bind(queue, to: exchange, routingKey: "records.*.v1")
        try await channel.publishConfirmed(Publication(exchange: exchange, routingKey: "records.x.v1", mandatory: true, body: []))
        try await channel.bind(queue, to: exchange, routingKey: "other")
        try await channel.unbind(queue, from: exchange, routingKey: "records.*.v1")
        let lost = Publication(exchange: exchange, routingKey: "records.x.v1", mandatory: true, body: [])
        #expect(await failure { () throws(AMQPError) in try await channel.publishConfirmed(lost) }?.kind == .notRouted)
        await connection.close()
    }

    @Test func unacknowledgedMessagesComeAgainAndPrefetchHoldsBack() async throws {
        let (connection, channel) = try await open()
        let queue = try await channel.declareQueue("", exclusive: true).name
        for number in 0..<10 { channel.publish(Publication(routingKey: queue, body: [UInt8(number)])) }
        let first = Box<Delivery>()
        let tag = try await channel.consume(queue, prefetch: 3) { first.add($0) }
        #expect(await first.wait(for: 4, atMost: .milliseconds(300)).map(\.body) == [[0], [1], [2]])
        await channel.cancel(tag)
        channel.nack(first.all[0].tag, requeue: false)
        channel.nack(first.all[1].tag, requeue: true)
        channel.ack(first.all[2].tag)
        let second = Box<Delivery>()
        try await channel.consume(queue) { second.add($0) }
        let rest = await second.wait(for: 8)
        #expect(rest.map(\.body).sorted { $0[0] < $1[0] } == [1, 3, 4, 5, 6, 7, 8, 9].map { [$0] })
        #expect(rest.filter(\.redelivered).map(\.body) == [[1]])
        channel.ack(try #require(rest.last).tag, multiple: true)
        await channel.close()
        let again = try await connection.channel()
        #expect(try await again.declareQueue(queue, passive: true).messages == 0)
        await connection.close()
    }

    /// What the broker sends until it has read the cancel is the consumer's: dropped, it would be neither handled nor in the queue.
    @Test func deliveriesOnTheirWayAtTheCancelAreHandled() async throws {
        let (connection, channel) = try await open()
        let queue = try await channel.declareQueue("", exclusive: true).name
        let count = 5_000
        for _ in 0..<count { channel.publish(Publication(routingKey: queue, body: [])) }
        let handled = Box<UInt64>()
        let tag = try await channel.consume(queue) { handled.add($0.tag) }
        _ = await handled.wait(for: 1)
        await channel.cancel(tag)
        let taken = handled.all.count
        #expect(taken < count)
        #expect(try await channel.declareQueue(queue, passive: true).messages == count - taken)
        await connection.close()
    }

    @Test func aDeletedQueueCancelsItsConsumer() async throws {
        let (connection, channel) = try await open()
        let queue = uniqueName()
        try await channel.declareQueue(queue)
        let cancelled = Box<AMQPError?>()
        try await channel.consume(queue, onCancel: { cancelled.add($0) }) { _ in }
        try await connection.channel().deleteQueue(queue)
        #expect(await cancelled.wait(for: 1) == [nil])
        #expect(channel.closed == nil)
        await connection.close()
        #expect(cancelled.all.count == 1)
    }

    @Test func anErrorClosesTheChannelAndNotTheConnection() async throws {
        let (connection, channel) = try await open()
        let queue = uniqueName()
        try await channel.declareQueue(queue, autoDelete: true)
        let ended = Box<AMQPError?>()
        try await channel.consume(queue, onCancel: { ended.add($0) }) { _ in }
        let missing = await failure { () throws(AMQPError) in _ = try await channel.declareQueue("missing", passive: true) }
        #expect(missing?.kind == .notFound && missing?.replyCode == 404)
        #expect(channel.closed?.kind == .notFound)
        #expect(await ended.wait(for: 1).map { $0?.kind } == [.notFound])
        let after = await failure { () throws(AMQPError) in try await channel.confirmSelect() }
        #expect(after?.kind == .notFound)
        let none = try await connection.channel()
        let unstarted = await failure { () throws(AMQPError) in try await none.consume("missing", onCancel: { ended.add($0) }) { _ in } }
        #expect(unstarted?.kind == .notFound && ended.all.count == 1)
        let second = try await connection.channel()
        let reserved = await failure { () throws(AMQPError) in _ = try await second.declareQueue("amq.reserved") }
        #expect(reserved?.kind == .refused && reserved?.replyCode == 403)
        let third = try await connection.channel()
        try await third.declareQueue(queue, autoDelete: true)
        let differs = await failure { () throws(AMQPError) in _ = try await third.declareQueue(queue, durable: true) }
        #expect(differs?.kind == .preconditionFailed && differs?.replyCode == 406)
        let fourth = try await connection.channel()
        try await fourth.confirmSelect()
        let lost = Publication(exchange: "missing", routingKey: "", body: [])
        #expect(await failure { () throws(AMQPError) in try await fourth.publishConfirmed(lost) }?.kind == .notFound)
        let fifth = try await connection.channel()
        fifth.ack(99)
        let overlapping = await withTaskGroup(of: AMQPError?.self) { group in
            for _ in 0..<5 { group.addTask { await failure { () throws(AMQPError) in _ = try await fifth.declareQueue("", exclusive: true) } } }
            return await group.reduce(into: []) { $0.append($1?.kind) }
        }
        #expect(overlapping == Array(repeating: .preconditionFailed, count: 5))
        #expect(try await connection.channel().declareQueue("", exclusive: true).messages == 0)
        #expect(connection.closed == nil)
        await connection.close()
    }

    @Test func requestsOfManyTasksOnOneChannel() async throws {
        let (connection, channel) = try await open()
        let names = await withTaskGroup(of: String?.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let name = try? await channel.declareQueue("", exclusive: true).name
                    guard let name, let tag = try? await channel.consume(name, prefetch: number, { _ in }) else { return nil }
                    await channel.cancel(tag)
                    return name
                }
            }
            return await group.reduce(into: Set<String>()) { if let name = $1 { $0.insert(name) } }
        }
        #expect(names.count == 50)
        await connection.close()
    }
}

/// Calls that wait for their replies.
private final class Calls: Sendable {
    private let waiting = Mutex<[String: CheckedContinuation<[UInt8], Never>]>([:])

    func add(_ id: String, _ caller: CheckedContinuation<[UInt8], Never>) { waiting.withLock { $0[id] = caller } }
    func answer(_ id: String, _ body: [UInt8]) { waiting.withLock { $0.removeValue(forKey: id) }?.resume(returning: body) }
}
