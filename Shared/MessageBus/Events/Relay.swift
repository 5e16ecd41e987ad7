public import AMQP
internal import CoreMetrics
internal import Faults
internal import Foundation
public import Logging
public import Postgres
internal import Synchronization

/// Publishes committed events, in order, and moves those the broker has confirmed to `sent`. One relay a schema works at a time, however many
/// instances run: the others wait for its advisory lock.
public final class Relay: LinkUser {
    private static let batch = 200
    private static let confirmTime = Duration.seconds(5)
    private static let poll = Duration.seconds(1)
    /// Between two looks: what is committed meanwhile goes out together, in one transaction and one wait for confirms.
    private static let gather = Duration.milliseconds(25)

    private let service: String
    private let pool: PostgresPool
    private let user: String
    private let logger: Logger
    private let channel = Mutex<AMQPChannel?>(nil)
    private let connection = Mutex<AMQPConnection?>(nil)
    private let (pokes, poker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    public init(user: String, service: String, pool: PostgresPool, logger: Logger) {
        (self.service, self.pool, self.logger, self.user) = (service, pool, logger, user)
    }

    public func connected(_ connection: AMQPConnection) async throws {
        let channel = try await connection.channel()
        try await channel.confirmSelect()
        self.channel.withLock { $0 = channel }
        self.connection.withLock { $0 = connection }
        poke()
    }

    public func disconnected() {
        channel.withLock { $0 = nil }
        connection.withLock { $0 = nil }
    }

    public func unblocked() { poke() }

    /// Something may have been committed: look now, not at the next poll.
    public func poke() { poker.yield() }

    public func run() async {
        await withTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: Self.poll)
                    self.poke()
                }
            }
            group.addTask(executorPreference: self.pool.tasks) {
                for await _ in self.pokes {
                    while await self.publishSome() {}
                    try? await Task.sleep(for: Self.gather)
                }
            }
            await group.waitForAll()
        }
    }

    private struct Row: Sendable {
        let id: UUID
        let name: String
        let body: [UInt8]
        let traceparent: String?
    }

    /// - Returns: true when there may be more to do at once.
    private func publishSome() async -> Bool {
        guard let channel = channel.withLock({ $0 }), connection.withLock({ $0?.isBlocked }) == false, !Task.isCancelled else {
            await measure()
            return false
        }
        do {
            return try await pool.asWorker(of: service) { tx in
                let mine = tx.later("SELECT pg_try_advisory_xact_lock(hashtextextended(\("relay/" + self.service), 0))")
                let found = try await tx.all(
                    """
                    SELECT id, name, body, traceparent FROM outbox
                    WHERE held_until IS NULL OR held_until < now() ORDER BY seq LIMIT \(Self.batch)
                    """,
                    as: UUID.self, String.self, [UInt8].self, String?.self)
                // Looked at without the lock, the rows are another relay's.
                guard try mine.first(as: Bool.self) == true else { return false }
                let rows = found.map { Row(id: $0, name: $1, body: $2, traceparent: $3) }
                guard !rows.isEmpty else {
                    let age = try await tx.first(
                        "SELECT extract(epoch FROM now() - min(emitted_at))::float8 FROM outbox", as: Double?.self)
                    self.record(age: (age ?? 0) ?? 0)
                    return false
                }
                let (confirmed, returned) = await self.publish(rows, on: channel)
                if !returned.isEmpty { tx.queue("UPDATE outbox SET held_until = now() + interval '10 s' WHERE id = ANY(\(returned))") }
                if !confirmed.isEmpty {
                    tx.queue(
                        """
                        WITH done AS (DELETE FROM outbox WHERE id = ANY(\(confirmed)) RETURNING id, name, body, traceparent, emitted_at)
                        INSERT INTO sent (id, name, body, traceparent, emitted_at) SELECT id, name, body, traceparent, emitted_at FROM done
                        """)
                }
                guard confirmed.count + returned.count == rows.count else {
                    try? await Task.sleep(for: .milliseconds(200))
                    return false  // what failed stays, and is tried at the next poll
                }
                return rows.count == Self.batch
            }
        } catch {
            let reason = Reason(error)
            if !reason.isAway { logger.error("relay failed", metadata: ["reason": "\(reason.code)"]) }
            return false
        }
    }

    private func publish(_ rows: [Row], on channel: AMQPChannel) async -> (confirmed: [UUID], returned: [UUID]) {
        let started = ContinuousClock.now
        let publications = rows.map { row in
            Publication(
                exchange: "events", routingKey: row.name, mandatory: true,
                properties: Properties(
                    contentType: "application/json", messageID: row.id.uuidString.lowercased(), type: row.name, userID: user, timestamp: Date(),
                    persistent: true, headers: row.traceparent.map { ["traceparent": .string($0)] } ?? [:]),
                body: row.body)
        }
        guard !Fault.relayTrustsSending.isOn else {
            for publication in publications { channel.publish(publication) }
            return (rows.map(\.id), [])
        }
        let results = await channel.publishConfirmed(publications, timeout: Self.confirmTime)
        Timer(label: "chartline_confirm_seconds").recordNanoseconds(Int64((ContinuousClock.now - started) / .nanoseconds(1)))
        var confirmed: [UUID] = []
        var returned: [UUID] = []
        for (row, result) in zip(rows, results) {
            switch result {
            case .success: confirmed.append(row.id)
            case .failure(let error) where error.kind == .notRouted:
                // A binding is lost: what nobody hears on purpose is bound to a queue that says so. It stays pending and shows.
                returned.append(row.id)
                Counter(label: "chartline_returned_total", dimensions: [("event", row.name)]).increment()
                logger.warning("event has no subscriber", metadata: ["event": "\(row.name)"])
            case .failure(let error):
                logger.warning("event not confirmed", metadata: ["event": "\(row.name)", "reason": "\(error.kind)"])
            }
        }
        return (confirmed, returned)
    }

    /// Says how old the oldest pending event is while none can be published.
    private func measure() async {
        let age = try? await pool.asWorker(of: service) { tx in
            try await tx.first("SELECT extract(epoch FROM now() - min(emitted_at))::float8 FROM outbox", as: Double?.self)
        }
        if let age { record(age: age ?? 0) }
    }

    private func record(age: Double) { Gauge(label: "chartline_outbox_oldest_age_seconds").record(age) }
}
