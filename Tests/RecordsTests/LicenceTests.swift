import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Records

/// Where those who see patients are licensed, over a real database.
@Suite(.serialized) struct LicenceTests {
    private struct Office: Sendable {
        let service: ServiceUnderTest
        let account = ID<Account>()
        let practitioner: ID<Practitioner>

        func keep(_ codes: [String], over version: Int, of person: ID<Practitioner>? = nil) async throws -> Answer<KeepLicences> {
            let command = KeepLicences(
                practitioner: person ?? practitioner, version: version, regions: codes.compactMap { Region($0) }, key: .v7())
            return try await service.bus.request(command, as: service.keys.staff(.administrator, account: account))
        }

        func read(_ version: Int? = nil) async throws -> Answer<ReadLicences> {
            let query = ReadLicences(practitioner: practitioner, version: version)
            return try await service.bus.request(query, as: service.keys.staff(.administrator))
        }

        func found(_ version: Int? = nil) async throws -> LicencesView {
            guard case .done(let found) = try await read(version) else { throw TryLater("not there") }
            return found
        }
    }

    private static let file = #"""
        {"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"https://example.org/okafor","resource":{"resourceType":"Practitioner","name":[{"family":"Okafor","given":["Ada"]}]},
        "request":{"method":"POST","url":"Practitioner"}}]}
        """#

    private func withOffice(_ body: @escaping @Sendable (Office) async throws -> Void) async throws {
        try await withRecords { service in
            _ = try await service.imported(Self.file)
            let pool = service.database.pool(service.database.superuser)
            let id = try await pool.first("SELECT id FROM resource WHERE type = 'Practitioner'", as: UUID.self)
            await pool.close()
            try await body(Office(service: service, practitioner: ID(try #require(id))))
        }
    }

    @Test func theyHaveVersionsAndEverybodyHears() async throws {
        try await withOffice { office in
            #expect(try await office.found() == LicencesView(version: 0, regions: [], changes: [], total: 0, shown: 0, after: []))
            #expect(try await office.read(1) == .refused(.notFound))
            #expect(try await office.keep(["WI", "IL", "IL", "XX"], over: 0) == .done(SettingKept(version: 1)))
            #expect(try await office.keep(["IL", "WI"], over: 1) == .done(SettingKept(version: 1)), "nothing changed: no version")
            #expect(try await office.keep(["IL"], over: 0) == .refused(.changedMeanwhile(version: 1)))
            #expect(try await office.keep([], over: 1) == .done(SettingKept(version: 2)))
            #expect(try await office.keep(["IL"], over: 0, of: .init()) == .refused(.notFound))
            let newest = try await office.found()
            #expect(newest.version == 2 && newest.regions == [] && newest.before?.map(\.code) == ["IL", "WI"] && newest.after == [])
            #expect(newest.changes.map(\.version) == [2, 1] && newest.changes.map(\.account) == [office.account, office.account])
            let first = try await office.found(1)
            #expect(first.shown == 1 && first.before == nil && first.after.map(\.code) == ["IL", "WI"] && first.regions == [])
            let events = try await office.service.emitted(LicencesChanged.self)
            #expect(events.map(\.version) == [1, 2] && events.map { $0.regions.map(\.code) } == [["IL", "WI"], []])
            #expect(events.allSatisfy { $0.practitioner == office.practitioner })
        }
    }

    @Test func ofTwoAdministratorsTheSecondIsToldAndNothingIsRemoved() async throws {
        try await withOffice { office in
            async let one = office.keep(["IL"], over: 0)
            async let other = office.keep(["OH"], over: 0)
            let answers = [try await one, try await other]
            #expect(answers.contains(.done(SettingKept(version: 1))) && answers.contains(.refused(.changedMeanwhile(version: 1))))
            for statement: SQL in ["UPDATE licence_version SET regions = regions", "DELETE FROM licence_version"] {
                let pool = office.service.pool
                await #expect(throws: DatabaseError.self) {
                    _ = try await pool.asWorker(of: "records") { tx in try await tx.run(statement) }
                }
            }
        }
    }
}
