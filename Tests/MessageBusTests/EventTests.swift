import AMQP
import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport

/// From a committed row to its effect elsewhere, once.
@Suite(.serialized) struct EventTests {
    private func withEcho(_ body: @escaping @Sendable (Rabbit, ServiceUnderTest, PostgresPool) async throws -> Void) async throws {
        try await withService("echo", migrations: Echo.migrations, Echo.build) { service in
            let pool = service.database.pool(service.database.superuser)
            try await withRabbit(service) { try await body($0, service, pool) }
            await pool.close()
        }
    }

    @Test func eachCommittedEventIsAppliedOnce() async throws {
        try await withEcho { rabbit, service, pool in
            let patient = ID<Patient>()
            let me = try await service.keys.patient(patient)
            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        _ = try await rabbit.bus.request(
                            WriteNote(id: UUID(), patient: patient, word: "\(number)", key: UUID()), as: me, within: .seconds(10))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await eventually { try await pool.first("SELECT count(*) FROM counted", as: Int.self) == 100 })
            #expect(try await eventually { try await pool.first("SELECT count(*) FROM outbox", as: Int.self) == 0 })
            #expect(try await pool.first("SELECT count(DISTINCT event) FROM counted", as: Int.self) == 100)
            #expect(try await pool.first("SELECT count(*) FROM sent", as: Int.self) == 100)
        }
    }

    @Test func aMessageDeliveredAgainHasNoSecondEffect() async throws {
        try await withEcho { rabbit, _, pool in
            let event = NoteWritten(id: UUID(), fail: nil)
            let body = try Wire.encode(event)
            let message = UUID().uuidString.lowercased()
            for _ in 0..<10 {
                rabbit.admin.publish(
                    Publication(
                        exchange: "events", routingKey: NoteWritten.name, mandatory: true,
                        properties: Properties(messageID: message, type: NoteWritten.name, userID: "echo", persistent: true), body: body))
            }
            #expect(try await eventually { try await pool.first("SELECT count(*) FROM counted", as: Int.self) == 1 })
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await pool.first("SELECT count(*) FROM counted", as: Int.self) == 1)
        }
    }

    /// What says nothing to its hearer is done with: no effect, nothing to remember, and the next one is not held up.
    @Test func whatIsOfNoInterestCostsNothing() async throws {
        try await withEcho { rabbit, _, pool in
            // More than are taken at once: what is not acknowledged would keep the last one waiting.
            for fail in Array(repeating: "of no interest", count: 64) + [nil] {
                rabbit.admin.publish(
                    Publication(
                        exchange: "events", routingKey: NoteWritten.name, mandatory: true,
                        properties: Properties(messageID: UUID().uuidString, type: NoteWritten.name, userID: "echo", persistent: true),
                        body: try Wire.encode(NoteWritten(id: UUID(), fail: fail))))
            }
            #expect(try await eventually { try await pool.first("SELECT count(*) FROM counted", as: Int.self) == 1 })
            #expect(try await pool.first("SELECT count(*) FROM inbox", as: Int.self) == 1)
        }
    }

    @Test(arguments: ["undecodable", "wrong owner", "no id", "told to"]) func whatCanNeverBeAppliedIsPutAsideWithAReason(_ fault: String) async throws
    {
        try await withEcho { rabbit, _, pool in
            let body =
                fault == "undecodable" ? Array("{\"id\":3}".utf8) : try Wire.encode(NoteWritten(id: UUID(), fail: fault == "told to" ? "dead" : nil))
            let properties = Properties(
                messageID: fault == "no id" ? nil : UUID().uuidString, type: NoteWritten.name, userID: fault == "wrong owner" ? nil : "echo",
                persistent: true)
            rabbit.admin.publish(
                Publication(exchange: "events", routingKey: NoteWritten.name, mandatory: true, properties: properties, body: body))
            let dead = AsyncStream<Delivery>.makeStream()
            _ = try await rabbit.admin.consume("echo.count-on-note-written.dead", noAck: true) { dead.continuation.yield($0) }
            var deliveries = dead.stream.makeAsyncIterator()
            let delivery = await deliveries.next()
            guard case .string(let reason)? = delivery?.properties.headers["chartline-reason"] else {
                Issue.record("no reason")
                return
            }
            let expected = ["undecodable": "undecodable id", "wrong owner": "not-from-its-owner", "no id": "no-id-or-name", "told to": "told-to"]
            #expect(reason.hasPrefix(expected[fault] ?? "?"))
            #expect(try await pool.first("SELECT count(*) FROM counted", as: Int.self) == 0)
        }
    }

    @Test func anEventNoQueueTakesStaysAndHoldsUpNoOther() async throws {
        try await withEcho { rabbit, service, pool in
            try await rabbit.admin.unbind("echo.count-on-note-written", from: "events", routingKey: NoteWritten.name)
            let patient = ID<Patient>()
            let me = try await service.keys.patient(patient)
            _ = try await rabbit.bus.request(WriteNote(id: UUID(), patient: patient, word: "lost?", key: UUID()), as: me)
            #expect(try await eventually { try await pool.first("SELECT count(*) FROM outbox WHERE held_until IS NOT NULL", as: Int.self) == 1 })
            try await rabbit.admin.bind("echo.count-on-note-written", to: "events", routingKey: NoteWritten.name)
            _ = try await rabbit.bus.request(WriteNote(id: UUID(), patient: patient, word: "next", key: UUID()), as: me)
            #expect(try await eventually { try await pool.first("SELECT count(*) FROM counted", as: Int.self) == 1 })
            try await pool.run("UPDATE outbox SET held_until = now()")
            #expect(try await eventually { try await pool.first("SELECT count(*) FROM counted", as: Int.self) == 2 })
        }
    }
}
