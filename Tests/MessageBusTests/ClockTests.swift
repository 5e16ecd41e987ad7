import Access
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import MessageBus

/// A clock that is wrong is noticed, by whoever asks somebody with another.
@Suite struct ClockTests {
    private static func clock(wrongBy seconds: Double) -> ClockAlarm { ClockAlarm(now: { Date(timeIntervalSinceNow: seconds) }) }

    @Test func aDifferenceCountsLessTheTimeTheAnswerTook() {
        let time = Mutex(Date(timeIntervalSince1970: 1_000))
        func alarm(_ other: Double, after seconds: Double, uncertainty: Double = 0) -> Bool {
            let clocks = ClockAlarm(now: { time.withLock { $0 } })
            let asked = clocks.asked()
            time.withLock { $0 += seconds }
            defer { time.withLock { $0 = Date(timeIntervalSince1970: 1_000) } }
            clocks.compare(other, uncertainty: uncertainty, of: "records", asked: asked)
            return clocks.isRaised
        }
        #expect(!alarm(1_000, after: 0) && !alarm(1_005, after: 0) && !alarm(995, after: 0))
        #expect(alarm(1_005.1, after: 0) && alarm(994.9, after: 0))
        #expect(!alarm(1_007, after: 4) && alarm(1_009.1, after: 4) && alarm(994.9, after: 4) && !alarm(996, after: 4))
        #expect(!alarm(1_005.4, after: 0, uncertainty: 0.5) && alarm(1_005.6, after: 0, uncertainty: 0.5))
        // Set back meanwhile: nothing can be said.
        #expect(!alarm(5_000, after: -10))
    }

    @Test(arguments: [(0, false), (3, false), (120, true), (-120, true)])
    func thatOfTheDatabaseIsComparedWith(wrongBy: Double, isRaised: Bool) async throws {
        try await withService("echo", migrations: Echo.migrations, Echo.build) { service in
            let (clocks, notes) = (Self.clock(wrongBy: wrongBy), Notes())
            await clocks.compare(with: service.pool)
            clocks.tell(notes.logger)
            #expect(clocks.isRaised == isRaised)
            // When ours is behind, the other is ahead.
            let told = notes.all.filter { $0.hasPrefix("error clocks differ") && $0.contains("database") && $0.contains("\(Int(-wrongBy))") }
            #expect(told.count == (isRaised ? 1 : 0), "\(notes.all)")
        }
    }

    @Test(
        .enabled(if: PrivateRabbitMQ.isInstalled, "apt-get install rabbitmq-server"), .timeLimit(.minutes(1)), arguments: [(0, false), (120, true)])
    func thoseOfWhoAnswersAreComparedWith(wrongBy: Double, isRaised: Bool) async throws {
        try await withService("echo", migrations: Echo.migrations, Echo.build) { service in
            try await withHost { host in
                let clocks = Self.clock(wrongBy: wrongBy)
                try await withInstance(of: service, on: host, [.ask, .answer], clocks: clocks) { instance in
                    #expect(!clocks.isRaised)
                    _ = try await instance.bus.request(Say(word: "hello"), as: nil, within: .seconds(5))
                    #expect(clocks.isRaised == isRaised)
                }
            }
        }
    }
}
