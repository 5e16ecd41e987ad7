import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport

/// What a bus promises, whatever carries it: run in memory and over RabbitMQ.
@Suite(.serialized) struct ConformanceTests {
    enum Transport: String, CaseIterable { case memory, rabbit }

    /// The service, and a way to ask it.
    private func withEcho(_ transport: Transport, _ body: @escaping @Sendable (any Bus, ServiceUnderTest) async throws -> Void) async throws {
        try await withService("echo", migrations: Echo.migrations, Echo.build) { service in
            switch transport {
            case .memory: try await body(service.bus, service)
            case .rabbit: try await withRabbit(service) { try await body($0.bus, service) }
            }
        }
    }

    @Test(arguments: Transport.allCases) func answersRefusesAndSaysWhatIsWrong(_ transport: Transport) async throws {
        try await withEcho(transport) { bus, service in
            let nurse = try await service.keys.staff()
            #expect(try await bus.request(Say(word: "hello"), as: nurse) == .done(Said(word: "hello")))
            #expect(try await bus.request(Say(word: ""), as: nurse) == .refused(.mute))
            await #expect(throws: BusError.failed) { try await bus.request(Say(word: "crash"), as: nurse) }
            await #expect(throws: BusError.unavailable) { try await bus.request(Say(word: "later"), as: nurse) }
            // The failure left nothing behind: the next one is answered.
            #expect(try await bus.request(Say(word: "again"), as: nurse) == .done(Said(word: "again")))
        }
    }

    @Test(arguments: Transport.allCases) func onlyASignedTokenSaysWhoAsks(_ transport: Transport) async throws {
        try await withEcho(transport) { bus, service in
            let strangers = try await TestKeys()
            let forged = try await strangers.staff()
            let boasting = try await service.keys.token(
                Actor(issuer: "identity", role: .nurse, account: .init(), purpose: "treatment"), signedBy: "portal")
            let gateway = try await service.keys.gateway("portal")
            for token in [forged, boasting, gateway, ActorToken("x.y.z"), ActorToken("")] {
                await #expect(throws: BusError.notAllowed) { try await bus.request(Say(word: "hello"), as: token) }
            }
            let pool = service.database.pool(service.database.superuser)
            #expect(try await pool.first("SELECT count(*) FROM audit_entry WHERE outcome = 'denied'", as: Int.self) == 5)
            await pool.close()
        }
    }

    @Test(arguments: Transport.allCases) func aKeyIsAnsweredOnce(_ transport: Transport) async throws {
        try await withEcho(transport) { bus, service in
            let patient = ID<Patient>()
            let me = try await service.keys.patient(patient)
            let command = WriteNote(id: UUID(), patient: patient, word: "first", key: UUID())
            let answers = try await withThrowingTaskGroup { group in
                for _ in 0..<20 { group.addTask { try await bus.request(command, as: me, within: .seconds(10)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0 == .done(Said(word: "first")) })
            #expect(try await bus.ask(ReadNotes(patient: patient), as: me).words == ["first"])
            #expect(try await service.emitted(NoteWritten.self).count == 1)

            var other = command
            other.word = "second"
            await #expect(throws: BusError.keyReused) { try await bus.request(other, as: me) }
            let thief = ID<Patient>()
            let notTheirs = try await service.keys.patient(thief, patient)
            await #expect(throws: BusError.keyReused) { try await bus.request(command, as: notTheirs) }

            other.key = UUID()
            #expect(try await bus.request(other, as: me) == .refused(.idInUse))
            #expect(try await bus.request(other, as: me) == .refused(.idInUse))
            #expect(try await bus.ask(ReadNotes(patient: patient), as: me).words == ["first"])
        }
    }

    @Test(arguments: Transport.allCases) func nobodySeesAnothersRows(_ transport: Transport) async throws {
        try await withEcho(transport) { bus, service in
            let (maria, leo) = (ID<Patient>(), ID<Patient>())
            let nurse = try await service.keys.staff()
            for (patient, word) in [(maria, "maria's"), (leo, "leo's")] {
                _ = try await bus.request(WriteNote(id: UUID(), patient: patient, word: word, key: UUID()), as: nurse)
            }
            // The handler asks for all rows; the database shows the asker's.
            #expect(try await bus.ask(ReadNotes(patient: maria), as: try await service.keys.patient(maria)).words == ["maria's"])
            #expect(try await bus.ask(ReadNotes(patient: maria), as: nurse).words == ["leo's", "maria's"])
            await #expect(throws: BusError.notAllowed) { try await bus.ask(ReadNotes(patient: leo), as: try await service.keys.patient(maria)) }
            // Sixty requests of two people over the same connections: no context is left behind.
            try await withThrowingTaskGroup { group in
                for turn in 0..<60 {
                    let (who, word) = turn.isMultiple(of: 2) ? (maria, "maria's") : (leo, "leo's")
                    group.addTask {
                        let words = try await bus.ask(ReadNotes(patient: who), as: try await service.keys.patient(who), within: .seconds(10)).words
                        #expect(words == [word])
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: Transport.allCases) func workIsNotDoneAfterItsDeadline(_ transport: Transport) async throws {
        try await withEcho(transport) { bus, service in
            let nurse = try await service.keys.staff()
            let started = ContinuousClock.now
            await #expect(throws: (any Error).self) {
                try await bus.request(Say(word: "slow", waitMilliseconds: 3_000), as: nurse, within: .milliseconds(300))
            }
            #expect(ContinuousClock.now - started < .milliseconds(1_500))
            await #expect(throws: BusError.timeout) { try await bus.request(Say(word: "late"), as: nurse, within: .zero) }
        }
    }

    @Test(arguments: Transport.allCases) func everyAnswerIsInTheTrail(_ transport: Transport) async throws {
        try await withEcho(transport) { bus, service in
            let patient = ID<Patient>()
            let me = try await service.keys.patient(patient)
            _ = try await bus.ask(ReadNotes(patient: patient), as: me)
            _ = try await bus.request(WriteNote(id: UUID(), patient: patient, word: "", key: UUID()), as: me)
            _ = try await bus.request(WriteNote(id: UUID(), patient: patient, word: "x", key: UUID()), as: me)
            await #expect(throws: BusError.notAllowed) { try await bus.ask(ReadNotes(patient: .init()), as: me) }
            let pool = service.database.pool(service.database.superuser)
            let trail = try await pool.all("SELECT action || ' ' || outcome FROM audit_entry ORDER BY at, id", as: String.self)
            await pool.close()
            #expect(trail == ["echo.read-notes.v1 done", "echo.write-note.v1 refused", "echo.write-note.v1 done", "echo.read-notes.v1 denied"])
        }
    }

    @Test func aServiceThatIsAwayIsSaidToBeAway() async throws {
        try await withService("echo", migrations: Echo.migrations, Echo.build) { service in
            try await withRabbit(service, serving: false) { rabbit in
                let started = ContinuousClock.now
                await #expect(throws: BusError.unavailable) {
                    try await rabbit.bus.request(Say(word: "hello"), as: try await service.keys.staff(), within: .seconds(4))
                }
                #expect(ContinuousClock.now - started < .seconds(3))
            }
        }
    }
}
