internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Synchronization

/// What time it is by the database's clock, counted on by one that never jumps: a machine whose own clock is a day ahead writes to nobody a day
/// early, and one that is behind keeps nothing back.
final class DatabaseClock: Sendable {
    private struct Reading {
        let time: Date
        let at: ContinuousClock.Instant
    }

    private static let pause = Duration.seconds(30)
    private static let day: TimeInterval = 86_400
    private let reading = Mutex<Reading?>(nil)

    /// Before the first reading, which nothing is sent before, this process's own.
    func now() -> Date {
        guard !Fault.ownClockBelieved.isOn, let last = reading.withLock({ $0 }) else { return Self.own }
        return last.time.addingTimeInterval((ContinuousClock.now - last.at) / .seconds(1))
    }

    private static var own: Date {
        Date().addingTimeInterval(Fault.clockDayAhead.isOn ? day : Fault.clockDayBehind.isOn ? -day : 0)
    }

    func run(with database: any WorkerTransactions) async throws {
        while !Task.isCancelled {
            try await read(from: database)
            try await Task.sleep(for: Self.pause)
        }
    }

    func read(from database: any WorkerTransactions) async throws {
        let asked = ContinuousClock.now
        let time = try await database.transaction { tx in try await tx.first("SELECT clock_timestamp()", as: Date.self) }
        guard let time else { return }
        let at = asked + (ContinuousClock.now - asked) / 2
        reading.withLock { $0 = Reading(time: time, at: at) }
    }

    /// Begins when it has been read.
    func whenRead(_ work: () async throws -> Void) async throws {
        while reading.withLock({ $0 == nil }) { try await Task.sleep(for: .milliseconds(100)) }
        try await work()
    }
}
