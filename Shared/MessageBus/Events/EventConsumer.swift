public import AMQP
internal import CoreMetrics
internal import Contracts
internal import Faults
internal import Foundation
public import Logging
public import Postgres
internal import Synchronization

/// Hears the events the registry names, each from its own quorum queue. An event's inbox row, its effect and what it emits are one
/// transaction; it is acked when that commit is known.
public final class EventConsumer: LinkUser {
    private static let prefetch = 32
    private static let holdTime = Duration.milliseconds(500)
    private static let quickTries = 4
    /// After so many attempts (about a day) a message that still fails is dead.
    static let attempts = 24

    private let registry: Registry
    private let pool: PostgresPool
    /// Dead letters are published, with confirms, on the connection that publishes.
    private let deadLetters: DeadLetters
    private let committed: @Sendable () -> Void
    private let logger: Logger
    private let consuming = Mutex(false)
    private let running = Mutex(0)
    private let draining = Mutex(false)

    public init(
        _ registry: Registry, pool: PostgresPool, deadLetters: DeadLetters, logger: Logger,
        committed: @escaping @Sendable () -> Void
    ) {
        self.registry = registry
        self.pool = pool
        self.deadLetters = deadLetters
        self.committed = committed
        self.logger = logger
    }

    public var isReady: Bool { registry.heard.isEmpty || consuming.withLock { $0 } }

    /// Takes nothing new and waits for what is at work, at most 20 s; the rest goes back to the queue.
    public func drain() async {
        draining.withLock { $0 = true }
        let end = ContinuousClock.now + .seconds(20)
        while running.withLock({ $0 }) > 0, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(10)) }
    }

    public func connected(_ connection: AMQPConnection) async throws {
        for heard in registry.heard {
            // A message that kills its process costs every message the process holds one of its deliveries. So what has been delivered before is
            // taken one at a time, and more only when the first that is new has come: it stands behind all that were returned.
            let full = Once { try await self.consume(heard, prefetch: Self.prefetch - 1, on: connection) }
            try await consume(heard, prefetch: 1, on: connection) { if !$0.redelivered { await full.run(or: connection) } }
            if Fault.startsCarefree.isOn { await full.run(or: connection) }
        }
        consuming.withLock { $0 = true }
    }

    private func consume(
        _ heard: Registry.Heard, prefetch: Int, on connection: AMQPConnection, _ arrived: @escaping @Sendable (Delivery) async -> Void = { _ in }
    ) async throws {
        let channel = try await connection.channel()  // one consumer a channel: what one does wrong closes no other
        _ = try await channel.consume(
            "\(registry.service).\(heard.handler)", prefetch: prefetch, onCancel: { _ in Task { await connection.close() } }
        ) { [weak self] delivery in
            guard let self, !self.draining.withLock({ $0 }) else { return }  // unacked: it goes back when the connection closes
            self.running.withLock { $0 += 1 }
            Task(executorPreference: self.registry.tasks(self.pool)) {
                await arrived(delivery)
                await self.take(delivery, for: heard, on: channel)
                self.running.withLock { $0 -= 1 }
            }
        }
    }

    /// Opens the wider of a subscriber's two consumers when it is first asked to.
    private final class Once: Sendable {
        private let action: Mutex<(@Sendable () async throws -> Void)?>

        init(_ action: @escaping @Sendable () async throws -> Void) { self.action = Mutex(action) }

        /// A connection on which that fails is of no use.
        func run(or connection: AMQPConnection) async {
            guard let action = action.withLock({ $0.take() }) else { return }
            do { try await action() } catch { await connection.close() }
        }
    }

    public func disconnected() { consuming.withLock { $0 = false } }

    private func take(_ delivery: Delivery, for heard: Registry.Heard, on channel: AMQPChannel) async {
        let properties = delivery.properties
        let traceparent: String? = if case .string(let text)? = properties.headers["traceparent"] { text } else { nil }
        let trace = TraceContext(traceparent: traceparent).child
        if delivery.redelivered { Counter(label: "chartline_redelivered_total").increment() }
        if Fault.ackBeforeCommit.isOn { channel.ack(delivery.tag) }
        guard let id = properties.messageID.flatMap(UUID.init(uuidString:)), let name = properties.type else {
            await dead(delivery, heard, "no-id-or-name", channel)
            return
        }
        guard heard.hears(name) else {
            await dead(delivery, heard, "not-an-event-of-this-queue", channel)
            return
        }
        // Only the owner tells; the broker has checked the name.
        guard let owner = name.split(separator: ".").first, properties.userID == String(owner) else {
            await dead(delivery, heard, "not-from-its-owner", channel)
            return
        }
        await TraceContext.$current.withValue(trace) {
            var tries = 0
            while !Task.isCancelled {
                tries += 1
                switch await self.apply(heard, name, id, delivery.body, retried: false) {
                case .applied:
                    self.ack(delivery, on: channel)
                    self.committed()
                    return
                case .duplicate:
                    Counter(label: "chartline_inbox_duplicates_total").increment()
                    self.ack(delivery, on: channel)
                    return
                case .dead(let reason):
                    await self.dead(delivery, heard, reason, channel)
                    return
                case .conflict where tries < Self.quickTries:
                    try? await Task.sleep(for: .milliseconds(.random(in: 2...20)))
                case .away:
                    // The database is away: hold what we have, unacked. Sending it back would use up its delivery limit in no time.
                    guard !self.draining.withLock({ $0 }) else { return }
                    try? await Task.sleep(for: Self.holdTime * Double.random(in: 0.5...2))
                case .later(let reason), .conflict(let reason):
                    if await self.keep(delivery, heard, name, id, traceparent, reason) {
                        self.ack(delivery, on: channel)
                        return
                    }
                    try? await Task.sleep(for: Self.holdTime)
                }
            }
        }
    }

    private func ack(_ delivery: Delivery, on channel: AMQPChannel) {
        if !Fault.ackBeforeCommit.isOn { channel.ack(delivery.tag) }
    }

    private enum Applied {
        case applied, duplicate, away
        case conflict(String)
        case later(String)
        case dead(String)
    }

    private var asker: SQL { .worker(of: registry.service) }

    /// - Parameter retried: the message is a row of `retry`, which goes in the same transaction.
    private func apply(_ heard: Registry.Heard, _ name: String, _ id: UUID, _ body: [UInt8], retried: Bool) async -> Applied {
        do {
            let act = try heard.read(name, body)
            guard act != nil || retried else { return .applied }
            try await pool.transaction([asker]) { tx in
                let handler = Fault.inboxIgnoresHandler.isOn ? heard.event : heard.handler
                if !Fault.inboxForgets.isOn { tx.queue("INSERT INTO inbox (handler, message) VALUES (\(handler), \(id))") }
                if retried { tx.queue("DELETE FROM retry WHERE handler = \(heard.handler) AND message = \(id)") }
                try await act?(tx)
            }
            return .applied
        } catch let error as DatabaseError where error.constraint == "inbox_pkey" {
            return .duplicate
        } catch let error as DecodingError {
            return .dead("undecodable \(error.place)")
        } catch let error as DeadLetter {
            return .dead(error.reason)
        } catch let error as DatabaseError {
            let reason = Reason(error)
            switch error.kind {
            case .serialization: return .conflict(reason.code)
            case .unavailable, .timeout, .outcomeUnknown: return .away
            default:
                logger.error("subscriber failed", metadata: ["handler": "\(heard.handler)", "reason": "\(reason.code)"])
                return .later(reason.code)
            }
        } catch {
            let reason = Reason(error)
            if !(error is TryLater) { logger.error("subscriber failed", metadata: ["handler": "\(heard.handler)", "reason": "\(reason.code)"]) }
            return .later(reason.code)
        }
    }

    /// Keeps a message that failed for now, so that the broker can forget it. - Returns: false when that failed too.
    private func keep(
        _ delivery: Delivery, _ heard: Registry.Heard, _ name: String, _ id: UUID, _ traceparent: String?, _ reason: String
    ) async -> Bool {
        let next = Date().addingTimeInterval(Backoff.retry(attempt: 1) / .seconds(1))
        do {
            try await pool.run(
                [
                    asker,
                    """
                    INSERT INTO retry (handler, message, name, body, traceparent, attempt, reason, next_at)
                    VALUES (\(heard.handler), \(id), \(name), \(delivery.body), \(traceparent), \(1), \(reason), \(next))
                    ON CONFLICT DO NOTHING
                    """,
                ], deadline: nil)
            return true
        } catch { return false }
    }

    private func dead(_ delivery: Delivery, _ heard: Registry.Heard, _ reason: String, _ channel: AMQPChannel) async {
        logger.error("message is dead", metadata: ["handler": "\(heard.handler)", "reason": "\(reason)"])
        while !Task.isCancelled {
            if await deadLetters.publish(delivery.properties, delivery.body, queue: "\(registry.service).\(heard.handler)", reason: reason) {
                ack(delivery, on: channel)
                return
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    // MARK: Retries

    /// Runs again what failed for a while, until the task is cancelled.
    public func retryDue() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1) * Double.random(in: 0.8...1.2))
            guard !draining.withLock({ $0 }) else { return }
            let due = try? await pool.transaction([asker]) { tx in
                // Taken by pushing them an hour on: another instance sees them as not due, and a crash only delays them.
                try await tx.all(
                    """
                    UPDATE retry SET next_at = now() + interval '1 hour'
                    WHERE (handler, message) IN
                        (SELECT handler, message FROM retry WHERE next_at <= now() ORDER BY next_at LIMIT 20 FOR UPDATE SKIP LOCKED)
                    RETURNING handler, name, message, body, traceparent, attempt
                    """, as: String.self, String.self, UUID.self, [UInt8].self, String?.self, Int.self)
            }
            for (handler, name, message, body, traceparent, attempt) in due ?? [] {
                guard let heard = registry.heard.first(where: { $0.handler == handler }) else { continue }
                await TraceContext.$current.withValue(TraceContext(traceparent: traceparent).child) {
                    await self.again(heard, name, message, body, traceparent, attempt)
                }
            }
        }
    }

    private func again(_ heard: Registry.Heard, _ name: String, _ id: UUID, _ body: [UInt8], _ traceparent: String?, _ attempt: Int) async {
        switch await apply(heard, name, id, body, retried: true) {
        case .applied: committed()
        case .duplicate:
            try? await pool.run([asker, "DELETE FROM retry WHERE handler = \(heard.handler) AND message = \(id)"], deadline: nil)
        case .away, .conflict: break  // due again by itself
        case .later where attempt < Self.attempts:
            let next = Date().addingTimeInterval(Backoff.retry(attempt: attempt + 1) / .seconds(1))
            try? await pool.run(
                [asker, "UPDATE retry SET attempt = \(attempt + 1), next_at = \(next) WHERE handler = \(heard.handler) AND message = \(id)"],
                deadline: nil)
        case .later(let reason), .dead(let reason):
            logger.error("message is dead", metadata: ["handler": "\(heard.handler)", "reason": "\(reason)"])
            let properties = Properties(
                contentType: "application/json", messageID: id.uuidString.lowercased(), type: name, persistent: true,
                headers: traceparent.map { ["traceparent": .string($0)] } ?? [:])
            if await deadLetters.publish(properties, body, queue: "\(registry.service).\(heard.handler)", reason: reason) {
                try? await pool.run([asker, "DELETE FROM retry WHERE handler = \(heard.handler) AND message = \(id)"], deadline: nil)
            }
        }
    }
}
