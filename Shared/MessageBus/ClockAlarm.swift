internal import CoreMetrics
public import Foundation
public import Logging
public import Postgres
internal import Synchronization

/// Raised while this process's clock and another's are more than five seconds apart: what one of them notes down then happened at another time.
///
/// Compared are PostgreSQL's clock, once a minute, and those of the services that answered. An answer tells its time no closer than it took to
/// come, so a difference counts less that.
public final class ClockAlarm: Sendable {
    /// Seconds of difference that are taken for no fault.
    public static let bound = 5.0

    private struct Reading {
        /// Seconds the other clock is ahead of ours, at least; negative when it is behind.
        let ahead: Double
        let read: ContinuousClock.Instant
    }

    /// What is read of one clock meanwhile says nothing new.
    private static let pause = Duration.seconds(10)
    /// A clock that was not seen for so long is not known any more.
    private static let memory = Duration.seconds(300)

    private let now: @Sendable () -> Date
    private let readings = Mutex<[String: Reading]>([:])

    /// - Parameter now: this process's clock, or a test's.
    public init(now: @escaping @Sendable () -> Date = { Date() }) { self.now = now }

    public var isRaised: Bool { readings.withLock { $0.values.contains { Self.isKnown($0) && abs($0.ahead) > Self.bound } } }

    /// Now, on the clock that is compared.
    func asked() -> Date { now() }

    /// - Parameters:
    ///   - seconds: since 1970 on the other's clock when it answered, give or take `uncertainty`.
    ///   - owner: whose clock it is; of few, because it labels a metric.
    func compare(_ seconds: Double, uncertainty: Double = 0, of owner: String, asked: Date) {
        let half = now().timeIntervalSince(asked) / 2
        // Negative: our own clock was set back meanwhile.
        guard half >= 0 else { return }
        let difference = seconds - asked.timeIntervalSince1970 - half
        let ahead = difference.magnitude <= half + uncertainty ? 0 : difference - (difference < 0 ? -1 : 1) * (half + uncertainty)
        readings.withLock { readings in
            if let last = readings[owner], ContinuousClock.now - last.read < Self.pause { return }
            readings[owner] = Reading(ahead: ahead, read: .now)
        }
    }

    /// Looks once a minute, until the task is cancelled. - Parameter pool: nil in a process without a database.
    public func run(with pool: PostgresPool?, logger: Logger) async {
        while !Task.isCancelled {
            if let pool { await compare(with: pool) }
            tell(logger)
            try? await Task.sleep(for: .seconds(60))
        }
    }

    func compare(with pool: PostgresPool) async {
        let before = asked()
        guard let answer = try? await pool.first("SELECT clock_timestamp()", deadline: .now + .seconds(5), as: Date.self) else { return }
        compare(answer.timeIntervalSince1970, of: "database", asked: before)
    }

    /// The metric, and a line in the log for each clock that differs.
    func tell(_ logger: Logger) {
        for (owner, reading) in readings.withLock({ $0 }) {
            let ahead = Self.isKnown(reading) ? reading.ahead : 0
            Gauge(label: "chartline_clock_ahead_seconds", dimensions: [("of", owner)]).record(ahead)
            guard abs(ahead) > Self.bound else { continue }
            logger.error("clocks differ", metadata: ["of": "\(owner)", "ahead-seconds": "\(Int(ahead.rounded()))"])
        }
    }

    private static func isKnown(_ reading: Reading) -> Bool { ContinuousClock.now - reading.read < memory }
}
