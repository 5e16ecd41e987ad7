import Foundation
import PollLoop
import Postgres
import Synchronization
import TestSupport
import Testing

/// What is lost is said, in time, and the pool is whole again afterwards.
@Suite(.serialized) struct FailureTests {
    private func withPool(
        connections: Int = 1, _ change: (inout PostgresSettings) -> Void = { _ in }, _ body: (PostgresPool, TestDatabase) async throws -> Void
    ) async throws {
        try await withSchema("identity") { db in
            var settings = db.superuser
            settings.maximumConnections = connections
            change(&settings)
            let pool = db.pool(settings)
            try await body(pool, db)
            await pool.close()
        }
    }

    private func elapsed(_ work: () async throws -> Void) async rethrows -> Duration {
        let start = ContinuousClock.now
        try await work()
        return .now - start
    }

    @Test func aPoolThatIsUsedUpTimesOut() async throws {
        try await withPool { (pool, _) async throws in
            try await pool.transaction { tx in
                try await tx.run("SELECT 1")
                let took = await elapsed {
                    let error = await #expect(throws: DatabaseError.self) {
                        try await pool.first("SELECT 1", deadline: .now + .milliseconds(100), as: Int.self)
                    }
                    #expect(error?.kind == .timeout && error?.isRetryable == true)
                }
                #expect(took >= .milliseconds(95) && took < .seconds(3))
                #expect(pool.statistics.waiting == 0)
                try await tx.run("SELECT 1")
            }
            #expect(try await pool.first("SELECT 1", as: Int.self) == 1)
            #expect(pool.statistics.connects == 1)
        }
    }

    @Test func theQueueHasAnEnd() async throws {
        try await withPool({ $0.maximumWaiting = 2 }) { (pool, _) async throws in
            let kinds = await withTaskGroup(of: DatabaseError.Kind?.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        do throws(DatabaseError) {
                            _ = try await pool.first("SELECT pg_sleep(0.2)::text", as: String.self)
                            return nil
                        } catch {
                            return error.kind
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(kinds.count { $0 == .unavailable } == 4 && kinds.count { $0 == nil } == 2)
            #expect(pool.statistics.waiting == 0)
            #expect(try await pool.first("SELECT 1", as: Int.self) == 1)
        }
    }

    @Test func theServersTimeoutsAreTimeouts() async throws {
        try await withPool(
            connections: 2,
            {
                $0.statementTimeout = .milliseconds(200)
                $0.lockTimeout = .milliseconds(100)
            }
        ) { (pool, _) async throws in
            let slow = await #expect(throws: DatabaseError.self) { try await pool.run("SELECT pg_sleep(5)") }
            #expect(slow?.kind == .timeout && slow?.sqlState == "57014")
            try await pool.run("CREATE TABLE t (a int)")
            try await pool.transaction { tx in
                try await tx.run("LOCK TABLE t")
                let locked = await #expect(throws: DatabaseError.self) { try await pool.run("INSERT INTO t VALUES (1)") }
                #expect(locked?.kind == .timeout && locked?.sqlState == "55P03")
            }
            #expect(pool.statistics.connects == 2)
        }
    }

    @Test func aDeadlineIsKeptAndTheStatementEnds() async throws {
        try await withPool(connections: 2) { (pool, db) async throws in
            let took = await elapsed {
                let error = await #expect(throws: DatabaseError.self) {
                    try await pool.all("SELECT pg_sleep(8)::text", deadline: .now + .milliseconds(150), as: String.self)
                }
                #expect(error?.kind == .timeout)
                // A write whose answer did not come may have happened.
                let write = await #expect(throws: DatabaseError.self) {
                    try await pool.run("SELECT pg_sleep(8)", deadline: .now + .milliseconds(150))
                }
                #expect(write?.kind == .outcomeUnknown && write?.isRetryable == false)
            }
            #expect(took < .seconds(4))
            try await eventually {
                try await pool.first("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'", as: Int.self)
                    == 0
            }
            await #expect { try await pool.run("SELECT 1", deadline: .now - .seconds(1)) } throws: { ($0 as? DatabaseError)?.kind == .timeout }
            #expect(try await pool.first("SELECT 1", as: Int.self) == 1)
        }
    }

    @Test func aKilledConnectionIsReplaced() async throws {
        try await withPool { (pool, db) async throws in
            let other = db.pool(db.superuser)
            let pid = try await pool.first("SELECT pg_backend_pid()", as: Int32.self)
            // While it sleeps in the pool.
            try await other.run("SELECT pg_terminate_backend(\(pid))")
            try await eventually { pool.statistics.connections == 0 }
            #expect(try await pool.first("SELECT 1", as: Int.self) == 1)
            // In the middle of a read.
            async let read = pool.all("SELECT pg_sleep(8)::text", as: String.self)
            try await eventually {
                try await other.first(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(8)%'", as: Int.self) == 1
            }
            do {
                _ = try await read
                Issue.record("the read went through")
            } catch {
                #expect((error as? DatabaseError)?.kind == .unavailable && (error as? DatabaseError)?.sqlState == "57P01")
            }
            #expect(try await pool.first("SELECT 1", as: Int.self) == 1)
            #expect(pool.statistics.connects == 3)
            await other.close()
        }
    }

    @Test func losingTheConnectionBeforeAndAfterCommitAreToldApart() async throws {
        try await withPool { (pool, db) async throws in
            try await pool.run([
                "CREATE TABLE item (id int8)",
                """
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$
                """,
                "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()",
            ])
            let before = await #expect(throws: DatabaseError.self) {
                try await pool.transaction { tx in try await tx.run("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(1)") }
            }
            #expect(before?.kind == .unavailable && before?.isRetryable == true)
            let during = await #expect(throws: DatabaseError.self) {
                try await pool.transaction { tx in try await tx.run("INSERT INTO item VALUES (1)") }
            }
            #expect(during?.kind == .outcomeUnknown && during?.isRetryable == false)
            let implicit = await #expect(throws: DatabaseError.self) { try await pool.run(["INSERT INTO item VALUES (1)"]) }
            #expect(implicit?.kind == .outcomeUnknown)
            #expect(try await pool.first("SELECT count(*) FROM item", as: Int.self) == 0)
        }
    }

    @Test func aTransactionWhoseConnectionDiedBetweenStatementsSaysUnavailable() async throws {
        try await withPool({ $0.idleInTransactionTimeout = .milliseconds(150) }) { (pool, _) async throws in
            let error = await #expect(throws: DatabaseError.self) {
                try await pool.transaction { tx in
                    try await tx.run("SELECT 1")
                    try await Task.sleep(for: .milliseconds(500))
                    try await tx.run("SELECT 1")
                }
            }
            #expect(error?.kind == .unavailable)
            #expect(try await pool.first("SELECT 1", as: Int.self) == 1)
        }
    }

    @Test func cancelledTasksLeaveThePoolWhole() async throws {
        try await withPool(connections: 2) { (pool, _) async throws in
            try await pool.run("CREATE TABLE item (id int8)")
            // In flight, waiting, and already cancelled at the start; quick ones and slow ones.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for turn in 0..<60 {
                    group.addTask {
                        let task = Task {
                            try await pool.transaction { tx in
                                try await tx.run("INSERT INTO item VALUES (\(turn))")
                                _ = try await tx.first("SELECT pg_sleep(\(turn % 3 == 0 ? 5.0 : 0.002))::text", as: String.self)
                            }
                        }
                        try await Task.sleep(for: .milliseconds(turn % 7))
                        task.cancel()
                        let result = await task.result
                        if case .failure(let error) = result { #expect((error as? DatabaseError)?.kind == .cancelled) }
                    }
                }
                try await group.waitForAll()
            }
            let before = pool.statistics.connects
            #expect(try await pool.first("SELECT 1", as: Int.self) == 1)
            #expect(before < 60)
            try await eventually {
                try await pool.first(
                    "SELECT count(*) FROM pg_stat_activity WHERE state LIKE '%transaction%' AND pid <> pg_backend_pid()", as: Int.self) == 0
            }
            #expect(pool.statistics.waiting == 0)
        }
    }

    @Test func aCommitUnderWayIsNotCancelled() async throws {
        try await withPool { (pool, _) async throws in
            try await pool.run([
                "CREATE TABLE item (id int8)",
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$",
                "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()",
            ])
            let task = Task { try await pool.transaction { tx in try await tx.run("INSERT INTO item VALUES (1)") } }
            try await Task.sleep(for: .milliseconds(150))
            task.cancel()
            #expect(try await task.value == 1)
            #expect(try await pool.first("SELECT count(*) FROM item", as: Int.self) == 1)
        }
    }

    @Test func whoCannotSignInIsToldTheCodeAndNothingElse() async throws {
        try await withPool({
            $0.password = "wrong"
            $0.waitTimeout = .milliseconds(300)
        }) { (pool, _) async throws in
            let error = await #expect(throws: DatabaseError.self) { try await pool.first("SELECT 1", as: Int.self) }
            #expect(error?.kind == .unavailable && error?.sqlState == "28P01")
            #expect(!pool.isReachable)
            #expect(await !pool.ping())
        }
    }

    @Test func aServerThatNeverAnswersHoldsNobody() async throws {
        let listener = try SilentListener()
        let settings = PostgresSettings(
            host: "localhost", port: listener.port, user: "u", password: "p", database: "d", schema: "s", connectTimeout: .milliseconds(200))
        let loop = PollLoop(name: "test")
        let pool = PostgresPool(settings, loop: loop)
        let took = await elapsed {
            let error = await #expect(throws: DatabaseError.self) {
                try await pool.first("SELECT 1", deadline: .now + .milliseconds(500), as: Int.self)
            }
            #expect(error?.kind == .unavailable)
        }
        #expect(took < .seconds(4))
        var unknown = settings
        unknown.host = "no-such-host.invalid"
        let nowhere = PostgresPool(unknown, loop: loop)
        await #expect { try await nowhere.first("SELECT 1", deadline: .now + .milliseconds(500), as: Int.self) } throws: {
            [.unavailable, .timeout].contains(($0 as? DatabaseError)?.kind)
        }
        await pool.close()
        await nowhere.close()
        await #expect { try await pool.first("SELECT 1", as: Int.self) } throws: { ($0 as? DatabaseError)?.kind == .unavailable }
        loop.stop()
    }

    @Test func closingWaitsForWhatIsUnderWay() async throws {
        try await withPool(connections: 2) { (pool, db) async throws in
            async let slow = pool.all("SELECT 7 FROM pg_sleep(0.3)", as: Int.self)
            try await Task.sleep(for: .milliseconds(100))
            await pool.close()
            #expect(try await slow == [7])
            #expect(pool.statistics.connections == 0)
        }
    }
}

/// Accepts connections and says nothing.
private final class SilentListener {
    let port: Int
    private let descriptor: Int32

    init() throws {
        port = try PrivatePostgres.freePort()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) } }
        try #require(bound == 0 && listen(descriptor, 16) == 0)
    }

    deinit { close(descriptor) }
}

/// Waits up to 5 s for `condition`.
func eventually(_ condition: () async throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let end = ContinuousClock.now + .seconds(5)
    while ContinuousClock.now < end {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("it did not happen within 5 s", sourceLocation: sourceLocation)
}
