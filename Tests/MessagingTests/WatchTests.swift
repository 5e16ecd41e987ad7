import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Messaging

/// What is late, and that nothing is ever without somebody who answers.
@Suite struct WatchTests {
    private func watch(_ office: Office) async throws -> Int {
        try await office.test.pool.asWorker(of: "messaging") { tx in try await watchPromises(tx) }
    }

    @Test func whatIsLateGoesToTheLeadOnceHoweverOftenItIsLookedAt() async throws {
        try await Office.open { office in
            let lead = ID<Practitioner>()
            try await office.keepPools(lead: lead)
            let thread = try await office.asked("May I stop?", of: office.okafor)
            #expect(try await watch(office) == 0)
            try await office.run("UPDATE thread SET next_at = now() - interval '1 minute'")
            let query = ReadPosition(patient: office.patient, thread: thread)
            let position = try await office.bus.ask(query, as: office.patientToken()).position
            #expect(try await watch(office) == 1)
            // An open page is told, and nobody's answer is refused for it.
            #expect(try await office.bus.ask(query, as: office.patientToken()).position == position + 1)
            #expect(try await watch(office) == 0)
            let soon = try await office.view(thread).line
            #expect(soon.level == 1 && soon.owner == office.okafor)
            try await office.run("UPDATE thread SET promised_at = now() - interval '1 minute', next_at = now() - interval '1 minute'")
            // Two instances look at once.
            async let other = watch(office)
            let looked = try await watch(office) + (try await other)
            #expect(looked == 1)
            let late = try await office.view(thread).line
            #expect(late.level == 2 && late.owner == lead)
            #expect(try await office.sql("SELECT next_at > now() FROM thread", as: Bool.self) == true)
            #expect(try await office.test.emitted(TaskChanged.self).map(\.level) == [0, 1, 2])
            // Asking on makes nothing less late, and the world is told so.
            #expect(try await office.write("Please?", in: thread).reply != nil)
            #expect(try await office.view(thread).line.level == 2)
            // What is answered is watched no more.
            #expect(try await office.answer("No.", in: thread, as: office.clinician(office.okafor)).reply != nil)
            #expect(try await office.view(thread).line.level == 0)
            #expect(try await office.test.emitted(TaskChanged.self).map(\.level) == [0, 1, 2, 2, 0])
            #expect(try await office.sql("SELECT next_at IS NULL FROM thread", as: Bool.self) == true)
        }
    }

    @Test func theTableTakesNoThreadThatNobodyWatches() async throws {
        try await Office.open { office in
            _ = try await office.asked("May I stop?")
            for change in ["next_at = NULL", "pool = NULL", "promised_at = NULL", "pool = 'nobody'"] {
                await #expect(throws: DatabaseError.self) { try await office.run(SQL(trusted: "UPDATE thread SET \(change)")) }
            }
        }
    }

    /// Everything that can happen, in any order: never is one open that has no pool, no promise, or nobody who looks at it again.
    @Test(.timeLimit(.minutes(isLong ? 240 : 5))) func nothingIsEverWithoutSomebody() async throws {
        try await Office.open { office in
            var random = Seeded(20_261_126)
            let people = [office.okafor, office.raman, office.byrne]
            var (threads, leaves): ([ID<MessageThread>], [UUID]) = ([], [])
            for step in 0..<(isLong ? 100_000 : 300) {
                guard let who = people.randomElement(using: &random) else { return }
                let doctor = try await office.clinician(who)
                let thread = threads.randomElement(using: &random)
                switch Int.random(in: 0..<13, using: &random) {
                case 0, 1:
                    let wanted: ID<Practitioner>? = Bool.random(using: &random) ? office.okafor : nil
                    if let taken = try await office.ask("Question \(step)", wanted == nil ? .appointment : .medical, of: wanted).reply {
                        threads.append(taken.thread)
                    }
                case 2: if let thread { _ = try await office.write("More \(step)", in: thread) }
                case 3, 4: if let thread { _ = try? await office.answer("Answer \(step)", in: thread, as: doctor) }
                case 5: if let thread { _ = try? await office.move(thread, .take, as: doctor) }
                case 6: if let thread { _ = try? await office.move(thread, .give(practitioner: who), as: doctor) }
                case 7:
                    let desk = try await office.keys.staff(.frontDesk)
                    if let thread { _ = try? await office.move(thread, .handOver(pool: "care"), as: desk) }
                    if let thread { _ = try? await office.move(thread, .handOver(pool: "desk"), as: doctor) }
                case 8: if let thread { _ = try? await office.move(thread, Bool.random(using: &random) ? .close : .reopen, as: doctor) }
                case 9:
                    let (id, from) = (UUID.v7(), Double.random(in: -5...5, using: &random) * 86_400)
                    leaves.append(id)
                    try await office.leave(who, from: from, until: from + Double.random(in: 0.1...9, using: &random) * 86_400, id: id)
                case 10: if let id = leaves.popLast() { try await office.leave(who, from: 0, until: 1, id: id, ended: true) }
                case 11: try await office.keepPools(lead: Bool.random(using: &random) ? who : nil, without: Bool.random(using: &random) ? who : nil)
                default:
                    if Bool.random(using: &random) {
                        try await office.run("UPDATE thread SET promised_at = now() - interval '1 hour', next_at = now() WHERE state = 'waiting'")
                    }
                    _ = try await watch(office)
                }
                if isLong, step % 1_000 == 0 { print("step \(step)") }
                let lost = try await office.sql(
                    """
                    SELECT count(*) FROM thread t LEFT JOIN pool p ON p.code = t.pool
                    WHERE t.state <> 'closed' AND (p.code IS NULL OR t.promised_at IS NULL OR t.state = 'waiting' AND t.next_at IS NULL)
                    """, as: Int.self)
                guard lost == 0 else {
                    Issue.record("step \(step)")
                    return
                }
                // As old ones are in a clinic: else each step takes longer than the one before.
                if threads.count > 60 {
                    try await office.run("UPDATE thread SET state = 'closed', next_at = NULL WHERE id = \(threads.removeFirst().uuid)")
                }
            }
            #expect(try await office.sql("SELECT count(*) FROM thread", as: Int.self) ?? 0 > 20)
        }
    }
}

/// The same numbers for the same seed.
private struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
