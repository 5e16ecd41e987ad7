import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing
@testable import Notifications

/// I11: events come in any order, twice or not at all; what a newer one said, an older one does not undo.
@Suite(.serialized) struct VersionTests {
    @Test(.timeLimit(.minutes(10))) func anOlderVersionNeverOverwritesANewerOne() async throws {
        let long = ProcessInfo.processInfo.environment["CHARTLINE_LONG"] != nil
        let seed = long ? UInt64.random(in: 1...999_999) : 20_261
        print("I11: seed \(seed)")
        #expect(try await overwritten(long ? 10_000 : 240, seed: seed) == [])
        #expect(try await Fault.versionsIgnored.injected { try await overwritten(16, seed: seed) } != [])
    }

    /// So many appointments and contacts, each told of in a shuffled sequence with gaps and repetitions; and what is not as its newest event said.
    private func overwritten(_ count: Int, seed: UInt64) async throws -> [String] {
        try await withScene { scene in
            let newest = try await withThrowingTaskGroup(of: [UUID: Int].self, returning: [UUID: Int].self) { group in
                for task in 0..<8 {
                    group.addTask {
                        var random = Shuffling(state: seed &+ UInt64(task))
                        var newest: [UUID: Int] = [:]
                        for _ in 0..<(count / 8) {
                            let event = try scene.visit()
                            let versions = Array(2...Int.random(in: 3...7, using: &random))
                            guard let last = versions.last else { continue }
                            let cancelled = Bool.random(using: &random)
                            var told = versions.filter { $0 == last || Double.random(in: 0..<1, using: &random) < 0.8 }
                            if let again = told.randomElement(using: &random) { told.append(again) }
                            for version in told.shuffled(using: &random) {
                                try await tell(scene, event, version, cancelled: cancelled && version == last)
                            }
                            for version in Array(2...6).shuffled(using: &random) {
                                try await scene.service.hear(
                                    ContactChanged(patient: event.patient, version: version), handler: "refresh-on-contact-changed")
                            }
                            newest[event.appointment.uuid] = last
                        }
                        return newest
                    }
                }
                var all: [UUID: Int] = [:]
                for try await some in group { all.merge(some) { first, _ in first } }
                return all
            }
            let pool = scene.service.database.pool(scene.service.database.superuser)
            let seen = try await pool.all("SELECT appointment, version FROM appointment_seen", as: UUID.self, Int.self)
            var wrong = seen.filter { newest[$0.0] != $0.1 }.map { "\($0.0) is known as version \($0.1)" }
            wrong += try await pool.all(
                """
                SELECT 'version ' || i.version || ' of ' || i.appointment || ' is still to be told'
                FROM intent i JOIN appointment_seen s USING (appointment) WHERE i.version <> s.version AND i.state = 'scheduled'
                """, as: String.self)
            wrong += try await pool.all(
                "SELECT 'contact is announced as ' || announced FROM contact WHERE announced <> 6", as: String.self)
            #expect(seen.count == newest.count)
            await pool.close()
            return wrong
        }
    }

    private func tell(_ scene: Scene, _ event: AppointmentBooked, _ version: Int, cancelled: Bool) async throws {
        if cancelled { return try await scene.cancel(event, version: version) }
        guard version > 2 else { return try await scene.book(event) }
        let later = event.start.instant.addingTimeInterval(Double(version) * 3_600)
        try await scene.service.hear(
            AppointmentRescheduled(
                appointment: event.appointment, version: version, patient: event.patient, practitioner: event.practitioner, location: event.location,
                start: ZonedTime(later, in: zone("America/Chicago")), end: event.end), handler: "supersede-on-appointment-rescheduled")
    }
}

/// The same order for the same seed.
private struct Shuffling: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
