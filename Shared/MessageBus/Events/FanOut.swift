public import AMQP
public import Contracts
internal import Foundation
public import Logging
internal import Synchronization

/// Tells every instance of a process of events that each must know at once and none has to keep: that a session ended, that a thread changed.
///
/// The queue is this process's own and goes with its connection. What is told while there is none is missed; so on each connection, once events
/// arrive again, `missed` asks their owner, or forgets what may have changed.
public final class FanOut: LinkUser {
    private struct Heard: Sendable {
        let act: @Sendable ([UInt8]) async throws -> Void
        let missed: @Sendable () async -> Void
    }

    /// Events waiting in this process, at most; a process so far behind starts afresh.
    private static let waitingAtMost = 10_000

    private let process: String
    private let logger: Logger
    private let heard = Mutex<[String: Heard]>([:])
    private let listening = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter process: the AMQP user, whose queues are `<process>.fanout.…`.
    public init(process: String, logger: Logger) { (self.process, self.logger) = (process, logger) }

    public var hearsAnything: Bool { heard.withLock { !$0.isEmpty } }

    /// Call before the process runs. - Parameters:
    ///   - act: runs for each event, one at a time, in the order of arrival. It may run more than once for the same event.
    ///   - missed: runs on each new connection.
    public func hear<E: Event>(
        _ event: E.Type, missed: @escaping @Sendable () async -> Void, do act: @escaping @Sendable (E) async -> Void
    ) {
        heard.withLock { heard in
            precondition(heard[E.name] == nil, "\(E.name) is heard twice")
            heard[E.name] = Heard(act: { await act(try Wire.decode(E.self, from: $0)) }, missed: missed)
        }
    }

    public func connected(_ connection: AMQPConnection) async throws {
        let heard = heard.withLock { $0 }
        let channel = try await connection.channel()
        let queue = "\(process).fanout.\(UUID.v7().uuidString.lowercased())"
        try await channel.declareQueue(queue, exclusive: true, autoDelete: true, arguments: ["x-max-length": .int(Int64(Self.waitingAtMost))])
        for name in heard.keys.sorted() { try await channel.bind(queue, to: "events", routingKey: name) }
        let (deliveries, feed) = AsyncStream.makeStream(of: Delivery.self, bufferingPolicy: .bufferingOldest(Self.waitingAtMost))
        _ = try await channel.consume(
            queue, noAck: true,
            onCancel: { _ in
                feed.finish()
                Task { await connection.close() }
            }
        ) { delivery in
            // Too far behind to catch up: a new connection begins with `missed`.
            if case .dropped = feed.yield(delivery) { Task { await connection.close() } }
        }
        let task = Task { [logger] in
            for missed in heard.values.map(\.missed) { await missed() }
            for await delivery in deliveries where !Task.isCancelled { await Self.take(delivery, heard, logger) }
            _ = channel  // a channel closes with its last reference
        }
        listening.withLock { $0 = task }
    }

    public func disconnected() { listening.withLock { $0.take() }?.cancel() }

    private static func take(_ delivery: Delivery, _ heard: [String: Heard], _ logger: Logger) async {
        guard let name = delivery.properties.type, let event = heard[name] else { return }
        // Only the owner tells; the broker has checked the name.
        guard let owner = name.split(separator: ".").first, delivery.properties.userID == String(owner) else {
            logger.error("event not from its owner", metadata: ["event": "\(name)"])
            return
        }
        let traceparent: String? = if case .string(let text)? = delivery.properties.headers["traceparent"] { text } else { nil }
        await TraceContext.$current.withValue(TraceContext(traceparent: traceparent).child) {
            do { try await event.act(delivery.body) } catch {
                logger.error("event cannot be read", metadata: ["event": "\(name)", "reason": "\(Reason(error).code)"])
            }
        }
    }
}
