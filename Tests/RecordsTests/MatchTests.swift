import Access
import Contracts
import Foundation
import MessageBus
import TestSupport
import Testing
@testable import Records

/// Whose chart has all of what somebody typed.
@Suite struct MatchTests {
    private func patient(_ number: Int, _ given: String, _ email: String, deceased: Bool = false) -> String {
        """
        {"fullUrl":"urn:uuid:\(number)1111111-1111-4111-8111-111111111111","request":{"method":"POST","url":"Patient"},
         "resource":{"resourceType":"Patient","name":[{"family":"Núñez-Ortiz","given":["\(given)"]}],"birthDate":"1980-02-29",
         "telecom":[{"system":"phone","value":"312 555 0142"},{"system":"email","value":"\(email)"}],"deceasedBoolean":\(deceased)}}
        """
    }

    @Test func allOfItMustBeOnFileAndOfOnePatientOnly() async throws {
        try await withRecords { service in
            let entries = [
                patient(1, "Ana", "Ana@Example.org"), patient(2, "Eva", "ana@example.org"), patient(3, "Twin", "twins@example.org"),
                patient(4, "Twin", "twins@example.org"), patient(5, "Gone", "gone@example.org", deceased: true),
            ]
            _ = try await service.imported(#"{"resourceType":"Bundle","type":"transaction","entry":[\#(entries.joined(separator: ","))]}"#)
            let query = ReadResource(fullURL: "urn:uuid:11111111-1111-4111-8111-111111111111")
            guard case .done(let ana) = try await service.bus.request(query, as: service.keys.operator()) else {
                Issue.record("not imported")
                return
            }
            let worker = try await service.keys.worker("identity")
            func match(_ given: String, _ family: String, _ birthDate: String, _ email: String) async throws -> UUID? {
                let query = MatchPatient(given: given, family: family, birthDate: birthDate, email: email)
                return try await service.bus.ask(query, as: worker).patient?.uuid
            }
            #expect(try await match("ANA", "nunez ortiz", "1980-02-29", " ana@example.org") == ana.id.uuid)
            #expect(try await match("Ana", "Núñez", "1980-02-29", "ana@example.org") == nil)
            #expect(try await match("Anna", "Núñez-Ortiz", "1980-02-29", "ana@example.org") == nil)
            #expect(try await match("Ana", "Núñez-Ortiz", "1980-02-28", "ana@example.org") == nil)
            #expect(try await match("Ana", "Núñez-Ortiz", "1980-02-29", "other@example.org") == nil)
            #expect(try await match("", "", "1980-02-29", "ana@example.org") == nil)
            #expect(try await match("Twin", "Núñez-Ortiz", "1980-02-29", "twins@example.org") == nil)
            #expect(try await match("Gone", "Núñez-Ortiz", "1980-02-29", "gone@example.org") == nil)
        }
    }
}
