internal import Foundation
internal import Synchronization

/// Guards that can be taken away on purpose, so that a test can show that it would notice. In debug builds only: a release build knows none of them,
/// and refuses to start when `CHARTLINE_FAULTS` is set.
public enum Fault: String, CaseIterable, Sendable {
    /// The relay takes an event for published as soon as it is sent, confirmed or not.
    case relayTrustsSending = "relay-trusts-sending"
    /// A mandatory message that came back counts as taken when the broker confirms it, which it does.
    case returnsIgnored = "returns-ignored"
    /// What a transaction emits is not in the outbox.
    case emitForgets = "emit-forgets"
    /// A subscriber's effect is committed without its inbox row.
    case inboxForgets = "inbox-forgets"
    /// The inbox tells messages apart, but not the subscribers that hear them.
    case inboxIgnoresHandler = "inbox-ignores-handler"
    /// An event is acked when it arrives, not when its effect is committed.
    case ackBeforeCommit = "ack-before-commit"
    /// A consumer that starts takes all it may at once, although the last one may have died of it.
    case startsCarefree = "starts-carefree"
    /// A dead letter is taken for kept as soon as it is sent.
    case deadLettersUnconfirmed = "dead-letters-unconfirmed"
    /// An event of an older version is applied over a newer one.
    case versionsIgnored = "versions-ignored"
    /// A lost answer to COMMIT is told as a failure, without a look at the key.
    case unknownIsFailure = "unknown-is-failure"
    /// COMMIT that PostgreSQL answers with the tag ROLLBACK counts as committed.
    case commitTagIgnored = "commit-tag-ignored"
    /// Role and patients of a transaction stay with its connection.
    case contextOutlives = "context-outlives"
    /// A broker that says nothing is waited for.
    case brokerSilenceBelieved = "broker-silence-believed"
    /// A database that says nothing is waited for.
    case databaseSilenceBelieved = "database-silence-believed"
    /// Who is told `unavailable` asks again at once.
    case askersInsist = "askers-insist"
    /// Every request looks for a missing queue by itself.
    case everyoneProbes = "everyone-probes"
    /// Waits before another try are all of one length.
    case retriesInStep = "retries-in-step"
    /// Stopping does not wait for what is at work.
    case drainGivesUp = "drain-gives-up"
    /// A connection to the broker that fails is not tried again.
    case linkGivesUp = "link-gives-up"
    /// Two sealers of one trail work at the same time, each from what it remembers.
    case sealersTogether = "sealers-together"
    /// An answer goes out although its audit entry could not be written.
    case trailNotNeeded = "trail-not-needed"

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
