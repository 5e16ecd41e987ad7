import Foundation
import Testing

@testable import FHIR

/// Real files, where a folder with them is named by `CHARTLINE_SAMPLES`.
struct SampleFileTests {
    static let files: [URL] = {
        guard let folder = ProcessInfo.processInfo.environment["CHARTLINE_SAMPLES"] else { return [] }
        let synthea = URL(fileURLWithPath: folder).appendingPathComponent("synthea")
        let all = (try? FileManager.default.contentsOfDirectory(at: synthea, includingPropertiesForKeys: nil)) ?? []
        return all.filter { $0.pathExtension == "json" && $0.lastPathComponent != "MANIFEST.json" }
    }()

    @Test(.enabled(if: !files.isEmpty, "CHARTLINE_SAMPLES names no folder"), arguments: files)
    func everyResourceIsTakenAndWrittenBackAsItWasSent(_ url: URL) throws {
        let file = try ImportFile.checked([UInt8](Data(contentsOf: url)))
        #expect(!file.entries.isEmpty)
        for entry in file.entries {
            var text = ResourceText(entry.resource)
            var resolved: [String: String] = [:]
            for reference in file.references(in: entry) {
                switch reference.target {
                case .entry(let place):
                    let target = try #require(file.entries.indices.contains(place) ? file.entries[place] : nil)
                    resolved[reference.text] = "\(target.type)/resolved-\(place)"
                    text.replace(reference.node, with: "\(target.type)/resolved-\(place)")
                case .contained: break
                default: Issue.record("\(reference.text) is not in the file")
                }
            }
            text.stamp(id: "stored", versionId: "1", lastUpdated: "2026-01-02T03:04:05Z")
            let stored = try JSONDocument(text.bytes).root
            let difference = JSONComparison.firstDifference(entry.resource, stored, ignoring: JSONComparison.serverAssigned) { resolved[$0] == $1 }
            #expect(difference == nil)
            #expect(stored["id"]?.text == "stored")
        }
    }
}
