import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

/// A transaction happens whole or not at all, and says which.
@Suite struct TransactionTests {
    struct Refused: Error {}

    /// A pool of the owner beside a table `item (id int8 PRIMARY KEY)`.
    private func withItems(connections: Int = 4, _ body: (PostgresPool, TestDatabase) async throws -> Void) async throws {
        try await withSchema("scheduling") { db in
            var settings = db.owner
            settings.maximumConnections = connections
            let pool = db.pool(settings)
            try await pool.run("CREATE TABLE item (id int8 CONSTRAINT item_pkey PRIMARY KEY)")
            try await body(pool, db)
            await pool.close()
        }
    }

    private func count(_ pool: PostgresPool) async throws -> Int? { try await pool.first("SELECT count(*) FROM item", as: Int.self) }

    @Test func openingAndQueuedStatementsTravelWithTheFirstOne() async throws {
        try await withItems { (pool, _) async throws in
            let before = pool.statistics.roundTrips
            let row = try await pool.transaction(["SELECT set_config('chartline.patients', \("p1"), true)"]) { tx in
                tx.queue("INSERT INTO item VALUES (1)")
                return try await tx.first("SELECT current_setting('chartline.patients'), count(*) FROM item", as: String.self, Int.self)
            }
            #expect(row?.0 == "p1" && row?.1 == 1)
            #expect(pool.statistics.roundTrips - before == 2)

            try await pool.transaction(["SELECT 1"]) { tx in
                tx.queue("INSERT INTO item VALUES (2)")
                tx.queue("INSERT INTO item VALUES (3)")
            }
            #expect(pool.statistics.roundTrips - before == 3)
            try await pool.transaction(["SELECT 1"]) { _ in }
            #expect(pool.statistics.roundTrips - before == 3)
            #expect(try await count(pool) == 3)
        }
    }

    @Test func theLastStatementOfAQueryTakesCommitWithIt() async throws {
        try await withItems { (pool, _) async throws in
            try await pool.run("INSERT INTO item VALUES (7)")
            let before = pool.statistics.roundTrips
            let (counted, items) = try await pool.transaction(endsWithLast: true) { tx in
                tx.queue("INSERT INTO item VALUES (8)")
                let counted = tx.later("SELECT count(*) FROM item")
                #expect(throws: DatabaseError.self) { _ = try counted.first(as: Int.self) }  // nobody has waited yet
                let items = try await tx.last("SELECT id FROM item ORDER BY id", as: Int.self)
                await #expect(throws: DatabaseError.self) { try await tx.run("INSERT INTO item VALUES (9)") }
                return (try counted.first(as: Int.self), items)
            }
            #expect(counted == 2 && items == [7, 8])
            #expect(pool.statistics.roundTrips - before == 1)
            #expect(try await count(pool) == 2)

            // Nothing is shown that was not committed.
            await #expect(throws: DatabaseError.self) {
                try await pool.transaction(endsWithLast: true) { tx in
                    tx.queue("INSERT INTO item VALUES (7)")
                    _ = try await tx.last("SELECT id FROM item", as: Int.self)
                }
            }
            // Where something follows, the last statement is like any other.
            try await pool.transaction { tx in
                _ = try await tx.last("SELECT id FROM item", as: Int.self)
                tx.queue("INSERT INTO item VALUES (10)")
            }
            #expect(try await count(pool) == 3)
        }
    }

    @Test func aBodyThatThrowsChangesNothing() async throws {
        try await withItems(connections: 1) { (pool, _) async throws in
            await #expect(throws: Refused.self) {
                try await pool.transaction { tx in
                    #expect(try await tx.run("INSERT INTO item VALUES (1), (2)") == 2)
                    throw Refused()
                }
            }
            #expect(try await count(pool) == 0)
            #expect(pool.statistics.connects == 1)
        }
    }

    @Test func anErrorInsideAPipelineRollsAllBack() async throws {
        try await withItems(connections: 1) { (pool, _) async throws in
            for _ in 0..<2 {
                // In a transaction: the failure of a queued statement is the failure of the call that carried it.
                let error = await #expect(throws: DatabaseError.self) {
                    try await pool.transaction { tx in
                        tx.queue("INSERT INTO item VALUES (1)")
                        tx.queue("INSERT INTO item VALUES (1)")
                        try await tx.run("INSERT INTO item VALUES (2)")
                    }
                }
                #expect(error?.kind == .constraint && error?.constraint == "item_pkey" && error?.isRetryable == false)
                // With COMMIT in the same pipeline.
                await #expect { try await pool.transaction { tx in for _ in 1...2 { tx.queue("INSERT INTO item VALUES (1)") } } } throws: {
                    ($0 as? DatabaseError)?.constraint == "item_pkey"
                }
                // Without BEGIN.
                await #expect { try await pool.run(["INSERT INTO item VALUES (1)", "INSERT INTO item VALUES (1)"]) } throws: {
                    ($0 as? DatabaseError)?.constraint == "item_pkey"
                }
                #expect(try await count(pool) == 0)
            }
            #expect(pool.statistics.connects == 1)
        }
    }

    @Test func commitOfAFailedTransactionIsAnError() async throws {
        try await withItems(connections: 1) { (pool, _) async throws in
            let error = await #expect(throws: DatabaseError.self) {
                try await pool.transaction { tx in
                    try await tx.run("INSERT INTO item VALUES (1)")
                    // The swallowed failure comes back at COMMIT, which PostgreSQL answers with the tag ROLLBACK.
                    _ = try? await tx.run("INSERT INTO item VALUES (1)")
                }
            }
            #expect(error?.constraint == "item_pkey")
            #expect(try await count(pool) == 0)
            // Even when nobody saw the failure on this side.
            let unseen = await #expect(throws: DatabaseError.self) {
                try await pool.transaction { tx in
                    try await tx.run("INSERT INTO item VALUES (1)")
                    try await tx.run("ROLLBACK AND CHAIN")
                    _ = try? await tx.run("SELECT 1 / 0")
                }
            }
            #expect(unseen?.sqlState == "22012")
        }
    }

    @Test func aBodyThatEndsTheTransactionItselfIsAnError() async throws {
        try await withItems(connections: 1) { (pool, _) async throws in
            await #expect { try await pool.transaction { tx in try await tx.run("ROLLBACK") } } throws: {
                ($0 as? DatabaseError)?.sqlState == "25P01"
            }
            #expect(try await count(pool) == 0)
        }
    }

    @Test func aDeferredConstraintFailsTheCommit() async throws {
        try await withItems(connections: 1) { (pool, _) async throws in
            try await pool.run("CREATE TABLE part (item int8 CONSTRAINT part_item_fkey REFERENCES item DEFERRABLE INITIALLY DEFERRED)")
            let error = await #expect(throws: DatabaseError.self) {
                try await pool.transaction { tx in try await tx.run("INSERT INTO part VALUES (9)") }
            }
            #expect(error?.kind == .constraint && error?.constraint == "part_item_fkey")
            #expect(try await pool.first("SELECT count(*) FROM part", as: Int.self) == 0)
        }
    }

    @Test func serializationFailuresSaySo() async throws {
        try await withItems { (pool, _) async throws in
            try await pool.run("INSERT INTO item VALUES (1)")
            let error = await #expect(throws: DatabaseError.self) {
                try await pool.transaction(isolation: .repeatableRead) { tx in
                    _ = try await tx.first("SELECT count(*) FROM item", as: Int.self)
                    try await pool.run("UPDATE item SET id = id + 1")
                    try await tx.run("UPDATE item SET id = id + 1")
                }
            }
            #expect(error?.kind == .serialization && error?.isRetryable == true)
            await #expect { try await pool.transaction(readOnly: true) { tx in try await tx.run("DELETE FROM item") } } throws: {
                ($0 as? DatabaseError)?.sqlState == "25006"
            }
        }
    }

    @Test func rolesAndSettingsNeverReachTheNextTransaction() async throws {
        try await withItems { owner, db in
            try await owner.run([
                "CREATE TABLE note (patient text, body text)", "ALTER TABLE note ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE note FORCE ROW LEVEL SECURITY",
                "GRANT SELECT ON note TO scheduling_limited",
                "CREATE POLICY own ON note TO scheduling_limited USING (patient = current_setting('chartline.patients', true))",
                "CREATE POLICY made ON note FOR INSERT TO scheduling_owner WITH CHECK (true)",
                "INSERT INTO note VALUES ('p0', 'a'), ('p1', 'b')",
            ])
            var settings = db.service
            settings.maximumConnections = 1
            let pool = db.pool(settings)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        for turn in 0..<150 {
                            let patient = "p\((task + turn) % 2)"
                            let context: [SQL] = ["SET LOCAL ROLE scheduling_limited", "SELECT set_config('chartline.patients', \(patient), true)"]
                            switch turn % 4 {
                            case 0:  // an explicit transaction
                                let seen = try await pool.transaction(context) { tx in try await tx.all("SELECT patient FROM note", as: String.self) }
                                #expect(seen == [patient])
                            case 1:  // an implicit one
                                #expect(try await pool.all("SELECT patient FROM note", opening: context, as: String.self) == [patient])
                            case 2:  // one that fails
                                _ = try? await pool.transaction(context) { tx in try await tx.run("SELECT 1 / 0") }
                            default:  // no context: not even the right to look
                                let error = await #expect(throws: DatabaseError.self) {
                                    try await pool.all("SELECT patient FROM note", as: String.self)
                                }
                                #expect(error?.kind == .permission)
                                let role = try await pool.first(
                                    "SELECT current_user::text, coalesce(current_setting('chartline.patients', true), '')", as: String.self,
                                    String.self)
                                #expect(role?.0 == "scheduling" && role?.1 == "")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(pool.statistics.connects == 1)
            await pool.close()
        }
    }

    @Test func aThousandTransactionsAtOnce() async throws {
        try await withItems(connections: 8) { (pool, _) async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 0..<1000 {
                    group.addTask {
                        try await pool.transaction { tx async throws in
                            tx.queue("INSERT INTO item VALUES (\(2 * id))")
                            if id % 3 == 0 { #expect(try await tx.first("SELECT id FROM item WHERE id = \(2 * id)", as: Int.self) == 2 * id) }
                            tx.queue("INSERT INTO item VALUES (\(2 * id + 1))")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await count(pool) == 2000)
            #expect(pool.statistics.connections <= 8 && pool.statistics.waiting == 0)
        }
    }

    @Test func aTransactionThatEndedAnswersNoMore() async throws {
        try await withItems { (pool, _) async throws in
            let kept = try await pool.transaction { tx in
                try await tx.run("SELECT 1")
                return tx
            }
            await #expect(throws: DatabaseError.self) { try await kept.run("INSERT INTO item VALUES (1)") }
            #expect(try await count(pool) == 0)
        }
    }

    @Test func callsOfOneTransactionMadeAtOnceTakeTurns() async throws {
        try await withItems { (pool, _) async throws in
            // Many, because who comes first is chance: the one that carries BEGIN has to.
            for _ in 0..<200 {
                let sum = try await pool.transaction { tx in
                    async let one = tx.first("SELECT 1", as: Int.self)
                    async let two = tx.first("SELECT 2", as: Int.self)
                    return try await (one ?? 0) + (two ?? 0)
                }
                #expect(sum == 3)
            }
        }
    }
}
