import Foundation
import PollLoop
import Postgres
import TestSupport
import Testing

/// LISTEN and the pool come back when the server does. One server of its own: it is stopped.
@Suite struct NotificationTests {
    @Test func listenersHearAndComeBackAfterARestart() async throws {
        let server = try await PrivatePostgres.start()
        let loop = PollLoop(name: "test")
        let pool = PostgresPool(server.settings(), loop: loop)
        var heard = pool.notifications(on: "Outbox").makeAsyncIterator()
        #expect(await heard.next() == "")
        try await pool.run(["SELECT pg_notify('Outbox', \("one"))", "SELECT pg_notify('Outbox', \("two"))"])
        #expect(await heard.next() == "one")
        #expect(await heard.next() == "two")
        #expect(pool.isReachable)

        await server.stop()
        try await eventually { !pool.isReachable }
        #expect(await !pool.ping())
        try await server.start()
        #expect(await heard.next() == "")
        try await pool.run("SELECT pg_notify('Outbox', \("three"))")
        #expect(await heard.next() == "three")
        #expect(await pool.ping() && pool.isReachable)
        await pool.close()
        loop.stop()
    }

    @Test func callersThatWaitThroughARestartAreServed() async throws {
        let server = try await PrivatePostgres.start()
        let loop = PollLoop(name: "test")
        let pool = PostgresPool(server.settings(), loop: loop)
        #expect(await pool.ping())
        await server.stop()
        try await eventually { pool.statistics.connections == 0 }
        async let answers = withThrowingTaskGroup(of: Int?.self) { group in
            for number in 0..<50 { group.addTask { try await pool.first("SELECT \(number)", as: Int.self) } }
            return try await group.reduce(into: 0) { $0 += $1 ?? 0 }
        }
        try await server.start()
        #expect(try await answers == 1225)
        await pool.close()
        loop.stop()
    }

    @Test func aStreamThatIsDroppedGivesItsConnectionBack() async throws {
        try await withSchema("records") { db in
            let pool = db.pool(db.superuser)
            let listening: SQL = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
            do {
                var heard = pool.notifications(on: "a").makeAsyncIterator()
                #expect(await heard.next() == "")
                #expect(try await pool.first(listening, as: Int.self) == 1)
            }
            try await eventually { try await pool.first(listening, as: Int.self) == 0 }
            await pool.close()
        }
    }
}
