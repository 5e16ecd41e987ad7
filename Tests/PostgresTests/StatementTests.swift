import Foundation
import PollLoop
import Postgres
import TestSupport
import Testing

/// What goes into a statement comes back out.
@Suite struct StatementTests {
    enum Light: String, PostgresEncodable, PostgresDecodable { case red, green }

    @Test func textAndBindsStayApart() {
        let name = "O'Brien"
        let inner: SQL = "name = \(name) AND price = '$1'"
        let sql: SQL = "SELECT \(1) FROM \(identifier: "patient") WHERE \(inner) ORDER BY id \(raw: "DESC")"
        #expect(sql.text == "SELECT $1 FROM \"patient\" WHERE name = $2 AND price = '$1' ORDER BY id DESC")
        #expect(sql.binds.count == 2)
        let many = (1...11).reduce("SELECT 0" as SQL) { $0 + ", \($1)" }
        #expect(many.text.hasSuffix("$9, $10, $11"))
        #expect((many + many).text.hasSuffix("$20, $21, $22"))
        #expect((many + many).binds.count == 22)
    }

    @Test func everyTypeComesBackAsItWas() async throws {
        try await withSchema("records") { db in
            let pool = db.pool(db.service)
            let id = UUID()
            let when = Date(timeIntervalSinceReferenceDate: 812_345_678.123456)
            let row = try await pool.first(
                """
                SELECT \(true), \(-7), \(Int32.min), \(Int64.max), \(0.1), \("día $1 \u{1F600}")::text, \(id),
                    \(when), \([0, 255] as [UInt8]), \(Data())
                """, as: Bool.self, Int.self, Int32.self, Int64.self, Double.self, String.self, UUID.self, Date.self, [UInt8].self, Data.self)
            let found = try #require(row)
            #expect(found.0 && found.1 == -7 && found.2 == .min && found.3 == .max && found.4 == 0.1)
            #expect(found.5 == "día $1 \u{1F600}" && found.6 == id && found.8 == [0, 255] && found.9.isEmpty)
            #expect(abs(found.7.timeIntervalSince(when)) < 0.000_001)

            let arrays = try #require(
                try await pool.first(
                    "SELECT \([id, UUID()]), \(["a", "", "é"]), \([1, -1]), \([] as [Int64]), \([when])",
                    as: [UUID].self, [String].self, [Int].self, [Int64].self, [Date].self))
            #expect(arrays.0.first == id && arrays.1 == ["a", "", "é"] && arrays.2 == [1, -1] && arrays.3.isEmpty && arrays.4.count == 1)

            let nothing = try await pool.first(
                "SELECT \(nil as UUID?), \(nil as String?)::text, \(nil as [Int]?), \(1 as Int?)", as: UUID?.self, String?.self, [Int]?.self,
                Int?.self)
            let nulls = try #require(nothing)
            #expect(nulls.0 == nil && nulls.1 == nil && nulls.2 == nil && nulls.3 == 1)
            await pool.close()
        }
    }

    @Test func textReachesColumnsOfEveryKind() async throws {
        try await withSchema("records") { db in
            let owner = db.pool(db.owner)
            try await owner.run([
                "CREATE TYPE light AS ENUM ('red', 'green')",
                "CREATE TABLE thing (l light, j jsonb, d date, n numeric, small smallint, c \"char\", name varchar(20))",
            ])
            try await owner.run(
                "INSERT INTO thing VALUES (\(Light.green), \("{\"a\": 1.10}"), \("2024-02-29"), \("1.10"), \(3), \("x"), \("Ana"))")
            let row = try #require(
                try await owner.first(
                    "SELECT l, j, d::text, n::text, small, c, name FROM thing",
                    as: Light.self, String.self, String.self, String.self, Int.self, String.self, String.self))
            #expect(
                row.0 == .green && row.1 == "{\"a\": 1.10}" && row.2 == "2024-02-29" && row.3 == "1.10" && row.4 == 3 && row.5 == "x"
                    && row.6 == "Ana")
            await owner.close()
        }
    }

    @Test func whatCannotBeStoredIsRefusedBeforeItIsSent() async throws {
        try await withSchema("records") { db in
            let pool = db.pool(db.service)
            await #expect(throws: DatabaseError(.other, sqlState: "22021", reason: "a value cannot be stored", statement: "SELECT $1::text")) {
                try await pool.first("SELECT \("a\u{0}b")::text", as: String.self)
            }
            await #expect { try await pool.run(["SELECT \(["a", "\u{0}"])"]) } throws: { ($0 as? DatabaseError)?.sqlState == "22021" }
            await #expect { try await pool.run("SELECT \(Date(timeIntervalSinceReferenceDate: .infinity))") } throws: {
                ($0 as? DatabaseError)?.sqlState == "22008"
            }
            #expect(pool.statistics.roundTrips == 0)
            await pool.close()
        }
    }

    @Test func aColumnOfAnotherTypeIsAnErrorNotATrap() async throws {
        try await withSchema("records") { db in
            let pool = db.pool(db.service)
            func expectDecodingError(_ sql: SQL, as type: (some PostgresDecodable).Type) async {
                await #expect { try await pool.first(sql, as: type) } throws: { ($0 as? DatabaseError)?.kind == .decoding }
            }
            await expectDecodingError("SELECT 1.5", as: String.self)
            await expectDecodingError("SELECT 'x'::text", as: Int.self)
            await expectDecodingError("SELECT NULL::int8", as: Int.self)
            await expectDecodingError("SELECT 3000000000", as: Int32.self)
            await expectDecodingError("SELECT ARRAY[[1],[2]]::int8[]", as: [Int].self)
            await expectDecodingError("SELECT ARRAY[1, NULL]::int8[]", as: [Int].self)
            await expectDecodingError("SELECT 1, 2", as: Int.self)
            await expectDecodingError("SELECT 'blue'::text", as: Light.self)
            let infinity = try await pool.first("SELECT 'infinity'::timestamptz", as: Date.self)
            #expect(infinity == .distantFuture)
            await pool.close()
        }
    }

    @Test func largeAnswersAndLargeBinds() async throws {
        try await withSchema("records") { db in
            let pool = db.pool(db.service)
            let answer = try await pool.first("SELECT repeat('x', 4 * 1024 * 1024)", as: String.self)
            #expect(answer?.utf8.count == 4 << 20)
            let bytes = [UInt8](repeating: 7, count: 8 << 20)
            #expect(try await pool.first("SELECT \(bytes)", as: [UInt8].self) == bytes)
            // Both directions at once and far above the socket's buffers: a client that only writes would wait for ever.
            let statements = [SQL](repeating: "SELECT \(bytes)", count: 4)
            try await pool.run(statements)
            #expect(try await pool.all("SELECT generate_series(1, 100000)", as: Int.self).count == 100_000)
            await pool.close()
        }
    }

    @Test func moreTextsThanAConnectionKeeps() async throws {
        try await withSchema("records") { db in
            var settings = db.service
            settings.maximumConnections = 1
            let pool = db.pool(settings)
            for number in 0..<1200 {
                var sql: SQL = "SELECT \(number)"
                for bit in 0..<11 { sql += number >> bit & 1 == 1 ? ", 1" : ", 0" }
                try await pool.run(sql)
            }
            #expect(try await pool.first("SELECT count(*) <= 501 FROM pg_prepared_statements", as: Bool.self) == true)
            #expect(pool.statistics.connects == 1)
            await pool.close()
        }
    }

    @Test func aChangedTableHealsByItself() async throws {
        try await withSchema("records") { db in
            let owner = db.pool(db.owner)
            try await owner.run(["CREATE TABLE thing (a int8)", "INSERT INTO thing VALUES (1)"])
            #expect(try await owner.all("SELECT * FROM thing", as: Int.self) == [1])
            try await owner.run("ALTER TABLE thing ALTER a TYPE text")
            await #expect(throws: DatabaseError.self) { try await owner.all("SELECT * FROM thing", as: String.self) }
            #expect(try await owner.all("SELECT * FROM thing", as: String.self) == ["1"])
            await owner.close()
        }
    }

    @Test func errorsHoldNoValues() async throws {
        try await withSchema("records") { db in
            let owner = db.pool(db.owner)
            try await owner.run("CREATE TABLE person (name text CONSTRAINT person_name_key UNIQUE)")
            try await owner.run("INSERT INTO person VALUES (\("Secret Name"))")
            let error = await #expect(throws: DatabaseError.self) { try await owner.run("INSERT INTO person VALUES (\("Secret Name"))") }
            #expect(error?.kind == .constraint && error?.sqlState == "23505" && error?.constraint == "person_name_key" && error?.table == "person")
            #expect(!String(reflecting: error).contains("Secret"))
            #expect(!"\(db.owner)".contains(db.owner.password) && !String(reflecting: db.owner).contains(db.owner.password))
            var text = ""
            dump(db.owner, to: &text)
            #expect(!text.contains(db.owner.password))
            await owner.close()
        }
    }
}
