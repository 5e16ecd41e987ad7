import AMQP
import Foundation
import Synchronization
import TestSupport
import Testing

/// Settings for a test's broker.
func settings(
    _ broker: Broker, user: String? = nil, password: String? = nil, virtualHost: String = "/", heartbeat: Duration = .seconds(10),
    requestTimeout: Duration = .seconds(10)
) -> AMQPSettings {
    AMQPSettings(
        host: broker.host, port: broker.port, user: user ?? broker.user, password: password ?? broker.password, virtualHost: virtualHost,
        heartbeat: heartbeat, requestTimeout: requestTimeout, connectionName: "test")
}

func uniqueName(_ prefix: String = "queue") -> String { "\(prefix)-\(UUID().uuidString.lowercased())" }

/// What handlers, which run elsewhere, hand to a test.
final class Box<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    func add(_ value: Value) { values.withLock { $0.append(value) } }
    var all: [Value] { values.withLock { $0 } }

    /// Waits until there are so many. - Returns: what there is by then, or after the limit.
    func wait(for count: Int, atMost limit: Duration = .seconds(10)) async -> [Value] {
        let end = ContinuousClock.now + limit
        while all.count < count, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(5)) }
        return all
    }
}

func openDescriptors() -> Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0 }

/// The first event that fits, within the limit.
func event(
    _ events: AsyncStream<ConnectionEvent>, atMost limit: Duration, where fits: @escaping @Sendable (ConnectionEvent) -> Bool
) async -> ConnectionEvent? {
    await withTaskGroup(of: ConnectionEvent?.self) { group in
        group.addTask {
            for await event in events where fits(event) { return event }
            return nil
        }
        group.addTask {
            try? await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return await group.next() ?? nil
    }
}

extension ConnectionEvent {
    var isClosed: Bool {
        if case .closed = self { true } else { false }
    }
}

/// Runs what must fail and hands over the error.
func failure(_ body: () async throws(AMQPError) -> Void) async -> AMQPError? {
    do throws(AMQPError) {
        try await body()
        return nil
    } catch { return error }
}

extension Result where Success == Void, Failure == AMQPError {
    var error: AMQPError? {
        if case .failure(let error) = self { error } else { nil }
    }
}
