import Testing

@testable import FHIR

struct ReferenceTests {
    static let file = #"""
        {"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"urn:uuid:aa","resource":{"resourceType":"Patient","id":"p1","photo":[{"url":"urn:uuid:cc"}]}},
        {"fullUrl":"http://example.org/fhir/Practitioner/7","resource":{"resourceType":"Practitioner"}},
        {"fullUrl":"urn:uuid:cc","resource":{"resourceType":"Binary","id":"b","contentType":"image/png"}},
        {"fullUrl":"urn:oid:1.2.3","resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},
          "identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:aa"}],
          "subject":{"reference":"urn:uuid:aa"},
          "performer":[{"reference":"Practitioner/7"},{"reference":"http://example.org/fhir/Practitioner/7/_history/2"},
            {"reference":"Practitioner?identifier=http://hl7.org/fhir/sid/us-npi%7C123+4"},{"display":"no reference"}],
          "encounter":{"reference":"Encounter/9"},"device":{"reference":"#d"},"specimen":{"reference":"urn:uuid:zz"},
          "focus":[{"reference":"https://elsewhere.example.org/Patient/1"},{"reference":"nonsense"},{"reference":"Patient/p1"}]}}]}
        """#

    @Test func everyReferenceIsFoundAndResolved() throws {
        let file = try ImportFile(Array(Self.file.utf8))
        let found = file.references(in: file.entries[3])
        #expect(
            found.map(\.target) == [
                .entry(0), .entry(1), .entry(1),
                .conditional(ConditionalReference(type: "Practitioner", query: "identifier=http://hl7.org/fhir/sid/us-npi%7C123+4")),
                .relative(type: "Encounter", id: "9"), .contained("d"), .absolute("urn:uuid:zz"),
                .absolute("https://elsewhere.example.org/Patient/1"),
                .malformed, .entry(0),
            ])
        #expect(found.first?.element == "subject")
        #expect(file.references(in: file.entries[0]).map(\.target) == [.entry(2)])
    }

    @Test func aConditionalReferenceNamesItsIdentifier() {
        let search = ConditionalReference(type: "Practitioner", query: "identifier=http://hl7.org/fhir/sid/us-npi%7C123+4")
        #expect(search.identifier?.system == "http://hl7.org/fhir/sid/us-npi")
        #expect(search.identifier?.value == "123 4")
        #expect(ConditionalReference(type: "Patient", query: "identifier=12").identifier?.value == "12")
        #expect(ConditionalReference(type: "Patient", query: "name=a&identifier=12").identifier == nil)
    }

    @Test func requestsAreRead() throws {
        let text = #"""
            {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"a"},
            "request":{"method":"PUT","url":"Patient/a","ifNoneExist":"identifier=s|v"}}]}
            """#
        let file = try ImportFile.checked(Array(text.utf8))
        #expect(file.entries.first?.request?.method == .put)
        #expect(file.entries.first?.request?.ifNoneExist?.identifier?.value == "v")
    }

    @Test func aSingleResourceIsAFileOfOne() throws {
        let file = try ImportFile.checked(Array(#"{"resourceType":"Patient","id":"a"}"#.utf8))
        #expect(file.kind == .single)
        #expect(file.entries.map(\.type) == ["Patient"])
    }
}
