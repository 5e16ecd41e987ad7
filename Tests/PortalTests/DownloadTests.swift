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
            json += file.end([])
            let bundle = try JSONDecoder().decode(Bundle.self, from: Data(json.utf8))
            #expect(bundle.resourceType == "Bundle" && bundle.entry.count == parts.map(\.count).reduce(0, +))
            // To the letter: a decoder would make 1.1 of it.
            if texts.count > 1 { #expect(json.contains(":1.10}")) }
        }
    }

    @Test func whatIsTooLargeIsNamed() throws {
        let file = JSONDownload(base: "http://localhost/fhir", days: DownloadDays(from: nil, through: nil))
        let json = file.beginning(part([])) + file.middle(part(["{}"]), isFirst: true) + file.end(["Binary/1"])
        #expect(try JSONDecoder().decode(Bundle.self, from: Data(json.utf8)).entry.count == 2)
        #expect(json.contains("too-long") && json.contains("Binary/1"))
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
