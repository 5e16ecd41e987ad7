import Testing

@testable import FHIR

/// What was sent is what is kept: digits, escapes, order.
struct FidelityTests {
    static let tricky = #"""
        {
          "resourceType" : "Observation",
          "code": {"text": "caf\u00e9 \/ \"tab\" \t \\ \ud83d\ude00 😀 é e\u0301 \u007f"},
          "_status": {"extension": [{"url": "http://example.org/x", "valueDecimal": 1.0E3}]},
          "status": "final",
          "valueQuantity": {"value": 1.10, "unit": "mg\/dL"},
          "subject": {"reference": "urn:uuid:1", "display": "Zoë"},
          "effectiveDateTime": "2024-02-29T23:59:60.1200-05:00",
          "referenceRange": [{"low": {"value": -0}, "high": {"value": 5.40}},
             {"low": {"value": 1.50e-7}, "high": {"value": 100000000000000000000.00}}],
          "component": [ ], "note" : [ { } ]
        }
        """#

    @Test func literalsAndEscapesAreWrittenBackAsTheyWere() throws {
        let document = try JSONDocument(Self.tricky)
        let out = ResourceText(document.root).text
        #expect(out.contains(#""text":"caf\u00e9 \/ \"tab\" \t \\ \ud83d\ude00 😀 é e\u0301 \u007f""#))
        for literal in [":1.0E3}", ":1.10,", ":-0}", ":5.40}", ":1.50e-7}", ":100000000000000000000.00}"] {
            #expect(out.contains(literal), "\(literal)")
        }
        #expect(out.contains(#""component":[],"note":[{}]"#))
        let again = try JSONDocument(out)
        #expect(JSONComparison.areEqual(document.root, again.root))
        #expect(document.root.members.map(\.name) == again.root.members.map(\.name))
    }

    @Test func stringsAreDecodedExactly() throws {
        let root = try JSONDocument(Self.tricky).root
        let text = try #require(root["code"]?["text"]?.text)
        let expected = "caf\u{e9} / \"tab\" \t \\ 😀 😀 \u{e9} e\u{301} \u{7f}"
        #expect(Array(text.unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test func numbersKeepTheirLiteralBesideTheirValue() throws {
        let root = try JSONDocument("[1.0E3, -0, 5.40, 1e400, 0, -12.5e+2]").root
        #expect(root.elements.map(\.literal) == ["1.0E3", "-0", "5.40", "1e400", "0", "-12.5e+2"])
        #expect(root.elements.map(\.number) == [1000, -0.0, 5.4, nil, 0, -1250])
    }

    @Test func aStampChangesIdentityAndNothingElse() throws {
        let document = try JSONDocument(Self.tricky)
        var text = ResourceText(document.root)
        text.stamp(id: "a-1", versionId: "3", lastUpdated: "2026-01-02T03:04:05.678Z")
        let reference = try #require(document.root["subject"]?["reference"])
        text.replace(reference, with: "Patient/b\"2")
        let stored = try JSONDocument(text.bytes).root
        #expect(Array(stored.members.map(\.name).prefix(3)) == ["resourceType", "id", "meta"])
        #expect(stored["id"]?.text == "a-1")
        #expect(stored["meta"]?["versionId"]?.text == "3")
        #expect(stored["subject"]?["reference"]?.text == "Patient/b\"2")
        let isEqual = JSONComparison.areEqual(document.root, stored, ignoring: JSONComparison.serverAssigned) {
            $0 == "urn:uuid:1" && $1 == "Patient/b\"2"
        }
        #expect(isEqual)
        #expect(JSONComparison.firstDifference(document.root, stored, ignoring: JSONComparison.serverAssigned) == "subject.reference")
    }

    @Test(arguments: [
        (#"{"id":"old","resourceType":"Patient"}"#, #"{"id":"n","resourceType":"Patient","meta":{"versionId":"1","lastUpdated":"t"}}"#),
        (
            #"{"resourceType":"Patient","meta":{"versionId":"9","source":"s","lastUpdated":"x","tag":[{"code":"a"}]}}"#,
            #"{"resourceType":"Patient","id":"n","meta":{"versionId":"1","lastUpdated":"t","source":"s","tag":[{"code":"a"}]}}"#
        ),
        (#"{"active":true}"#, #"{"id":"n","meta":{"versionId":"1","lastUpdated":"t"},"active":true}"#),
        ("{}", #"{"id":"n","meta":{"versionId":"1","lastUpdated":"t"}}"#),
    ])
    func identityGoesWhereItWasOrBehindTheType(_ sent: String, _ stored: String) throws {
        var text = ResourceText(try JSONDocument(sent).root)
        text.stamp(id: "n", versionId: "1", lastUpdated: "t")
        #expect(text.text == stored)
    }

    @Test func aLongStringComesThroughWhole() throws {
        let long = String(repeating: "0123456789äöü😀\\n", count: 600)
        let root = try JSONDocument("{\"a\":\"\(long)\"}").root
        #expect(root["a"]?.text == long.replacing("\\n", with: "\n"))
        #expect(ResourceText(root).text == "{\"a\":\"\(long)\"}")
    }

    @Test func differencesAreFound() throws {
        func same(_ a: String, _ b: String) throws -> Bool { JSONComparison.areEqual(try JSONDocument(a).root, try JSONDocument(b).root) }
        #expect(try same(#"{"a":1,"b":2}"#, #"{ "b":2, "a":1 }"#))
        #expect(try same(#"["\u00e9"]"#, #"["é"]"#))
        #expect(try !same("[1.10]", "[1.1]"))
        #expect(try !same("[1,2]", "[2,1]"))
        #expect(try !same(#"{"a":1}"#, #"{"a":1,"b":2}"#))
        #expect(try !same(#"{"a":1,"b":2}"#, #"{"a":1}"#))
        #expect(try !same("[\"\u{e9}\"]", "[\"e\u{301}\"]"))
        #expect(try !same("[true]", "[false]"))
    }

    @Test func aSliceOfTheFileIsTheResourceAsSent() throws {
        let document = try JSONDocument(Array("\u{FEFF}".utf8) + Array(#"{"entry": [ {"a" : 1.50} ]}"#.utf8))
        let entry = try #require(document.root["entry"]?.elements.first { _ in true })
        #expect(String(decoding: entry.source, as: UTF8.self) == #"{"a" : 1.50}"#)
    }
}
