import Access
import Contracts
import Crypto
import Faults
import Foundation
import MessageBus
import Postgres
import Sealing
import Synchronization
import Testing
import TestSupport
@testable import Records

/// Keys are replaced while two processes of the service read and write the same patients all the time.
@Suite(.serialized) struct RotationTests {
    private static let observations = 130
    private static let finding = "Qzfinding"

    /// What readers and writers met.
    private final class Load: Sendable {
        private struct State {
            var answers = 0
            var failures: [String] = []
            var ends = false
        }
        private let state = Mutex(State())
        var answers: Int { state.withLock { $0.answers } }
        var failures: [String] { state.withLock { $0.failures } }
        func end() { state.withLock { $0.ends = true } }

        func keep(_ what: String, _ ask: () async throws -> Bool) async {
            while !state.withLock({ $0.ends }) {
                do {
                    let isGood = try await ask()
                    state.withLock { isGood ? $0.answers += 1 : $0.failures.append(what) }
                } catch { state.withLock { $0.failures.append("\(what): \(error)") } }
                try? await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    private func withRecords(
        _ body: @escaping @Sendable (ServiceUnderTest, _ patients: [ID<Patient>], (Registry, Sealer) -> Void) async throws -> Void
    ) async throws {
        let identifiers = SymmetricKey(size: .bits256)
        @Sendable func build(_ registry: Registry, _ sealer: Sealer) {
            RecordsService.answers(registry, RecordStore(sealer: sealer, identifierKey: identifiers))
        }
        try await withService("records", migrations: recordsMigrations) {
            build($0, $1)
        } _: { service in
            var patients: [ID<Patient>] = []
            for _ in 0..<2 { patients += try await service.imported(Self.bundle(), within: .seconds(60)).patients }
            try await body(service, patients, build)
        }
    }

    private static func bundle() -> String {
        func entry(_ id: String, _ type: String, _ members: String) -> String {
            #"{"fullUrl":"\#(id)","request":{"method":"POST","url":"\#(type)"},"resource":{"resourceType":"\#(type)",\#(members)}}"#
        }
        let patient = "urn:uuid:\(UUID().uuidString.lowercased())"
        var entries = [entry(patient, "Patient", #""name":[{"family":"Ortiz","given":["Ana"]}],"birthDate":"1980-02-29""#)]
        entries += (0..<observations).map { number in
            entry(
                "urn:uuid:\(UUID().uuidString.lowercased())", "Observation",
                #""status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2339-0","display":"\#(finding)"}]},"#
                    + #""subject":{"reference":"\#(patient)"},"effectiveDateTime":"2024-05-17T08:30:00Z","valueQuantity":{"value":\#(number)}"#)
        }
        return #"{"resourceType":"Bundle","type":"transaction","entry":[\#(entries.joined(separator: ","))]}"#
    }

    private func read(_ patient: ID<Patient>, _ bus: InMemoryBus, _ token: ActorToken) async throws -> Bool {
        guard case .done(let chart) = try await bus.request(ReadChart(patient: patient), as: token, within: .seconds(20)) else { return false }
        return chart.results.first?.display == Self.finding
    }

    /// Reads what the patient said and says something else; that the other process was faster is an answer too.
    private func write(_ patient: ID<Patient>, _ bus: InMemoryBus, _ token: ActorToken) async throws -> Bool {
        guard case .done(let view) = try await bus.request(ReadConsent(patient: patient), as: token, within: .seconds(20)) else { return false }
        let line = ConsentLine(permits: false, practitioner: .init())
        switch try await bus.request(
            ChangeConsent(patient: patient, lines: [line], version: view.version, key: .v7()), as: token, within: .seconds(20))
        {
        case .done, .refused(.changedMeanwhile): return true
        case .refused: return false
        }
    }

    /// Sealed values by the version that sealed them.
    private func versions(_ service: ServiceUnderTest) async throws -> [Int: Int] {
        let pool = service.database.pool(service.database.superuser)
        let rows = try await pool.all(
            """
            SELECT get_byte(body, 1)::bigint, count(*) FROM (SELECT body FROM resource UNION ALL SELECT body FROM resource_version
                UNION ALL SELECT answer FROM answered UNION ALL SELECT content FROM upload_part) s GROUP BY 1
            """, as: Int.self, Int.self)
        await pool.close()
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.0, $0.1) })
    }

    private func keyLines(_ service: ServiceUnderTest) -> [Int] {
        service.keys.store.patients().map { patient in
            let name = patient.uuidString.lowercased()
            let file = service.keys.folder.appending(path: "\(name.suffix(2))/\(name).key")
            return ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n").count
        }
    }

    /// Replaces every key under load. - Returns: what failed, and how many values the old versions have still sealed.
    private func rotating(
        settling: Duration
    ) async throws -> (failures: [String], old: Int, answers: Int) {
        let outcome = Mutex<([String], Int, Int)>(([], 0, 0))
        try await withRecords { service, patients, build in
            let load = Load()
            let other = try service.instance(build)
            let before = try await versions(service)
            try await withThrowingTaskGroup { group in
                for patient in patients {
                    let token = try await service.keys.patient(patient)
                    for bus in [service.bus, other.bus] {
                        group.addTask { await load.keep("read") { try await read(patient, bus, token) } }
                        group.addTask { await load.keep("write") { try await write(patient, bus, token) } }
                    }
                }
                let resealers = Task {
                    await withTaskGroup { group in
                        group.addTask { await service.resealer().run() }
                        group.addTask { await service.resealer(other.sealer).run() }
                    }
                }
                try await Task.sleep(for: .milliseconds(500))
                for patient in service.keys.store.patients() { try service.keys.store.rotate(patient, settling: settling) }
                let end = ContinuousClock.now + .seconds(60)
                while !service.keys.store.rotations().isEmpty, .now < end { try await Task.sleep(for: .milliseconds(50)) }
                try await Task.sleep(for: .seconds(1))
                load.end()
                resealers.cancel()
                try await group.waitForAll()
            }
            #expect(service.keys.store.rotations() == [])
            #expect(before.keys.sorted() == [1])
            #expect(keyLines(service) == [1, 1, 1], "of each key one version is left")
            let after = try await versions(service)
            #expect(after[2] ?? 0 > 2 * (Self.observations + 1) * patients.count)
            outcome.withLock { $0 = (load.failures, after[1] ?? 0, load.answers) }
        }
        return outcome.withLock { $0 }
    }

    @Test(.timeLimit(.minutes(3))) func noRequestFailsAndNothingIsLeftUnderTheOldKey() async throws {
        let outcome = try await rotating(settling: .seconds(7))
        #expect(outcome.failures == [])
        #expect(outcome.old == 0)
        #expect(outcome.answers > 200)
    }

    #if DEBUG
        @Test(.timeLimit(.minutes(3))) func aProcessThatKnowsOnlyItsOldVersionsWouldFail() async throws {
            let outcome = try await Fault.versionsAreCached.injected { try await rotating(settling: .seconds(7)) }
            #expect(outcome.failures.contains { $0.contains("failed") })
        }
    #endif

    /// A long request, such as an import, got its key before there was a newer one and commits when all else is sealed anew.
    private func slowRequestIsReadable() async throws -> Bool {
        let readable = Mutex(false)
        try await withRecords { service, patients, build in
            let (store, id, patient) = (service.keys.store, UUID(), patients[0].uuid)
            let slow = try service.instance(build).sealer.cipher(for: patient)
            try store.rotate(patient, settling: .seconds(2))
            try await service.resealer().round()
            let place = Place("resource", "body", row: id)
            let body = try slow.seal(Array("{}".utf8), at: place)
            let pool = service.database.pool(service.database.superuser)
            try await pool.run(
                """
                INSERT INTO resource (type, id, patient, version, last_updated, body) VALUES ('Basic', \(id), \(patient), 1, now(), \(body))
                """)
            let (resealer, end) = (service.resealer(), ContinuousClock.now + .seconds(20))
            while !store.rotations().isEmpty, .now < end {
                try await resealer.round()
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(store.rotations() == [])
            let kept = try #require(try await pool.first("SELECT body FROM resource WHERE type = 'Basic' AND id = \(id)", as: [UInt8].self))
            await pool.close()
            let sealer = Sealer(schema: "records", store: service.keys.anotherStore())
            let text = try? sealer.cipher(for: patient).open(kept, at: place)
            readable.withLock { $0 = text == Array("{}".utf8) }
        }
        return readable.withLock { $0 }
    }

    @Test(.timeLimit(.minutes(2))) func whatASlowRequestSealsWithTheOldKeyIsNotLost() async throws {
        #expect(try await slowRequestIsReadable())
        let isReadable = try await Fault.resealingTrustsItself.injected { try await slowRequestIsReadable() }
        #expect(!isReadable, "the wait is what kept it")
    }

    /// Killed after a few batches it goes on where it was; what it cannot open keeps the old key.
    @Test(.timeLimit(.minutes(2))) func sealingAnewGoesOnAfterAnEnd() async throws {
        try await withRecords { service, patients, _ in
            let store = service.keys.store
            // Somebody has changed a value.
            let pool = service.database.pool(service.database.superuser)
            let patient = patients[0].uuid
            func change(by step: Int) async throws {
                try await pool.run(
                    """
                    UPDATE resource SET body = set_byte(body, 20, (get_byte(body, 20) + \(step)::int) % 256)
                    WHERE type = 'Patient' AND id = \(patient)
                    """)
            }
            try await change(by: 1)
            try store.rotate(patient, settling: .zero)
            let first = Task { try await service.resealer().round() }
            while try await versions(service)[2] ?? 0 == 0 { try await Task.sleep(for: .milliseconds(1)) }
            first.cancel()
            _ = await first.result
            #expect(store.rotations().count == 1)
            let half = try await versions(service)[2] ?? 0
            #expect(half < 2 * (Self.observations + 1))
            try await service.resealer().round()
            #expect(store.rotations().first?.done == [])
            try await change(by: 255)
            await pool.close()
            try await service.resealer().round()
            #expect(store.rotations() == [])
            #expect(try await versions(service)[2] == 2 * (Self.observations + 1))
            #expect(try await read(patients[0], service.bus, service.keys.patient(patients[0])))
            #expect(try await read(patients[1], service.bus, service.keys.patient(patients[1])))
        }
    }

    /// A service that is not done keeps the old key.
    @Test(.timeLimit(.minutes(1))) func theOldKeyWaitsForEveryService() async throws {
        try await withRecords { service, patients, _ in
            let store = service.keys.store
            try store.rotate(patients[0].uuid, settling: .zero)
            try await service.resealer(services: ["records", "identity"]).round()
            let me = try await service.keys.operator()
            let services = ["scheduling", "notifications", "identity", "audit", "messaging", "billing", "telemedicine"]
            let others = services.map { KeysView.Waiting(service: $0, keys: 1) }
            #expect(try await service.bus.ask(ReadKeys(), as: me).waiting == others)
            try store.finish(try #require(store.rotations().first), in: "identity")
            try await service.resealer(services: ["records", "identity"]).round()
            #expect(store.rotations() == [])
        }
    }
}
