import Synchronization
import Testing
@testable import Web

/// Who sends much takes turns.
@Suite struct TurnsTests {
    private final class Counts: Sendable {
        private let counts = Mutex((running: 0, most: 0, ended: 0))

        func begin() {
            counts.withLock { counts in
                counts.running += 1
                counts.most = max(counts.most, counts.running)
            }
        }

        func end() {
            counts.withLock { counts in
                counts.running -= 1
                counts.ended += 1
            }
        }

        var mostAndEnded: [Int] { counts.withLock { [$0.most, $0.ended] } }
    }

    private struct Stopped: Error {}

    @Test func soManyAtOnceAndEverybodyInTheEnd() async throws {
        let (turns, counts) = (Turns(2), Counts())
        await withTaskGroup { group in
            for number in 0..<10 {
                group.addTask {
                    _ = try? await turns.inTurn {
                        counts.begin()
                        defer { counts.end() }
                        try? await Task.sleep(for: .milliseconds(30))
                        if number == 3 { throw Stopped() }
                    }
                }
            }
        }
        #expect(counts.mostAndEnded == [2, 10])
    }

    @Test func tooManyWhoWaitAreToldSo() async throws {
        let turns = Turns(1, waiting: 0)
        let inner = await turns.inTurn { await turns.inTurn { 2 } }
        #expect(inner == .some(nil))
        #expect(await turns.inTurn { 3 } == 3)
    }
}
