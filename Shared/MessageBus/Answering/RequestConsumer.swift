public import AMQP
internal import CoreMetrics
internal import Contracts
internal import Faults
internal import Foundation
public import Logging
internal import Synchronization

/// Takes requests from the service's queue, hands them to the dispatcher and sends the replies, all on one connection.
public final class RequestConsumer: LinkUser {
    private struct State {
        var channel: AMQPChannel?
        var consumer: String?
        var running = 0
        var draining = false
    }

    /// Requests taken and not yet answered, at most. The rest waits in the queue, where it expires.
    private static let prefetch = 128
    private static let queueBytes: Int64 = 64 << 20
    private static let drainTime = Duration.seconds(20)

    private let dispatcher: Dispatcher
    private let user: String
    private let logger: Logger
    private let state = Mutex(State())

    public init(user: String, dispatcher: Dispatcher, logger: Logger) {
        (self.dispatcher, self.logger, self.user) = (dispatcher, logger, user)
    }

    public var isReady: Bool { state.withLock { $0.consumer != nil && !$0.draining } }

    public func connected(_ connection: AMQPConnection) async throws {
        let queue = "\(dispatcher.registry.service).requests"
        let channel = try await connection.channel()
        // Gone with its last consumer, so that `mandatory` tells an asker at once that nobody is there.
        _ = try await channel.declareQueue(
            queue, durable: true, exclusive: false, autoDelete: true,
            arguments: ["x-max-length-bytes": .int(Self.queueBytes), "x-overflow": .string("reject-publish")])
        state.withLock { $0.channel = channel }
        guard !state.withLock({ $0.draining }) else { return }
        let consumer = try await channel.consume(
            queue, prefetch: Self.prefetch,
            onCancel: { [weak self] _ in
                self?.state.withLock { $0.consumer = nil }
                Task { await connection.close() }  // the queue was deleted under us: start again
            }
        ) { [weak self] in self?.received($0, on: channel) }
        state.withLock { $0.consumer = consumer }
    }

    public func disconnected() { state.withLock { ($0.channel, $0.consumer) = (nil, nil) } }

    /// Takes no new request and waits for those at work, at most 20 s.
    public func drain() async {
        let (channel, consumer) = state.withLock { state in
            state.draining = true
            defer { state.consumer = nil }
            return (state.channel, state.consumer)
        }
        if let channel, let consumer { await channel.cancel(consumer) }
        let end = ContinuousClock.now + (Fault.drainGivesUp.isOn ? .zero : Self.drainTime)
        while state.withLock({ $0.running }) > 0, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(10)) }
    }

    private func received(_ delivery: Delivery, on channel: AMQPChannel) {
        state.withLock { $0.running += 1 }
        Task(executorPreference: dispatcher.tasks) {
            await self.answer(delivery, on: channel)
            self.state.withLock { $0.running -= 1 }
        }
    }

    private func answer(_ delivery: Delivery, on channel: AMQPChannel) async {
        defer { channel.ack(delivery.tag) }
        let properties = delivery.properties
        guard let name = properties.type, let id = properties.messageID, let replyTo = properties.replyTo, let caller = properties.userID,
            case .int(let deadline)? = properties.headers["deadline"]
        else {
            logger.warning("request without name, id, sender, reply address or deadline")
            return
        }
        let traceparent: String? = if case .string(let text)? = properties.headers["traceparent"] { text } else { nil }
        let incoming = IncomingRequest(
            name: name, id: id, caller: caller, deadline: Date(timeIntervalSince1970: Double(deadline) / 1000),
            trace: TraceContext(traceparent: traceparent).child)
        if delivery.redelivered { Counter(label: "chartline_redelivered_total").increment() }
        guard let reply = try? await dispatcher.answer(incoming, sealed: delivery.body) else { return }
        let left = max(.milliseconds(1), Duration.seconds(incoming.deadline.timeIntervalSinceNow))
        channel.publish(
            Publication(
                exchange: "", routingKey: replyTo, mandatory: false,
                properties: Properties(
                    messageID: UUID.v7().uuidString.lowercased(), correlationID: id, userID: user, expiration: left, timestamp: Date()),
                body: reply))
    }
}
