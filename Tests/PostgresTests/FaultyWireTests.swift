import Faults
import Foundation
import PollLoop
import Postgres
import TestSupport
import Testing

/// What libpq is told through a network that breaks. Where one test is about a guard, it is run again without it and must find something.
///
/// libpq's pitfalls, and where each is tested:
/// * COMMIT of a failed transaction "succeeds" with the tag ROLLBACK (I25): `aCommitThatRolledBackIsAnError`, `TransactionTests`
/// * the connection is lost at COMMIT (I24 below the bus): `commitsThatAreCutOffAreToldApart`, `FailureTests`
/// * no timeout for connecting or for a query (I15): `aSilentDatabaseIsNoticed`, `FailureTests.aServerThatNeverAnswersHoldsNobody`
/// * PQgetResult blocks while results are incomplete; NULLs in a pipeline mean little: `whatComesInPiecesIsRead`
/// * after an error the rest of a pipeline is aborted, COMMIT too: `TransactionTests.anErrorInsideAPipelineRollsAllBack`, `whatComesInPiecesIsRead`
/// * a big pipeline deadlocks a client that only writes: `StatementTests.largeAnswersAndLargeBinds`
/// * a half answer: `anAnswerThatBreaksOffIsNoAnswer`
/// * binary formats: `StatementTests.everyTypeComesBackAsItWas`; NUL cuts text short: `StatementTests.whatCannotBeStoredIsRefusedBeforeItIsSent`
/// * sslmode falls back to plain text: `TLSTests`; messages quote values: `StatementTests.errorsHoldNoValues`
/// * notices go to standard error: `noticesAreNotPrinted`
/// * settings and roles of a pooled connection reach the next user: `TransactionTests.rolesAndSettingsNeverReachTheNextTransaction`
@Suite(.serialized) struct FaultyWireTests {
    private func withProxy<R: Sendable>(
        connections: Int = 1, _ change: (inout PostgresSettings) -> Void = { _ in },
        _ body: (PostgresPool, FaultProxy, PostgresPool) async throws -> R
    ) async throws -> R {
        try await withSchema("identity") { db in
            let proxy = try await FaultProxy(to: db.superuser.port, speaking: .postgres)
            var settings = db.superuser
            settings.port = proxy.port
            settings.maximumConnections = connections
            change(&settings)
            let (pool, direct) = (db.pool(settings), db.pool(db.superuser))
            let result = try await body(pool, proxy, direct)
            await pool.close()
            await direct.close()
            return result
        }
    }

    @Test(arguments: [1, 2, 7]) func whatComesInPiecesIsRead(bytes: Int) async throws {
        try await withProxy { pool, proxy, _ in
            try await proxy.slice(bytes)
            try await pool.run("CREATE TABLE item (id int8 CONSTRAINT item_pkey PRIMARY KEY)")
            for turn in 0..<5 {
                try await pool.transaction { tx async throws in
                    tx.queue("INSERT INTO item VALUES (\(turn))")
                    #expect(try await tx.all("SELECT generate_series(1, 20), repeat('x', 50)", as: Int.self, String.self).count == 20)
                }
                await #expect {
                    try await pool.run(["INSERT INTO item VALUES (\(100 + turn))", "INSERT INTO item VALUES (\(turn))", "SELECT 1"])
                } throws: { ($0 as? DatabaseError)?.constraint == "item_pkey" }
                await #expect { try await pool.transaction { tx in for _ in 1...2 { tx.queue("INSERT INTO item VALUES (\(turn))") } } } throws: {
                    ($0 as? DatabaseError)?.constraint == "item_pkey"
                }
            }
            #expect(try await pool.all("SELECT id FROM item ORDER BY id", as: Int.self) == [0, 1, 2, 3, 4])
            #expect(pool.statistics.connects == 1)
        }
    }

    @Test func commitsThatAreCutOffAreToldApart() async throws {
        try await withProxy { pool, proxy, direct in
            try await direct.run("CREATE TABLE item (id int8)")
            func lost(_ statement: String, _ way: FaultProxy.Way, _ act: FaultProxy.Act) async throws -> DatabaseError.Kind? {
                try await proxy.clear()
                try await direct.run("TRUNCATE item")
                try await proxy.when(statement, toward: way, act)
                let error = await #expect(throws: DatabaseError.self) {
                    try await pool.transaction { tx in
                        try await tx.run("INSERT INTO item VALUES (1)")
                    }
                }
                #expect(try await proxy.status().fired == 1)
                return error?.kind
            }
            func stored() async throws -> Int? { try await direct.first("SELECT count(*) FROM item", as: Int.self) }
            #expect(try await lost("^INSERT", .server, .cut) == .unavailable)
            #expect(try await stored() == 0)
            #expect(try await lost("C INSERT", .client, .cut) == .unavailable)
            #expect(try await stored() == 0)
            #expect(try await lost("^COMMIT", .server, .cut) == .outcomeUnknown)
            #expect(try await stored() == 0)
            #expect(try await lost("C COMMIT", .client, .cut) == .outcomeUnknown)
            #expect(try await stored() == 1)
            // Without BEGIN it is the end of the pipeline that commits.
            try await proxy.clear()
            try await proxy.when("C INSERT", toward: .client, .cut)
            let implicit = await #expect(throws: DatabaseError.self) { try await pool.run(["INSERT INTO item VALUES (2)"]) }
            #expect(implicit?.kind == .outcomeUnknown)
            #expect(try await stored() == 2)
            try await proxy.clear()
            #expect(try await pool.first("SELECT 1", as: Int.self) == 1)
        }
    }

    @Test func aCommitThatRolledBackIsAnError() async throws {
        try await withProxy { pool, _, _ in
            try await pool.run("CREATE TABLE item (id int8 PRIMARY KEY)")
            func commit() async -> DatabaseError? {
                do {
                    try await pool.transaction { tx in
                        try await tx.run("INSERT INTO item VALUES (1)")
                        _ = try? await tx.run("SELECT 1 / 0")
                    }
                    return nil
                } catch { return error as? DatabaseError }
            }
            #expect(await commit()?.sqlState == "22012")
            await Fault.commitTagIgnored.injected { #expect(await commit() == nil) }
            #expect(try await pool.first("SELECT count(*) FROM item", as: Int.self) == 0)
        }
    }

    /// Connections stand and nothing passes, as when a machine hangs: readers, writers and those who connect hear of it in time, and the pool is
    /// whole again afterwards.
    @Test(.timeLimit(.minutes(1))) func aSilentDatabaseIsNoticed() async throws {
        try await withProxy(
            connections: 2,
            {
                $0.statementTimeout = .seconds(1)
                $0.connectTimeout = .seconds(1)
            }
        ) { pool, proxy, _ in
            #expect(try await pool.first("SELECT 1", as: Int.self) == 1)
            try await proxy.freeze()
            let begin = ContinuousClock.now
            // One on the connection there is, one on a new one.
            await withTaskGroup { group in
                for _ in 1...2 {
                    group.addTask {
                        let error = await #expect(throws: DatabaseError.self) { try await pool.first("SELECT 1", as: Int.self) }
                        #expect([.timeout, .unavailable].contains(error?.kind))
                    }
                }
            }
            #expect(ContinuousClock.now - begin < .seconds(12))
            let write = await #expect(throws: DatabaseError.self) {
                try await pool.run("SELECT pg_notify('x', '')", deadline: .now + .milliseconds(500))
            }
            #expect(write?.kind != .other)
            try await proxy.cut()
            try await proxy.thaw()
            #expect(try await pool.first("SELECT 1", as: Int.self) == 1)

            try await Fault.databaseSilenceBelieved.injected {
                try await proxy.freeze()
                let asked = Task { try await pool.first("SELECT 1", as: Int.self) }
                let limit = Task {
                    try await Task.sleep(for: .seconds(5))
                    asked.cancel()
                }
                let error = await #expect(throws: DatabaseError.self) { try await asked.value }
                limit.cancel()
                #expect(error?.kind == .cancelled)
                try await proxy.cut()
                try await proxy.clear()
            }
        }
    }

    @Test func anAnswerThatBreaksOffIsNoAnswer() async throws {
        try await withProxy { pool, proxy, _ in
            try await proxy.limit(200_000, toward: .client)
            let error = await #expect(throws: DatabaseError.self) {
                try await pool.all("SELECT repeat('x', 1000) FROM generate_series(1, 1000)", as: String.self)
            }
            #expect(error?.kind == .unavailable)
            try await proxy.clear()
            #expect(try await pool.all("SELECT repeat('x', 1000) FROM generate_series(1, 1000)", as: String.self).count == 1000)
        }
    }

    @Test func aSlowNetworkChangesNothing() async throws {
        try await withProxy(connections: 4) { pool, proxy, _ in
            try await proxy.delay(.milliseconds(20), jitter: .milliseconds(20))
            let numbers = try await withThrowingTaskGroup { group in
                for number in 0..<40 { group.addTask { try await pool.first("SELECT \(number)", as: Int.self) } }
                return try await group.reduce(into: Set<Int?>()) { $0.insert($1) }
            }
            #expect(numbers.count == 40)
        }
    }

    @Test func noticesAreNotPrinted() async throws {
        let child = try await #require(processExitsWith: .success, observing: [\.standardErrorContent]) {
            try await withSchema("identity") { db in
                let pool = db.pool(db.superuser)
                try await pool.run(SQL(trusted: "DO $$ BEGIN RAISE WARNING 'canary-5150'; END $$"))
                await pool.close()
            }
        }
        #expect(!String(decoding: child.standardErrorContent, as: UTF8.self).contains("canary-5150"))
    }
}
