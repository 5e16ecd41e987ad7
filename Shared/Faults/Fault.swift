internal import Foundation
internal import Synchronization

/// Guards that can be taken away on purpose, so that a test can show that it would notice. In debug builds only: a release build knows none of them,
/// and refuses to start when `CHARTLINE_FAULTS` is set.
public enum Fault: String, CaseIterable, Sendable {
    /// The relay takes an event for published as soon as it is sent, confirmed or not.
    case relayTrustsSending = "relay-trusts-sending"

    /// Whether the guard is away at this moment.
    public var isOn: Bool {
        #if DEBUG
            Self.away.withLock { $0.contains(self) }
        #else
            false
        #endif
    }

    #if DEBUG
        private static let away = Mutex(
            Set((ProcessInfo.processInfo.environment["CHARTLINE_FAULTS"] ?? "").split(separator: ",").compactMap { Fault(rawValue: String($0)) }))

        /// Runs `body` without this guard; for tests in one process, one at a time.
        package func injected<R>(_ body: () async throws -> R) async rethrows -> R {
            Self.away.withLock { _ = $0.insert(self) }
            defer { Self.away.withLock { _ = $0.remove(self) } }
            return try await body()
        }
    #endif
}
