import Access
import Contracts
import Crypto
import Faults
import Foundation
import MessageBus
import Postgres
import Sealing
import Testing
import TestSupport
@testable import Records

/// A record is destroyed: its text can be read by nobody, in the database and in a copy of it from before.
@Suite(.serialized) struct DestructionTests {
    fileprivate struct Clinic: Sendable {
        let service: ServiceUnderTest
        let ana: ID<Patient>
        let ray: ID<Patient>
        let me: ActorToken
        let store: RecordStore

        func carryOut() async throws { try await service.pool.asWorker(of: "records") { [store] tx in try await store.carryOut(in: tx) } }
        func keepDestroyed() async throws { try await service.pool.asWorker(of: "records") { [store] tx in try await store.keepDestroyed(in: tx) } }

        func chart(of patient: ID<Patient>, _ bus: InMemoryBus? = nil) async throws -> Chart? {
            let answer = try await (bus ?? service.bus).request(ReadChart(patient: patient), as: service.keys.patient(patient), within: .seconds(20))
            if case .done(let chart) = answer { return chart }
            return nil
        }

        func destroy(
            _ patient: ID<Patient>, named name: String = "Ana  núñez-Ortiz", reason: String = "Retention has ended"
        ) async throws
            -> Answer<DestroyRecord>
        {
            try await service.bus.request(DestroyRecord(order: .init(), patient: patient, reason: reason, confirmation: name), as: me)
        }
    }

    private func withClinic(_ body: @escaping @Sendable (Clinic) async throws -> Void) async throws {
        let identifiers = SymmetricKey(size: .bits256)
        try await withRecords(identifierKey: identifiers) { service in
            let me = try await service.keys.operator()
            func entry(_ number: Int, _ type: String, _ members: String) -> String {
                let url = "urn:uuid:00000000-0000-4000-8000-00000000000\(number)"
                return #"{"fullUrl":"\#(url)","request":{"method":"POST","url":"\#(type)"},"resource":{"resourceType":"\#(type)",\#(members)}}"#
            }
            func condition(_ number: Int, of patient: Int, _ words: String) -> String {
                let subject = "urn:uuid:00000000-0000-4000-8000-00000000000\(patient)"
                return entry(number, "Condition", #""subject":{"reference":"\#(subject)"},"code":{"text":"\#(words)"}"#)
            }
            let entries = [
                entry(1, "Patient", #""name":[{"family":"Núñez-Ortiz","given":["Ana"]}],"birthDate":"1980-02-29""#),
                entry(2, "Patient", #""name":[{"family":"Bell","given":["Ray"]}],"birthDate":"1971-03-01""#), condition(3, of: 1, "Qzcondition"),
                condition(4, of: 2, "Rzcondition"),
            ]
            let file = #"{"resourceType":"Bundle","type":"transaction","entry":[\#(entries.joined(separator: ","))]}"#
            let outcome = try await service.imported(file)
            guard outcome.patients.count == 2 else { throw TryLater("refused") }
            let patients = try await service.bus.ask(FindPatients(text: "Bell"), as: service.keys.staff()).patients
            guard let ray = patients.first?.id, let ana = outcome.patients.first(where: { $0 != ray }) else { throw TryLater("not found") }
            try await body(
                Clinic(
                    service: service, ana: ana, ray: ray, me: me,
                    store: RecordStore(sealer: service.sealer, identifierKey: identifiers)))
        }
    }

    @Test(.timeLimit(.minutes(2))) func aDestroyedRecordIsGoneHereAndInACopyFromBefore() async throws {
        try await withClinic { clinic in
            let service = clinic.service
            #expect(try await clinic.chart(of: clinic.ana)?.conditions.map(\.display) == ["Qzcondition"])
            try await withCopy(of: service) { copy in
                #expect(try await clinic.destroy(clinic.ana) == .done(Done()))
                try await clinic.carryOut()
                let date = try #require(service.keys.store.destroyed(clinic.ana.uuid))
                let told = BusError.destroyed(Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down)))

                // Every way to its text says so, and nothing else changes.
                let ana = try await service.keys.patient(clinic.ana)
                await #expect(throws: told) { _ = try await clinic.chart(of: clinic.ana) }
                await #expect(throws: told) { try await service.bus.request(ReadConsent(patient: clinic.ana), as: ana) }
                await #expect(throws: told) {
                    try await service.bus.request(ReadResultSeries(patient: clinic.ana, result: .init()), as: ana)
                }
                await #expect(throws: told) {
                    try await service.bus.request(ChangeConsent(patient: clinic.ana, lines: [], version: 0, key: .v7()), as: ana)
                }
                #expect(try await clinic.chart(of: clinic.ray)?.conditions.map(\.display) == ["Rzcondition"])
                #expect(try await service.bus.ask(FindPatients(text: "ortiz"), as: service.keys.staff()).patients == [])
                #expect(try await service.bus.ask(FindPatients(text: "1980-02-29"), as: service.keys.staff()).patients == [])
                #expect(try await service.bus.ask(CountResources(), as: clinic.me).counts == ["Patient": 1, "Condition": 1])
                // The file it came from does not bring it back.
                await #expect(throws: told) { try await importing(again: clinic) }

                // The same service over the copy: the rows are there, and nobody can read them.
                await #expect(throws: told) { _ = try await clinic.chart(of: clinic.ana, copy.bus) }
                #expect(try await clinic.chart(of: clinic.ray, copy.bus)?.conditions.map(\.display) == ["Rzcondition"])
                #expect(try await clinic.opened(by: service.keys.store, in: copy.pool) == ["Rzcondition"])

                let pool = service.database.pool(service.database.superuser)
                let entries = try await pool.all(
                    "SELECT outcome || ' ' || coalesce(reason, '') FROM audit_entry WHERE action = 'records.destroy-record.v1'", as: String.self)
                #expect(entries == ["done "])
                let asked = try await pool.all(
                    "SELECT DISTINCT outcome || ' ' || coalesce(reason, '') FROM audit_entry WHERE reason = 'destroyed'", as: String.self)
                #expect(asked == ["refused destroyed"])
                await pool.close()
            }
        }
    }

    /// What `deploy/…/restore` brings back: the database as it was, in the service's place.
    @Test(.timeLimit(.minutes(1))) func aRestoredDatabaseIsBroughtUpToDate() async throws {
        try await withClinic { clinic in
            _ = try await clinic.destroy(clinic.ana)
            try await clinic.carryOut()
            let pool = clinic.service.database.pool(clinic.service.database.superuser)
            let ana = clinic.ana.uuid
            try await pool.run([
                "UPDATE patient SET name = 'Ana Núñez-Ortiz', destroyed_at = NULL WHERE id = \(ana)",
                "INSERT INTO patient_name (patient, words) VALUES (\(ana), ' ana nunez ortiz')",
                "UPDATE resource SET deleted = false WHERE patient = \(ana)", "DELETE FROM record_order",
            ])
            #expect(try await clinic.service.bus.ask(FindPatients(text: "ortiz"), as: clinic.service.keys.staff()).total == 1)
            try await clinic.keepDestroyed()
            #expect(try await clinic.service.bus.ask(FindPatients(text: "ortiz"), as: clinic.service.keys.staff()).total == 0)
            #expect(try await pool.first("SELECT destroyed_at IS NOT NULL FROM patient WHERE id = \(ana)", as: Bool.self) == true)
            await pool.close()
        }
    }

    /// A key store from before, beside the database of now.
    @Test(.timeLimit(.minutes(1))) func aKeyThatCameBackIsDestroyedAgain() async throws {
        try await withClinic { clinic in
            let keys = clinic.service.keys
            let name = clinic.ana.uuid.uuidString.lowercased()
            let file = keys.folder.appending(path: "\(name.suffix(2))/\(name).key")
            let saved = try Data(contentsOf: file)
            _ = try await clinic.destroy(clinic.ana)
            try await clinic.carryOut()
            try FileManager.default.removeItem(at: keys.folder.appending(path: "destroyed"))
            try saved.write(to: file)
            let before = try clinic.service.keys.anotherStore().key(of: clinic.ana.uuid)
            #expect(before.bitCount == 256)
            // And from when nothing might be destroyed yet.
            try keys.anotherStore().hold(clinic.ana.uuid)
            try await clinic.keepDestroyed()
            #expect(throws: SealingError.self) { try keys.anotherStore().key(of: clinic.ana.uuid) }
        }
    }

    @Test(.timeLimit(.minutes(1))) func aHoldPreventsIt() async throws {
        try await withClinic { clinic in
            let bus = clinic.service.bus
            let hold = HoldRecord(order: .init(), patient: clinic.ana, reason: "Case 17")
            #expect(try await bus.request(hold, as: clinic.me) == .done(Done()))
            // Not yet in the key store, and a hold all the same.
            #expect(try await clinic.destroy(clinic.ana) == .refused(.held))
            try await clinic.carryOut()
            #expect(clinic.service.keys.store.isHeld(clinic.ana.uuid))
            #expect(try await clinic.destroy(clinic.ana) == .refused(.held))
            try await Fault.holdsAreIgnored.injected { _ = try await clinic.destroy(clinic.ray, named: "Ray Bell") }
            try await clinic.carryOut()

            // A database from before the hold knows nothing of it; the key store does.
            let pool = clinic.service.database.pool(clinic.service.database.superuser)
            let ana = clinic.ana.uuid
            try await pool.run("DELETE FROM record_order WHERE patient = \(ana)")
            #expect(try await clinic.destroy(clinic.ana) == .refused(.held))
            await pool.close()
            #expect(try await clinic.chart(of: clinic.ana) != nil)

            let release = ReleaseRecord(order: .init(), patient: clinic.ana, reason: "Case 17 is closed")
            #expect(try await bus.request(release, as: clinic.me) == .done(Done()))
            try await clinic.carryOut()
            #expect(try await clinic.destroy(clinic.ana, named: "Ana Nunez") == .refused(.notConfirmed))
            #expect(try await clinic.destroy(clinic.ana, reason: " x ") == .refused(.reasonMissing))
            #expect(try await clinic.destroy(.init()) == .refused(.notFound))
            #expect(try await clinic.destroy(clinic.ana) == .done(Done()))
            #expect(try await clinic.destroy(clinic.ana) == .refused(.destroyed))
            try await clinic.carryOut()
            let orders = try await bus.ask(ReadRecordOrders(patient: clinic.ana), as: clinic.me).orders
            #expect(orders.map(\.kind) == ["destroy", "release"])
            #expect(orders.map(\.outcome) == ["done", "done"])
            #expect(orders.last?.reason == "Case 17 is closed")
            let view = try await bus.ask(ReadKeys(), as: clinic.me)
            #expect((view.held, view.destroyed) == (0, 2))
        }
    }

    /// Keys that are being replaced, and one of them is destroyed meanwhile.
    @Test(.timeLimit(.minutes(1))) func sealingAnewLeavesADestroyedRecordAlone() async throws {
        try await withClinic { clinic in
            let store = clinic.service.keys.store
            for patient in store.patients() { try store.rotate(patient, settling: .zero) }
            _ = try await clinic.destroy(clinic.ana)
            try await clinic.carryOut()
            try await clinic.service.resealer().round()
            #expect(store.rotations() == [])
            #expect(try await clinic.chart(of: clinic.ray)?.conditions.map(\.display) == ["Rzcondition"])
            #expect(throws: SealingError.self) { try store.rotate(clinic.ana.uuid) }
        }
    }

    private func importing(again clinic: Clinic) async throws {
        let url = "urn:uuid:00000000-0000-4000-8000-000000000001"
        let patient = #"{"resourceType":"Patient","name":[{"family":"Núñez","given":["Ana"]}]}"#
        let entry = #"{"fullUrl":"\#(url)","request":{"method":"POST","url":"Patient"},"resource":\#(patient)}"#
        _ = try await clinic.service.importing(#"{"resourceType":"Bundle","type":"transaction","entry":[\#(entry)]}"#)
    }

    /// The database as a backup of its files has it, and the service over it.
    private func withCopy(
        of service: ServiceUnderTest, _ body: @escaping @Sendable ((bus: InMemoryBus, pool: PostgresPool)) async throws -> Void
    ) async throws {
        var settings = service.database.superuser
        settings.database = "postgres"
        let server = service.database.pool(settings)
        let name = "\(service.database.database)_copy"
        try await server.run(
            SQL(trusted: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(service.database.database)'"))
        try await server.run(SQL(trusted: "CREATE DATABASE \(name) TEMPLATE \(service.database.database)"))
        var inside = service.database.service
        inside.database = name
        let pool = service.database.pool(inside)
        let instance = try service.instance(pool: pool) { registry, sealer in
            RecordsService.answers(registry, RecordStore(sealer: sealer, identifierKey: SymmetricKey(size: .bits256)))
        }
        do { try await body((instance.bus, pool)) } catch {
            await pool.close()
            throw error
        }
        await pool.close()
        try await server.run(SQL(trusted: "DROP DATABASE \(name) WITH (FORCE)"))
        await server.close()
    }
}

extension DestructionTests.Clinic {
    /// What of the conditions in a database opens with any key there is.
    fileprivate func opened(by keys: KeyStore, in pool: PostgresPool) async throws -> [String] {
        let rows = try await pool.asWorker(of: "records") { tx in
            try await tx.all("SELECT id, body FROM resource WHERE type = 'Condition'", as: UUID.self, [UInt8].self)
        }
        #expect(rows.count == 2)
        return try rows.flatMap { id, body in
            try keys.patients().compactMap { patient in
                guard let text = try? Sealer(schema: "records", store: keys).cipher(for: patient).open(body, at: Place("resource", "body", row: id))
                else { return nil }
                return try #require(String(decoding: text, as: UTF8.self).firstMatch(of: /[QR]zcondition/)).output.description
            }
        }
    }
}
