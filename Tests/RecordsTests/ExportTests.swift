import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport
@testable import Records

/// A record that is taken away.
@Suite struct ExportTests {
    private func file(_ observations: Int, _ note: String = "") -> String {
        let results = (0..<observations).map { number in
            """
            ,{"fullUrl":"urn:uuid:9\(number)","resource":{"resourceType":"Observation","status":"\(number == 0 ? "entered-in-error" : "final")",
            "subject":{"reference":"urn:uuid:1"},"code":{"text":"Test \(number)"},"effectiveDateTime":"2024-05-\(10 + number % 20)T08:30:00Z",
            "valueQuantity":{"value":1.10},"note":[{"text":"\(note)"}]}}
            """
        }
        return """
            {"resourceType":"Bundle","type":"collection","entry":[
            {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","name":[{"family":"Moss","given":["Ida"]}]}},
            {"fullUrl":"urn:uuid:2","resource":{"resourceType":"Patient","name":[{"family":"Bell","given":["Ray"]}]}},
            {"fullUrl":"urn:uuid:3","resource":{"resourceType":"Condition","subject":{"reference":"urn:uuid:2"},"code":{"text":"Qzother"}}}
            \(results.joined())]}
            """
    }

    private func whole(_ service: ServiceUnderTest, _ patient: ID<Patient>, _ form: ExportForm) async throws -> [RecordExport] {
        let own = try await service.keys.patient(patient)
        var (parts, after): ([RecordExport], ID<Resource>?) = ([], nil)
        while true {
            guard case .done(let part) = try await service.bus.request(ExportRecord(patient: patient, form: form, after: after), as: own) else {
                throw TryLater("refused")
            }
            parts.append(part)
            guard let next = part.next else { return parts }
            after = next
        }
    }

    @Test func everyResourceIsThereOnceToTheLetterAndNobodyElses() async throws {
        try await withRecords { service in
            // Large enough for several parts.
            let patient = try await service.importedPatient(file(40, String(repeating: "abc ", count: 40_000)))
            let parts = try await whole(service, patient, .resources)
            #expect(parts.count > 3 && parts.flatMap(\.omitted).isEmpty)
            let resources = parts.flatMap(\.resources)
            #expect(resources.count == 41 && Set(resources.map(\.id)).count == 41)
            for resource in resources {
                let query = ReadResource(type: resource.type, id: resource.id)
                guard case .done(let stored) = try await service.bus.request(query, as: service.keys.operator()) else {
                    Issue.record("not stored")
                    return
                }
                #expect(stored.json == resource.json && !resource.json.contains("Qzother"))
            }
            #expect(resources.contains { $0.json.contains("1.10") })
        }
    }

    @Test func linesLeaveOutWhatWasWrittenInError() async throws {
        try await withRecords { service in
            let patient = try await service.importedPatient(file(3))
            let lines = try await whole(service, patient, .lines).flatMap(\.lines)
            #expect(Set(lines.map(\.title)) == ["Test 1", "Test 2", "Patient"])
        }
    }

    @Test func ofSomeDaysOnlyIsWhatBearsThemOrNone() async throws {
        try await withRecords { service in
            let patient = try await service.importedPatient(file(20))
            let own = try await service.keys.patient(patient)
            func titles(_ from: String?, _ through: String?, _ zone: String = "America/Chicago") async throws -> Set<String> {
                let query = ExportRecord(patient: patient, form: .lines, days: ExportDays(from: from, through: through, zone: zone))
                guard case .done(let part) = try await service.bus.request(query, as: own) else { throw TryLater("refused") }
                return Set(part.lines.map(\.title))
            }
            #expect(try await titles("2024-05-12", "2024-05-13") == ["Patient", "Test 2", "Test 3"])
            #expect(try await titles("2024-05-28", nil) == ["Patient", "Test 18", "Test 19"])
            #expect(try await titles(nil, "2024-05-11") == ["Patient", "Test 1"])
            // 08:30 UTC is the evening before in Honolulu.
            #expect(try await titles("2024-05-12", "2024-05-12", "Pacific/Honolulu") == ["Patient", "Test 3"])
        }
    }

    @Test func eachDownloadIsInTheTrailByItsName() async throws {
        try await withRecords { service in
            let patient = try await service.importedPatient(file(1))
            _ = try await whole(service, patient, .resources)
            let pool = service.database.pool(service.database.superuser)
            let rows = try await pool.all(
                "SELECT basis, outcome FROM audit_entry WHERE action = \(ExportRecord.name) AND \(patient.uuid) = ANY(patients)",
                as: String?.self, String.self)
            await pool.close()
            #expect(!rows.isEmpty && rows.allSatisfy { $0.0 == "own-record" && $0.1 == "done" })
        }
    }
}
