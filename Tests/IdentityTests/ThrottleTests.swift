import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Identity

@Suite struct ThrottleTests {
    private func isThrottled(_ answer: Answer<SignIn>) -> Bool {
        if case .refused(.throttled) = answer { true } else { false }
    }

    @Test func theSixthTryWaitsTwiceAsLongEachTime() {
        let rule = ThrottleRule.nameAtSource
        #expect((1...4).compactMap { rule.wait(afterFailures: $0) } == [])
        #expect([5, 6, 7].map { rule.wait(afterFailures: $0) } == [30, 60, 120])
        #expect(rule.wait(afterFailures: 1_000_000) == 3_600)
    }

    @Test func fiveFailuresBlockTheNameAtThatSource() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            // A name nobody has is treated the same.
            for name in ["maria@example.org", "nobody@example.org"] {
                for _ in 0..<5 { #expect(try await desk.signIn(name, "wrong") == .refused(.failed)) }
                guard case .refused(.throttled(let until)) = try await desk.signIn(name) else {
                    Issue.record("not throttled")
                    continue
                }
                #expect((20...31).contains(until.timeIntervalSinceNow))
            }
            #expect(try await desk.signIn("maria@example.org", source: "work").isDone)
            try await desk.change("UPDATE throttle SET blocked_until = now() - interval '1 s' WHERE blocked_until IS NOT NULL")
            #expect(try await desk.signIn("maria@example.org").isDone)
            // Success took the failures back.
            #expect(try await desk.signIn("maria@example.org", "wrong") == .refused(.failed))
            #expect(try await desk.signIn("maria@example.org").isDone)
        }
    }

    /// Guesses from everywhere are slowed down; who came from there before still gets in.
    @Test func aKnownSourceGetsInWhileOthersGuess() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            #expect(try await desk.signIn("maria@example.org", source: "home").isDone)
            var throttled = 0
            for guess in 0..<101 where isThrottled(try await desk.signIn("maria@example.org", "wrong", source: "bot \(guess)")) { throttled += 1 }
            #expect(throttled == 81)
            #expect(isThrottled(try await desk.signIn("maria@example.org", source: "a new phone")))
            #expect(try await desk.signIn("maria@example.org", source: "home").isDone)
        }
    }

    @Test func oneSourceCannotTryManyNames() async throws {
        try await withIdentity { (desk: Desk) async throws in
            var answers: [Answer<SignIn>] = []
            for guess in 0..<52 { answers.append(try await desk.signIn("name\(guess)@example.org", "wrong", source: "bot")) }
            #expect(Array(answers.prefix(50)) == Array(repeating: .refused(.failed), count: 50))
            #expect(answers.filter(isThrottled).count == 2)
        }
    }

    /// Tries at once are counted before they are looked at, and the queue of hashes is bounded: what does not fit is told to come back.
    @Test func triesAtOnceAreNoWayAround() async throws {
        try await withIdentity(logN: 14) { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            let outcomes = await withTaskGroup(of: String.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        do {
                            switch try await desk.signIn("maria@example.org", "wrong") {
                            case .done: return "done"
                            case .refused(.failed): return "failed"
                            case .refused(.throttled): return "throttled"
                            }
                        } catch { return "\(error)" }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(outcomes["failed"] == 5)
            #expect(outcomes["unavailable", default: 0] + outcomes["throttled", default: 0] == 55, "\(outcomes)")
            #expect(try await desk.signIn("maria@example.org", source: "elsewhere").isDone)
        }
    }

    @Test func aFullQueueIsBusyAndFineAfterwards() async throws {
        try await withIdentity(logN: 15) { (desk: Desk) async throws in
            let outcomes = await withTaskGroup(of: String.self) { group in
                for index in 0..<40 {
                    group.addTask {
                        do {
                            let answer = try await desk.signIn("p\(index)@example.org", source: "s\(index)")
                            return answer == .refused(.failed) ? "failed" : "other"
                        } catch { return "\(error)" }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(outcomes["failed", default: 0] >= PasswordHasher.waitingAtMost)
            #expect(outcomes["unavailable", default: 0] > 0, "\(outcomes)")
            #expect(outcomes.count == 2)
            try await desk.account("maria@example.org")
            #expect(try await desk.signIn("maria@example.org").isDone)
        }
    }

    @Test func oldFailuresAreForgotten() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            for _ in 0..<4 { _ = try await desk.signIn("maria@example.org", "wrong") }
            try await desk.change("UPDATE throttle SET last_at = now() - interval '25 hours'")
            for _ in 0..<4 { #expect(try await desk.signIn("maria@example.org", "wrong") == .refused(.failed)) }
            try await desk.change("UPDATE throttle SET last_at = now() - interval '3 days'")
            let throttle = Throttle(key: desk.service.keys.auditKey)
            #expect(try await desk.service.pool.asWorker(of: "identity") { try await throttle.forget(in: $0) } == 3)
        }
    }
}
