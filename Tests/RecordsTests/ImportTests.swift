import Access
import Contracts
import Crypto
import Foundation
import MessageBus
import Testing
import TestSupport
@testable import Records

/// A file on its way in, over a real database.
@Suite struct ImportTests {
    private func withRecords(_ body: @escaping @Sendable (ServiceUnderTest) async throws -> Void) async throws {
        let migrations = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Services/Records/Migrations")
        try await withService("records", migrations: migrations) { registry, sealer in
            let store = RecordStore(sealer: sealer, identifierKey: SymmetricKey(size: .bits256))
            registry.answer(ReadChart.self, to: .ownRecord || .careTeam, with: store.readChart)
            registry.answer(FindPatients.self, to: .anyStaff, with: store.findPatients)
            registry.answer(CountResources.self, to: .operators, with: store.countResources)
            registry.answer(ReadResource.self, to: .operators, with: store.readResource)
            registry.answer(PutUploadPart.self, to: .operators, with: store.putUploadPart)
            registry.answer(ImportBundle.self, to: .operators, with: store.importBundle)
        } _: { try await body($0) }
    }

    private func importing(_ text: String, in service: ServiceUnderTest) async throws -> Answer<ImportBundle> {
        let me = try await service.keys.operator()
        let (upload, bytes) = (ID<Upload>(), Data(text.utf8))
        for offset in stride(from: 0, to: bytes.count, by: 300) {
            let part = PutUploadPart(upload: upload, offset: offset, bytes: bytes.subdata(in: offset..<min(offset + 300, bytes.count)))
            _ = try await service.bus.request(part, as: me)
        }
        return try await service.bus.request(ImportBundle(upload: upload, size: bytes.count), as: me, within: .seconds(20))
    }

    private let bundle = """
        {"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","request":{"method":"POST","url":"Patient"},
         "resource":{"resourceType":"Patient","name":[{"family":"Núñez-Ortiz","given":["Ana"]}],"birthDate":"1980-02-29","gender":"female"}},
        {"fullUrl":"urn:uuid:22222222-2222-4222-8222-222222222222","request":{"method":"POST","url":"Observation"},
         "resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2339-0"}]},
         "subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"},"effectiveDateTime":"2024-05-17T08:30:00+05:45",
         "valueQuantity":{"value":5.40,"unit":"mmol/L"}}}]}
        """

    @Test func aBundleIsImportedOnceAndReadBackAsItWasSent() async throws {
        try await withRecords { service in
            guard case .done(let first) = try await importing(bundle, in: service) else {
                Issue.record("refused")
                return
            }
            #expect((first.entries, first.created, first.unchanged) == (2, 2, 0))
            guard case .done(let again) = try await importing(bundle, in: service) else {
                Issue.record("refused")
                return
            }
            #expect((again.created, again.updated, again.unchanged) == (0, 0, 2))
            let me = try await service.keys.operator()
            let query = ReadResource(fullURL: "urn:uuid:22222222-2222-4222-8222-222222222222")
            guard case .done(let result) = try await service.bus.request(query, as: me) else {
                Issue.record("not there")
                return
            }
            #expect(result.json.contains("\"value\":5.40") && result.json.contains("2024-05-17T08:30:00+05:45"))
            #expect(try await service.emitted(PatientRegistered.self).map(\.patient) == first.patients)
            let chart = try await service.bus.request(ReadChart(patient: first.patients[0]), as: service.keys.patient(first.patients[0]))
            guard case .done(let chart) = chart else {
                Issue.record("no chart")
                return
            }
            #expect(chart.results.map(\.value) == ["5.40"])
            for text in ["nunez", "ortiz ana", "29/02/1980", "Núñez 1980-02-29", "nunes"] {
                #expect(try await service.bus.ask(FindPatients(text: text), as: service.keys.staff()).total == 1, "\(text)")
            }
        }
    }

    @Test(arguments: [
        ("{\"resourceType\":\"Bundle\",", "ends"), ("{\"resourceType\":\"Patiant\"}", "not a resource type"), ("[]", "JSON object"),
    ])
    func aBadFileIsRefusedWholeAndSaysWhy(_ text: String, _ reason: String) async throws {
        try await withRecords { service in
            guard case .refused(let refusal) = try await importing(text, in: service) else {
                Issue.record("taken")
                return
            }
            #expect(refusal.problems.contains { $0.reason.contains(reason) }, "\(refusal.problems)")
            #expect(try await service.bus.ask(CountResources(), as: service.keys.operator()).counts.isEmpty)
        }
    }

    @Test func whatNamesAPatientWhoIsNotHereIsRefused() async throws {
        try await withRecords { service in
            let lone = #"{"resourceType":"Condition","subject":{"reference":"Patient/elsewhere"},"code":{"text":"x"}}"#
            guard case .refused(let refusal) = try await importing(lone, in: service) else {
                Issue.record("taken")
                return
            }
            #expect(refusal.problems.first?.reason.contains("is not here") == true)
        }
    }

    @Test(arguments: [("(312) 555-0142", "+13125550142"), ("+34 600 000 000", "+34600000000"), ("12345", nil), ("1-312-555-0142", "+13125550142")])
    func phonesAreInternational(_ typed: String, _ number: String?) {
        #expect(RecordStore.international(typed.filter { $0.isNumber || $0 == "+" }) == number)
    }
}
