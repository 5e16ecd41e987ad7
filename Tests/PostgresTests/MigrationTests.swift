import Foundation
import Postgres
import TestSupport
import Testing

/// The schema moves forward, once, and never past what this build knows.
@Suite struct MigrationTests {
    /// A folder of migrations that lasts as long as the test.
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("migrations-\(UUID().uuidString)")
        init(_ files: [String: String]) throws {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
            for (name, text) in files { try write(name, text) }
        }
        func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: url.appendingPathComponent(name)) }
        deinit { try? FileManager.default.removeItem(at: url) }
    }

    private let first = """
        -- Two statements, a comment; and a body with semicolons.
        CREATE TABLE slot (id uuid PRIMARY KEY, name text, EXCLUDE USING gist (id WITH =));
        CREATE FUNCTION two() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 2; END $$;
        """

    @Test func filesAreAppliedInOrderAndOnce() async throws {
        try await withSchema("records") { db in
            let folder = try Folder([
                "0001_slot.sql": first, "0002_more.sql": "ALTER TABLE slot ADD at timestamptz; INSERT INTO slot (id) VALUES (gen_random_uuid())",
            ])
            try await Migrations(folder: folder.url).apply(to: db.owner, schema: "records")
            try folder.write("0010_later.sql", "CREATE INDEX ON slot USING gin (name gin_trgm_ops)")
            try await Migrations(folder: folder.url).apply(to: db.owner, schema: "records")
            try await Migrations(folder: folder.url).apply(to: db.owner, schema: "records")
            let owner = db.pool(db.owner)
            let rows = try await owner.all(
                "SELECT number, name, sha256 FROM records.schema_migration ORDER BY number", as: Int.self, String.self, String.self)
            #expect(rows.map(\.0) == [1, 2, 10] && rows.map(\.1) == ["slot", "more", "later"] && rows.allSatisfy { $0.2.count == 64 })
            #expect(try await owner.first("SELECT count(*) FROM slot", as: Int.self) == 1)
            await owner.close()
        }
    }

    @Test func twoRunnersAtOnceApplyEachFileOnce() async throws {
        try await withSchema("records") { db in
            let folder = try Folder([
                "0001_slot.sql": first, "0002_one.sql": "SELECT pg_sleep(0.2); INSERT INTO slot (id) VALUES (gen_random_uuid())",
            ])
            let migrations = try Migrations(folder: folder.url)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addTask { try await migrations.apply(to: db.owner, schema: "records") } }
                try await group.waitForAll()
            }
            let owner = db.pool(db.owner)
            #expect(try await owner.first("SELECT count(*) FROM slot", as: Int.self) == 1)
            await owner.close()
        }
    }

    @Test func aFileThatFailsLeavesNothing() async throws {
        try await withSchema("records") { db in
            let folder = try Folder(["0001_slot.sql": first, "0002_bad.sql": "CREATE TABLE half (a int); SELECT 1 / 0; CREATE TABLE other (a int)"])
            let error = await #expect(throws: Migrations.Problem.self) {
                try await Migrations(folder: folder.url).apply(to: db.owner, schema: "records")
            }
            #expect(error == .failed(file: "0002_bad.sql", DatabaseError(.other, sqlState: "22012")))
            try folder.write("0002_bad.sql", "CREATE TABLE half (a int); COMMIT; BEGIN")
            let owner = db.pool(db.owner)
            #expect(try await owner.all("SELECT number FROM schema_migration", as: Int.self) == [1])
            #expect(try await owner.first("SELECT to_regclass('half')::text", as: String?.self) == .some(nil))
            await owner.close()
        }
    }

    @Test func aFileMayNotEndItsTransaction() async throws {
        try await withSchema("records") { db in
            let folder = try Folder(["0001_slot.sql": "CREATE TABLE half (a int); COMMIT"])
            await #expect(
                throws: Migrations.Problem.failed(
                    file: "0001_slot.sql", DatabaseError(.other, sqlState: "25P01", reason: "a statement ended the transaction"))
            ) {
                try await Migrations(folder: folder.url).apply(to: db.owner, schema: "records")
            }
        }
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        try await withSchema("records") { db in
            let folder = try Folder(["0001_slot.sql": first, "0003_c.sql": "SELECT 1"])
            let run = { @Sendable (folder: URL) async throws in try await Migrations(folder: folder).apply(to: db.owner, schema: "records") }
            try await run(folder.url)
            try folder.write("0002_b.sql", "SELECT 1")
            await #expect(throws: Migrations.Problem.outOfOrder(file: "0002_b.sql")) { try await run(folder.url) }
            try folder.write("0001_slot.sql", first + " ")
            await #expect(throws: Migrations.Problem.changedAfterItWasApplied(file: "0001_slot.sql")) { try await run(folder.url) }
            let older = try Folder(["0001_slot.sql": first])
            await #expect(throws: Migrations.Problem.unknownToThisBuild(number: 3, name: "c")) { try await run(older.url) }
        }
        let bad = try Folder(["1_slot.sql": ""])
        #expect(throws: Migrations.Problem.badName(file: "1_slot.sql")) { try Migrations(folder: bad.url) }
        let double = try Folder(["0001_a.sql": "", "0001_b.sql": ""])
        #expect(throws: Migrations.Problem.duplicateNumber(1)) { try Migrations(folder: double.url) }
        #expect(throws: Migrations.Problem.self) { try Migrations(folder: bad.url.appendingPathComponent("missing")) }
    }

    @Test func aLockHeldByOthersIsWaitedForInShortTurns() async throws {
        try await withSchema("records") { db in
            let folder = try Folder(["0001_slot.sql": first])
            try await Migrations(folder: folder.url).apply(to: db.owner, schema: "records")
            try folder.write("0002_more.sql", "ALTER TABLE slot ADD more text")
            let owner = db.pool(db.owner)
            let holder = Task {
                try await owner.transaction { tx in
                    try await tx.run("SELECT * FROM slot")
                    try await Task.sleep(for: .seconds(3))
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            try await Migrations(folder: folder.url).apply(to: db.owner, schema: "records")
            try await holder.value
            #expect(try await owner.first("SELECT count(*) FROM schema_migration", as: Int.self) == 2)
            await owner.close()
        }
    }
}
