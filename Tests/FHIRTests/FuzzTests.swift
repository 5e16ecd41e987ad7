import Testing

@testable import FHIR

/// Whatever bytes come, the answer is a document or an error, never a trap, and soon.
struct FuzzTests {
    private struct Mutator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }

        mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            let telling = Array("{}[]\",:\\u0eE+-.1/ntf \u{0}\u{1F}".utf8) + [0xEF, 0xBB, 0xBF, 0xC0, 0xED, 0xF4, 0xFF]
            for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
                let at = Int.random(in: bytes.indices, using: &self)
                switch Int.random(in: 0..<6, using: &self) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &self)
                case 1: bytes[at] = telling.randomElement(using: &self) ?? 0
                case 2: bytes.remove(at: at)
                case 3: bytes.insert(telling.randomElement(using: &self) ?? 0, at: at)
                case 4: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &self)))
                default:
                    let end = min(bytes.count, at + Int.random(in: 1...40, using: &self))
                    bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: bytes.indices, using: &self))
                }
            }
            return bytes
        }
    }

    @Test func tenThousandMutationsAreReadOrRefused() throws {
        let tricky = Array(FidelityTests.tricky.utf8)
        let bundle = Array(BadInputTests.observation(#""valueQuantity":{"value":1.10},"subject":{"reference":"urn:uuid:0"}"#).utf8)
        var mutator = Mutator(state: 42)
        var read = 0
        for round in 0..<10_000 {
            let bytes = mutator.mutate(round.isMultiple(of: 2) ? tricky : bundle)
            guard let file = try? ImportFile(bytes) else { continue }
            read += 1
            for entry in file.entries {
                _ = Validation.problems(of: entry.resource)
                _ = file.references(in: entry)
                _ = SearchColumns(entry.resource) { SearchToken.hash($0) }
                _ = PatientColumns(entry.resource)
                _ = ResultEntry(entry.resource)
                var text = ResourceText(entry.resource)
                text.stamp(id: "x", versionId: "1", lastUpdated: "2026-01-01T00:00:00Z")
                let stored = try JSONDocument(text.bytes)
                #expect(JSONComparison.areEqual(entry.resource, stored.root, ignoring: JSONComparison.serverAssigned))
            }
        }
        #expect(read > 500)
        #expect(read < 9_500)
    }
}
