import AuditTrail
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

/// The chain never forks and forgets nothing, whoever writes, however many seal, and whatever dies.
@Suite(.serialized) struct SealerTests {
    @Test func whatIsWrittenIsSealedInOrderAndTold() async throws {
        try await withTrail(entries: 3) { trail in
            try await trail.write(3..<7)
            try await trail.sealAll()
            #expect(try await trail.verify() == TrailReport(service: "echo", kept: "own", entries: 7))
            let bodies = try await trail.superuser.all(
                "SELECT body FROM echo.outbox WHERE name = 'echo.trail-sealed.v1' ORDER BY seq", as: [UInt8].self)
            let parts = try bodies.map { try Wire.decode(TrailSealed.self, from: $0) }
            try #require(parts.map(\.first) == [1, 4])
            #expect(parts.map(\.lines.count) == [3, 4])
            #expect(Array(parts[1].after) == Array(parts[0].link))
        }
    }

    /// An entry that was begun earlier and is committed later than others gets its place when it is there.
    @Test func aLateCommitIsNotPassedOver() async throws {
        try await withTrail { trail in
            let sealer = trail.main
            try await trail.under.pool.asWorker(of: Trail.service) { tx in
                tx.queue(trail.entry(1).insert(key: trail.key))
                try await tx.flush()
                try await trail.write(2..<5)
                #expect(try await sealer.seal() == 3)
                #expect(try await sealer.seal() == 0)
            }
            #expect(try await sealer.seal() == 1)
            // Another one, which has seen nothing of all this, looks behind what is sealed too.
            try await trail.under.pool.asWorker(of: Trail.service) { tx in
                tx.queue(trail.entry(6).insert(key: trail.key))
                try await tx.flush()
                try await trail.write(7..<9)
                #expect(try await sealer.seal() == 2)
            }
            // It leaves the work to the one that was there, for so long.
            try await Task.sleep(for: .seconds(3.2))
            #expect(try await trail.sealer().seal() == 1)
            let order = try await trail.superuser.all(
                "SELECT e.action FROM echo.audit_link l JOIN echo.audit_entry e ON e.seq = l.entry ORDER BY l.position", as: String.self)
            #expect(order == [2, 3, 4, 1, 7, 8, 6].map { "echo.read-\($0).v1" })
        }
    }

    /// Writers, half of whose transactions come to nothing; three sealers with files of their own; connections that die at any moment.
    private func crowd(_ trail: Trail) async throws -> [TrailFile] {
        let folders = (0..<3).map { trail.folder.appending(path: "\($0)") }
        for folder in folders { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
        let files = folders.map { TrailFile(folder: $0.path, service: Trail.service) }
        let pools = folders.map { _ in trail.under.database.pool(trail.under.database.service) }
        await withTaskGroup(of: Void.self) { group in
            for (pool, file) in zip(pools, files) {
                group.addTask {
                    let end = ContinuousClock.now + .seconds(5)
                    // A new one every so often: one that is killed starts with nothing.
                    while ContinuousClock.now < end {
                        let sealer = trail.sealer(pool: pool, file: file)
                        for _ in 0..<Int.random(in: 1...20) {
                            _ = try? await sealer.seal()
                            _ = try? await sealer.keepFile()
                            try? await Task.sleep(for: .milliseconds(.random(in: 1...20)))
                        }
                    }
                }
            }
            for writer in 0..<6 {
                group.addTask {
                    for number in 0..<60 {
                        try? await trail.under.pool.asWorker(of: Trail.service) { tx in
                            tx.queue(trail.entry(writer * 1_000 + number).insert(key: trail.key))
                            try await tx.flush()
                            try await Task.sleep(for: .milliseconds(.random(in: 0...60)))
                            if number % 3 == 0 { throw CancellationError() }
                        }
                    }
                }
            }
            group.addTask {
                for _ in 0..<40 {
                    try? await Task.sleep(for: .milliseconds(100))
                    _ = try? await trail.superuser.all(
                        """
                        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                        WHERE datname = current_database() AND usename = 'echo' ORDER BY random() LIMIT 1
                        """, as: Bool.self)
                }
            }
        }
        for pool in pools { await pool.close() }
        // What was killed last is noticed before anybody else asks.
        try? await Task.sleep(for: .milliseconds(500))
        return files
    }

    @Test(.timeLimit(.minutes(2))) func manyWritersManySealersAndDeathsMakeOneChain() async throws {
        try await withTrail { trail in
            // The lock alone must do: a constraint that stops the second of two is a last resort.
            try await trail.change("ALTER TABLE audit_link DROP CONSTRAINT audit_link_pkey, DROP CONSTRAINT audit_link_entry_key")
            let files = try await crowd(trail)
            try await Task.sleep(for: .seconds(3.2))
            try await trail.sealAll()
            let (entries, links) = try #require(
                try await trail.superuser.first(
                    "SELECT (SELECT count(*) FROM echo.audit_entry), (SELECT count(DISTINCT entry) FROM echo.audit_link)", as: Int64.self,
                    Int64.self))
            #expect(entries == links && entries > 100)
            for file in files {
                let sealer = trail.sealer(file: file)
                try await sealer.keepFile()
                #expect(try await trail.verify(file: file) == TrailReport(service: "echo", kept: "own", entries: entries))
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func withoutTheLockTheyFork() async throws {
        try await withTrail { trail in
            try await trail.change("ALTER TABLE audit_link DROP CONSTRAINT audit_link_pkey, DROP CONSTRAINT audit_link_entry_key")
            try await Fault.sealersTogether.injected { _ = try await crowd(trail) }
            #expect(try await trail.verify().finding != nil)
        }
    }

    @Test func aTornLineInTheFileIsWrittenAgain() async throws {
        try await withTrail(entries: 4) { trail in
            let whole = try #require(FileManager.default.contents(atPath: trail.file.path))
            for cut in [1, 60, whole.count / 2, whole.count - 1] {
                try whole.prefix(whole.count - cut).write(to: URL(filePath: trail.file.path))
                try await trail.sealer().keepFile()
                #expect(try await trail.verify() == TrailReport(service: "echo", kept: "own", entries: 4), "cut \(cut)")
            }
        }
    }

    @Test func theServicesOwnRolesChangeNothing() async throws {
        try await withTrail(entries: 2) { trail in
            for role in ["echo", "echo_limited", "echo_staff", "echo_worker"] {
                for table in ["audit_entry", "audit_link"] {
                    let change = table == "audit_entry" ? "outcome = 'done'" : "position = 0"
                    for statement in ["UPDATE \(table) SET \(change)", "DELETE FROM \(table)", "TRUNCATE \(table)"] {
                        let error = await #expect(throws: DatabaseError.self) {
                            try await trail.under.pool.run([SQL(trusted: "SET LOCAL ROLE \(role)"), SQL(trusted: statement)])
                        }
                        #expect(error?.sqlState == "42501", "\(role): \(statement)")
                    }
                }
            }
        }
    }
}
