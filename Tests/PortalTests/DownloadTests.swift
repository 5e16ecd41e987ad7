import Contracts
import Foundation
import Testing
import Web
@testable import Portal

/// The record as a file.
@Suite struct DownloadTests {
    private let patient = PatientSummary(id: ID(), name: "Ida Moss", family: "Moss", given: "Ida")

    private func part(_ texts: [String], omitted: [String] = []) -> RecordExport {
        let resources = texts.map { ResourceText(type: "Patient", id: ID(), version: 1, json: $0) }
        return RecordExport(patient: patient, resources: resources, omitted: omitted, asOf: Date(timeIntervalSince1970: 0))
    }

    private struct Bundle: Decodable {
        struct Entry: Decodable { let fullUrl: String? }
        let resourceType: String
        let entry: [Entry]
    }

    @Test(arguments: [[], ["{}"], ["{}", "{\"a\":1.10}", "{\"b\":\"é\"}"]]) func partsTogetherAreOneBundle(_ texts: [String]) throws {
        let file = JSONDownload(base: "http://localhost/fhir", days: DownloadDays(from: nil, through: nil))
        for parts in [[texts], [texts, texts], [[], texts]] {
            var json = file.beginning(part([]))
            var isFirst = true
            for one in parts {
                json += file.middle(part(one), isFirst: isFirst)
                isFirst = isFirst && one.isEmpty
            }
            json += file.end([], hasVisits: true)
            let bundle = try JSONDecoder().decode(Bundle.self, from: Data(json.utf8))
            #expect(bundle.resourceType == "Bundle" && bundle.entry.count == parts.map(\.count).reduce(0, +))
            // To the letter: a decoder would make 1.1 of it.
            if texts.count > 1 { #expect(json.contains(":1.10}")) }
        }
    }

    @Test func whatIsTooLargeIsNamed() throws {
        let file = JSONDownload(base: "http://localhost/fhir", days: DownloadDays(from: nil, through: nil))
        let json = file.beginning(part([])) + file.middle(part(["{}"]), isFirst: true) + file.end(["Binary/1"], hasVisits: true)
        #expect(try JSONDecoder().decode(Bundle.self, from: Data(json.utf8)).entry.count == 2)
        #expect(json.contains("too-long") && json.contains("Binary/1"))
    }

    @Test func visitsComeAfterTheRecordOrAreSaidToBeMissing() throws {
        let file = JSONDownload(base: "http://localhost/fhir", days: DownloadDays(from: nil, through: nil))
        let visits = ["1", "2"].map { FoundResource(type: "Appointment", id: $0, json: "{}") }
        for (texts, isFirst) in [(["{}"], false), ([], true)] {
            let json = file.beginning(part([])) + file.middle(part(texts), isFirst: true) + file.middle(visits, isFirst: isFirst)
            let bundle = try JSONDecoder().decode(Bundle.self, from: Data((json + file.end([], hasVisits: true)).utf8))
            #expect(bundle.entry.suffix(2).map(\.fullUrl) == ["http://localhost/fhir/Appointment/1", "http://localhost/fhir/Appointment/2"])
            let cut = json + file.end([], hasVisits: false)
            #expect(try JSONDecoder().decode(Bundle.self, from: Data(cut.utf8)).entry.count == texts.count + 3 && cut.contains("incomplete"))
        }
    }

    @Test func chosenDaysAreDaysOfTheZone() throws {
        let zone = try #require(Zone("America/Chicago"))
        let span = DownloadDays(from: "2026-11-01", through: "2026-11-01").span(in: zone)
        #expect(span.from == Date(timeIntervalSince1970: 1_793_509_200))
        // Clocks are set back: the day has 25 hours.
        #expect(span.until == span.from?.addingTimeInterval(25 * 3_600))
        let open = DownloadDays(from: nil, through: nil).span(in: zone)
        #expect(open.from == nil && open.until == nil)
    }

    @Test(arguments: [
        ("", "", [], nil, nil), ("2024-05-12", "", [], "2024-05-12", nil), ("", "13 5 2024", [], nil, "2024-05-13"),
        ("12 5 2024", "13/5/2024", [], "2024-05-12", "2024-05-13"), ("2024-05-13", "2024-05-12", ["through"], nil, nil),
        ("May", "", ["from"], nil, nil), ("31 2 2024", "x", ["from", "through"], nil, nil),
    ] as [(String, String, [String], String?, String?)])
    func daysAreReadAsPeopleTypeThem(_ from: String, _ through: String, _ wrong: [String], _ first: String?, _ last: String?) {
        let days = DownloadDays(from: from[...], through: through[...])
        #expect(days.wrong == wrong && days.chosen?.from?.iso == first && days.chosen?.through?.iso == last)
    }
}
