import Testing

@testable import FHIR

/// Each bad file and what its sender is told.
struct BadInputTests {
    static func bundle(_ resource: String) -> String {
        """
        {"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"urn:uuid:0","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}},
        {"fullUrl":"urn:uuid:1","resource":\(resource),"request":{"method":"POST","url":"Observation"}}]}
        """
    }

    static func observation(_ rest: String) -> String { bundle(#"{"resourceType":"Observation","status":"final","code":{"text":"x"},\#(rest)}"#) }

    static let table: [(name: String, file: String, problem: String)] = [
        ("empty", "", "$: the file is empty (line 1)"),
        ("white space", " \n ", "$: the file is empty (line 2)"),
        (
            "truncated", String(observation(#""valueQuantity":{"value":1.1}"#).dropLast(60)),
            "entry 1: Observation.valueQuantity: the text ends too early (line 3)"
        ),
        ("truncated number", #"{"resourceType":"Observation","valueInteger":-"#, "Observation.valueInteger: the text ends too early (line 1)"),
        ("more behind", #"{"resourceType":"Patient"} {}"#, "$: there is more text after the end of the document (line 1)"),
        (
            "unknown type",
            bundle(
                #"""
                {"resourceType":"Pateint"}
                """#), "entry 1: resource.resourceType: “Pateint” is not a resource type of FHIR R4 (line 3)"
        ),
        ("no type", bundle(#"{"id":"a"}"#), "entry 1: resource.resourceType: is missing (line 3)"),
        ("not an object", "[]", "the file must hold a FHIR resource, which is a JSON object (line 1)"),
        (
            "wrong Bundle", #"{"resourceType":"Bundle","type":"history"}"#,
            "Bundle.type: must be transaction, batch, collection or searchset, and is “history” (line 1)"
        ),
        (
            "U+0000 escaped", observation(#""valueString":"a\u0000b""#),
            "entry 1: Observation.valueString: the character U+0000 is not allowed (line 3)"
        ),
        (
            "U+0000 raw", observation("\"valueString\":\"a\u{0}b\""),
            "entry 1: Observation.valueString: the character U+0000 is not allowed (line 3)"
        ),
        (
            "control character", observation("\"valueString\":\"a\u{1}b\""),
            "entry 1: Observation.valueString: a control character inside a string (line 3)"
        ),
        ("lone surrogate", observation(#""valueString":"\ud83d!""#), "entry 1: Observation.valueString: half of a surrogate pair (line 3)"),
        ("low surrogate", observation(#""valueString":"\udc00""#), "entry 1: Observation.valueString: half of a surrogate pair (line 3)"),
        ("duplicate name", observation(#""status":"final""#), "entry 1: Observation.status: the name “status” is there twice (line 3)"),
        (
            "duplicate name in disguise", observation(#""st\u0061tus":"final""#),
            "entry 1: Observation.status: the name “status” is there twice (line 3)"
        ),
        (
            "decimal as text", observation(#""valueQuantity":{"value":"abc"}"#),
            "entry 1: Observation.valueQuantity.value: must be a number, and is the text “abc” (line 3)"
        ),
        (
            "decimal without digits", observation(#""valueQuantity":{"value":1.}"#),
            "entry 1: Observation.valueQuantity.value: a number needs a digit after its point (line 3)"
        ),
        (
            "leading zero", observation(#""component":[{"code":{"text":"a"}},{"code":{"text":"b"},"valueQuantity":{"value":01}}]"#),
            "entry 1: Observation.component[1].valueQuantity.value: a number cannot begin with 0 and another digit (line 3)"
        ),
        (
            "plus sign", observation(#""valueQuantity":{"value":+1}"#),
            "entry 1: Observation.valueQuantity.value: a number must begin with a digit or a minus sign (line 3)"
        ),
        ("not a number", observation(#""valueQuantity":{"value":NaN}"#), "entry 1: Observation.valueQuantity.value: expected a value (line 3)"),
        (
            "year 0", observation(#""effectiveDateTime":"0000-01-01""#),
            "entry 1: Observation.effectiveDateTime: “0000-01-01” is not a date or time: YYYY, YYYY-MM, YYYY-MM-DD or "
                + "YYYY-MM-DDThh:mm:ss±hh:mm (line 3)"
        ),
        (
            "no offset", observation(#""issued":"2024-01-01T10:00:00""#),
            "entry 1: Observation.issued: “2024-01-01T10:00:00” is not an instant: YYYY-MM-DDThh:mm:ss±hh:mm (line 3)"
        ),
        (
            "unknown zone",
            bundle(
                #"{"resourceType":"Location","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/timezone","valueCode":"America/Chigaco"}]}"#
            ).replacing("\"Observation\"}", with: "\"Location\"}"),
            "entry 1: Location.extension[0].valueCode: “America/Chigaco” is not a time zone (line 3)"
        ),
        (
            "unknown status", observation(#""valueString":"a""#).replacing("\"final\"", with: "\"done\""),
            "entry 1: Observation.status: “done” is not one of amended, cancelled, corrected, entered-in-error, final, preliminary, registered, "
                + "unknown (line 3)"
        ),
        (
            "missing code", bundle(#"{"resourceType":"Observation","status":"final"}"#), "entry 1: Observation.code: is missing (line 3)"
        ),
        (
            "missing choice", #"{"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"reference":"Patient/1"}}"#,
            "MedicationRequest.medication[x]: is missing (line 1)"
        ),
        ("object for array", observation(#""category":{"text":"a"}"#), "entry 1: Observation.category: must be an array (line 3)"),
        (
            "array for object", observation(#""subject":[{"reference":"a"}]"#),
            "entry 1: Observation.subject: must be one value, not an array (line 3)"
        ),
        (
            "text for object", observation(#""subject":"Patient/1""#),
            "entry 1: Observation.subject: must be an object, and is the text “Patient/1” (line 3)"
        ),
        ("null", observation(#""subject":null"#), "entry 1: Observation.subject: must be an object, and is null (line 3)"),
        (
            "bad id", observation(#""id":"a b""#),
            "entry 1: Observation.id: “a b” is not an id: 1 to 64 letters, digits, points and hyphens (line 3)"
        ),
        (
            "code with spaces", observation(#""language":" en""#),
            "entry 1: Observation.language: “ en” is not a code: it must not be empty or have spaces at its ends (line 3)"
        ),
        (
            "decimal in an extension", observation(#""extension":[{"url":"http://example.org","valueDecimal":"1"}]"#),
            "entry 1: Observation.extension[0].valueDecimal: must be a number, and is the text “1” (line 3)"
        ),
        (
            "same fullUrl twice", observation(#""id":"a""#).replacing("urn:uuid:1", with: "urn:uuid:0"),
            "entry 1: fullUrl: “urn:uuid:0” is also the fullUrl of entry 0 (line 3)"
        ),
        (
            "same id twice",
            #"""
            {"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient",
            "id":"a"}},{"resource":{"resourceType":"Patient","id":"a"}}]}
            """#,
            "entry 1: Patient.id: Patient/a is also in entry 0 (line 2)"
        ),
        (
            "no request", #"{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient"}}]}"#,
            "entry 0: request: is missing; every entry of a transaction or batch has one (line 1)"
        ),
        (
            "delete", #"{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient/1"}}]}"#,
            "entry 0: request.method: must be POST or PUT (line 1)"
        ),
        (
            "request for another type", bundle(#"{"resourceType":"Condition","subject":{}}"#),
            "entry 1: request.url: is for “Observation”, but the resource is a Condition (line 3)"
        ),
        ("comma at the end", #"{"resourceType":"Patient",}"#, "Patient.resourceType: a comma with nothing after it (line 1)"),
        ("missing comma", #"{"a":1 "b":2}"#, "$.a: expected a comma or the end of the object (line 1)"),
        ("missing colon", #"{"a" 1}"#, "$.a: expected a colon after the name (line 1)"),
        ("comment", "{} // hi", "$: there is more text after the end of the document (line 1)"),
        ("bad escape", #"{"a":"\x"}"#, "$.a: an unknown escape (line 1)"),
        ("mismatched", #"{"a":[1}"#, "$.a[1]: expected a comma or the end of the array (line 1)"),
    ]

    @Test(arguments: table.indices)
    func isRefusedWithPlaceAndReason(_ row: Int) throws {
        let (name, file, problem) = Self.table[row]
        let error = #expect(throws: ImportProblems.self, "\(name)") { try ImportFile.checked(Array(file.utf8)) }
        #expect(error?.problems.first?.text == problem, "\(name)")
    }

    @Test func depthIsBounded() throws {
        let deep = String(repeating: "[", count: 100_000)
        let error = #expect(throws: ImportProblems.self) { try ImportFile([UInt8](deep.utf8)) }
        #expect(error?.problems.first?.reason == "nested deeper than 64 levels")
        let allowed = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(throws: Never.self) { try JSONDocument(allowed) }
    }

    @Test func invalidUTF8IsRefused() {
        let invalid: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ]
        for bytes in invalid {
            let error = #expect(throws: JSONError.self) { try JSONDocument([0x22] + bytes + [0x22]) }
            #expect(error?.reason == "not valid UTF-8")
            #expect(error?.offset == 1)
        }
        for text in ["\u{80}", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}"] {
            #expect((try? JSONDocument("\"\(text)\""))?.root.text == text)
        }
    }

    @Test func offsetsCountTheByteOrderMark() {
        let error = #expect(throws: JSONError.self) { try JSONDocument([0xEF, 0xBB, 0xBF] + Array("{]".utf8)) }
        #expect(error?.offset == 4)
    }

    @Test func aFileBeyondTheLimitIsNotRead() {
        var limits = ImportLimits()
        limits.bytes = 10
        let error = #expect(throws: ImportProblems.self) { try ImportFile(Array("{\"resourceType\":1}".utf8), limits: limits) }
        #expect(error?.problems.first?.text == "the file has 18 bytes; at most 10 are taken")
    }

    @Test func aCompressedFileIsCalledThat() {
        let error = #expect(throws: ImportProblems.self) { try ImportFile([0x1F, 0x8B, 0x08, 0, 0]) }
        #expect(error?.problems.map(\.text) == ["the file is compressed with gzip; unpack it first"])
    }

    @Test func aPutMustNameTheResourceItSends() {
        let file = Self.bundle(#"{"resourceType":"Observation","id":"b","status":"final","code":{"text":"x"}}"#)
            .replacing("\"POST\",\"url\":\"Observation\"", with: "\"PUT\",\"url\":\"Observation/a\"")
        let error = #expect(throws: ImportProblems.self) { try ImportFile(Array(file.utf8)) }
        #expect(error?.problems.first?.text == "entry 1: request.url: is for “Observation/a”, but the resource's id is b (line 3)")
    }

    @Test func manyProblemsAreGatheredUpToTheLimit() {
        let codings = (0..<50).map { #"{"system":"", "code":"\#($0) "}"# }.joined(separator: ",")
        let file = Self.observation(#""category":[{"coding":[\#(codings)]}]"#)
        let error = #expect(throws: ImportProblems.self) { try ImportFile.checked(Array(file.utf8)) }
        #expect(error?.problems.count == 20)
        #expect(error?.problems[1].path == "Observation.category[0].coding[0].code")
    }

    @Test func anObjectOfManyNamesIsReadInTimeAndStillFindsDuplicates() throws {
        let names = (0..<100_000).map { "\"n\($0)\":0" }.joined(separator: ",")
        #expect(throws: Never.self) { try JSONDocument("{\(names)}") }
        let error = #expect(throws: JSONError.self) { try JSONDocument("{\(names),\"n5\":1}") }
        #expect(error?.path == "$.n5")
    }

    @Test func realFilesMayHold() throws {
        let lenient = Self.observation(
            #"""
            "_effectiveDateTime":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]},
            "note":[],"unknownElement":{"x":[1,{"y":null}]},"performer":[{"display":""}],"subject":{"reference":"Patient/1"},
            "contained":[{"resourceType":"Medication","id":"m"}],"valueQuantity":{"value":1e2,"unit":""}
            """#)
        // A null in an unknown place is still no value.
        #expect(throws: ImportProblems.self) { try ImportFile.checked(Array(lenient.utf8)) }
        #expect(throws: Never.self) { try ImportFile.checked(Array(lenient.replacing("null", with: "true").utf8)) }
        // Elements whose names look like those of a choice.
        for odd in [
            #"{"resourceType":"Contract","term":[{"asset":[{"valuedItem":[{"effectiveTime":"2024-02-29T10:00:00Z"}]}]}]}"#,
            #"{"resourceType":"MedicinalProduct","manufacturingBusinessOperation":[{"effectiveDate":"2024-02-29T10:00:00Z"}]}"#,
            #"{"resourceType":"DeviceDefinition","property":[{"type":{"text":"a"},"valueQuantity":[{"value":1}],"valueCode":[{"text":"b"}]}]}"#,
        ] {
            #expect(throws: Never.self) { try ImportFile.checked(Array(odd.utf8)) }
        }
        let names = #"{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"extension":[{"url":"u","valueString":"v"}]}]}]}"#
        #expect(throws: Never.self) { try ImportFile.checked(Array(names.utf8)) }
    }
}
