import FHIR
import Foundation
import Testing

@testable import Chartline

struct DemoClinicTests {
    static let today = Date(timeIntervalSince1970: 1_795_536_000)  // 2026-11-24T16:00:00Z
    static let clinic = DemoClinic(seed: 7, today: today)

    @Test func itHasADozenCliniciansAndFiftyPatients() throws {
        #expect(Self.clinic.clinicians.count == 12)
        #expect(Self.clinic.patients.count == 50)
        #expect(Set(Self.clinic.patients.map(\.label)).count == 50)
        let file = try ImportFile.checked(Array(Self.clinic.organizationBundle.utf8))
        let types = Dictionary(grouping: file.entries, by: \.type).mapValues(\.count)
        #expect(types == ["Organization": 1, "Location": 2, "Practitioner": 12, "PractitionerRole": 12])
        let places = file.entries.filter { $0.type == "Location" }.map { PlaceEntry($0.resource) }
        #expect(places.map(\.zone) == ["America/Chicago", "America/Detroit"])
    }

    @Test(arguments: clinic.patients.map(\.bundle))
    func everyBundleStandsAloneAndIsValid(_ bundle: String) throws {
        let file = try ImportFile.checked(Array(bundle.utf8))
        #expect(file.kind == .transaction)
        #expect((45...190).contains(file.entries.count), "\(file.entries.count) resources")
        for entry in file.entries {
            for reference in file.references(in: entry) {
                guard case .entry = reference.target else {
                    Issue.record("\(reference.text) is not in the bundle")
                    continue
                }
            }
            let stored = try JSONDocument(ResourceText(entry.resource).bytes).root
            #expect(JSONComparison.areEqual(entry.resource, stored))
            let columns = SearchColumns(entry.resource) { SearchToken.hash($0) }
            if let lowest = columns.lowest { #expect(lowest <= Self.today, "\(entry.type) after today") }
        }
    }

    @Test func theSameSeedAndDayGiveTheSameBytes() {
        let again = DemoClinic(seed: 7, today: Self.today)
        #expect(again.patients.map(\.bundle) == Self.clinic.patients.map(\.bundle))
        #expect(again.organizationBundle == Self.clinic.organizationBundle)
        let other = DemoClinic(seed: 8, today: Self.today)
        #expect(other.patients[5].bundle != Self.clinic.patients[5].bundle)
    }

    @Test func aPatientKeepsTheirIDOnAnotherDay() {
        let later = DemoClinic(seed: 7, today: Self.today.addingTimeInterval(86_400 * 30))
        #expect(later.patients.map(\.fullUrl) == Self.clinic.patients.map(\.fullUrl))
    }

    @Test func sharedResourcesAreTheSameInEveryBundle() throws {
        var seen: [String: [UInt8]] = [:]
        for bundle in [Self.clinic.organizationBundle] + Self.clinic.patients.map(\.bundle) {
            for entry in try ImportFile(Array(bundle.utf8)).entries {
                guard let url = entry.fullUrl else { continue }
                let text = ResourceText(entry.resource).bytes
                if let before = seen.updateValue(text, forKey: url) { #expect(before == text, "\(entry.type) differs between bundles") }
            }
        }
    }

    @Test func mariasCholesterolTellsTheStoryOfTheResultsPage() throws {
        let maria = try #require(Self.clinic.patients.first { $0.label == "maria.alvarez" })
        #expect(maria.birthDate == "1961-03-14")
        let file = try ImportFile(Array(maria.bundle.utf8))
        let results = file.entries.filter { $0.type == "Observation" }.map { ResultEntry($0.resource) }
        let series = results.filter { $0.code == "18262-6" && !$0.isRetracted }.sorted { ($0.at ?? .distantPast) < ($1.at ?? .distantPast) }
        #expect(series.map(\.value.text) == ["119", "126", "138", "141", "134", "148"])
        #expect(series.last?.corrected == true)
        #expect(series.last?.interpretation == "H")
        let first = try #require(file.entries.first { $0.fullUrl == series.last?.replaces })
        #expect(ResultEntry(first.resource).value.text == "162")
        #expect(ResultEntry(first.resource).isRetracted)
    }

    @Test func agesReachFromInfantsToPeopleOverNinetyAndOneHasDied() throws {
        let patients = try Self.clinic.patients.map { patient in
            let file = try ImportFile(Array(patient.bundle.utf8))
            return PatientColumns(try #require(file.entries.first { $0.type == "Patient" }).resource)
        }
        let births = patients.compactMap(\.birthDate).sorted()
        #expect(births.first.map { $0 < "1936" } == true)
        #expect(births.last.map { $0 > "2026" } == true)
        #expect(patients.count(where: \.isDeceased) == 1)
        #expect(patients.allSatisfy { $0.mrn != nil && $0.phone != nil && $0.email?.hasSuffix("@example.org") == true })
        #expect(Set(patients.flatMap(\.telecom).map(\.normal)).count == 100)
        #expect(patients.count { $0.languages.first == "es" } > 8)
        #expect(patients.contains { $0.names.contains { $0.fullNormal == "jose angel garcia nunez" } })
    }
}
