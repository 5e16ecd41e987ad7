import FHIR
import Foundation
import Testing

@testable import Chartline

struct PracticePatientsTests {
    @Test func eachIsAWholeFileAndSaysThatItIsNobody() throws {
        #expect(PracticePatients.bundles.count == 4)
        var roles: [String] = []
        for bundle in PracticePatients.bundles {
            let file = try ImportFile.checked(Array(bundle.utf8))
            let people = file.entries.filter { $0.type == "Patient" }.map { PatientColumns($0.resource) }
            #expect(people.map(\.isPractice) == [true])
            // Nobody is written to by mistake.
            #expect(people.allSatisfy { $0.email == nil })
            roles += people.compactMap(\.mrn)
            let consents = file.entries.filter { $0.type == "Consent" }.map { ConsentEntry($0.resource) }
            #expect(consents.map(\.isActive) == [true] && consents.flatMap(\.lines).map(\.permits) == [true])
            for entry in file.entries {
                for reference in file.references(in: entry) {
                    guard case .entry = reference.target else {
                        Issue.record("\(reference.text) is not in the bundle")
                        continue
                    }
                }
            }
        }
        #expect(roles == ["PRACTICE-CLINICIAN", "PRACTICE-NURSE", "PRACTICE-FRONT-DESK", "PRACTICE-ADMINISTRATOR"])
    }

    /// What is imported again is imported over what was practised, unless it is the same to the byte.
    @Test func theBytesStayWhatTheyWere() {
        // FNV-1a
        let digest = PracticePatients.bundles.joined().utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        #expect(digest == 0xf096_c39c_e5d6_0b42)
    }
}
