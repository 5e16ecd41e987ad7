import Foundation
import Testing

@testable import FHIR

struct SearchColumnTests {
    static func columns(_ json: String, zone: TimeZone = .gmt) throws -> SearchColumns {
        SearchColumns(try JSONDocument(json).root, zone: zone) { SearchToken.hash("key" + $0) }
    }

    static func token(_ text: String) -> Int64 { SearchToken.hash(text) }

    @Test func tokensAreTheSameForEver() {
        // Stored data depends on these numbers.
        #expect(SearchToken.hash("") == -1_166_397_803_181_037_274)
        #expect(SearchToken.hash("Observation/code/18262-6") == -1_099_672_584_293_152_697)
    }

    @Test func observation() throws {
        let row = try Self.columns(
            #"""
            {"resourceType":"Observation","id":"o","status":"final","category":[{"coding":[{"system":"http://c","code":"laboratory"}]}],
            "code":{"coding":[{"system":"http://loinc.org","code":"18262-6"},{"system":"http://local","code":"LDL"}]},
            "subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/e"},"effectiveDateTime":"2024-03-12T08:00:00-05:00",
            "valueQuantity":{"value":5.40,"unit":"mg per dL","code":"mg/dL"},"performer":[{"reference":"Practitioner/d"},{"reference":"#c"}],
            "identifier":[{"system":"http://lab","value":"77"}],
            "component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]}}]}
            """#)
        #expect(row.patient == "Patient/p")
        #expect(row.status == "final")
        #expect(row.code == "18262-6")
        #expect(row.num == 5.4)
        #expect(row.unit == "mg/dL")
        #expect(row.encounter == "Encounter/e")
        #expect(row.category == ["laboratory"])
        #expect(row.references == ["Patient/p", "Encounter/e", "Practitioner/d"])
        #expect(row.lowest == (try DateTests.iso("2024-03-12T13:00:00Z")))
        #expect(row.highest == (try DateTests.iso("2024-03-12T13:00:01Z")))
        for text in [
            "Observation/code/http://loinc.org|18262-6", "Observation/code/18262-6", "Observation/code/http://local|LDL", "Observation/code/LDL",
            "Observation/category/http://c|laboratory", "Observation/status/final", "Observation/component-code/8480-6",
            "keyObservation/identifier/http://lab|77", "keyObservation/identifier/77",
        ] { #expect(row.tokens.contains(Self.token(text)), "\(text)") }
        #expect(!row.tokens.contains(Self.token("Observation/identifier/77")))
    }

    @Test(
        arguments: [
            (
                #"{"resourceType":"Patient","id":"p","birthDate":"1961-03-14","active":true,"gender":"female"}"#, "Patient/p", "active", nil,
                "1961-03-14"
            ),
            (
                #"""
                {"resourceType":"Condition","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"coding":[{"code":"38341003"}]},
                "subject":{"reference":"Patient/p"},"onsetDateTime":"2014"}
                """#,
                "Patient/p", "active", "38341003", "2014-01-01"
            ),
            (
                #"""
                {"resourceType":"AllergyIntolerance","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"coding":[{"code":"1"}]},
                "patient":{"reference":"urn:uuid:p"},"recordedDate":"2016-05"}
                """#,
                "urn:uuid:p", "active", "1", "2016-05-01"
            ),
            (
                #"""
                {"resourceType":"MedicationRequest","status":"active","medicationCodeableConcept":{"coding":[{"code":"314076"}]},
                "subject":{"reference":"Patient/p"},"authoredOn":"2020-02-03"}
                """#,
                "Patient/p", "active", "314076", "2020-02-03"
            ),
            (
                #"""
                {"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"code":"140"}]},
                "patient":{"reference":"Patient/p"},"occurrenceDateTime":"2020-10-01"}
                """#,
                "Patient/p", "completed", "140", "2020-10-01"
            ),
            (
                #"""
                {"resourceType":"Encounter","status":"finished","type":[{"coding":[{"code":"185349003"}]}],
                "subject":{"reference":"Patient/p"},"period":{"start":"2020-01-02","end":"2020-01-03"}}
                """#,
                "Patient/p", "finished", "185349003", "2020-01-02"
            ),
            (
                #"""
                {"resourceType":"Procedure","status":"completed","code":{"coding":[{"code":"9"}]},"subject":{"reference":"Patient/p"},
                "performedPeriod":{"start":"2020-01-02"}}
                """#,
                "Patient/p", "completed", "9", "2020-01-02"
            ),
            (
                #"""
                {"resourceType":"ExplanationOfBenefit","status":"active","type":{"coding":[{"code":"professional"}]},
                "patient":{"reference":"Patient/p"},"billablePeriod":{"start":"2020-01-02","end":"2021-01-02"}}
                """#,
                "Patient/p", "active", "professional", "2020-01-02"
            ),
            (
                #"""
                {"resourceType":"Appointment","status":"booked","start":"2026-01-02T00:00:00Z","end":"2026-01-02T00:20:00Z",
                "participant":[{"actor":{"reference":"Practitioner/d"}},{"actor":{"reference":"Patient/p"}}]}
                """#,
                "Patient/p", "booked", nil, "2026-01-02"
            ),
            (
                #"""
                {"resourceType":"DocumentReference","status":"current","type":{"coding":[{"code":"34133-9"}]},
                "subject":{"reference":"Patient/p"},"date":"2020-01-02T00:00:00Z",
                "context":{"encounter":[{"reference":"Encounter/e"}]}}
                """#,
                "Patient/p", "current", "34133-9", "2020-01-02"
            ),
            (
                #"""
                {"resourceType":"Goal","lifecycleStatus":"active","description":{"text":"x"},"subject":{"reference":"Patient/p"},
                "startDate":"2020-01-02"}
                """#,
                "Patient/p", "active", nil, "2020-01-02"
            ),
            (
                #"{"resourceType":"Coverage","status":"active","beneficiary":{"reference":"Patient/p"},"period":{"start":"2020-01-02"}}"#,
                "Patient/p", "active", nil, "2020-01-02"
            ),
            (
                #"{"resourceType":"Provenance","target":[{"reference":"Device/1"},{"reference":"Patient/p"}],"recorded":"2020-01-02T00:00:00Z"}"#,
                "Patient/p", nil, nil, "2020-01-02"
            ),
            (#"{"resourceType":"Organization","active":false,"name":"x"}"#, nil, "inactive", nil, nil),
            (#"{"resourceType":"Observation","status":"final","subject":{"reference":"Group/g"},"code":{"text":"x"}}"#, nil, "final", nil, nil),
        ] as [(String, String?, String?, String?, String?)])
    func mainTypes(_ json: String, _ patient: String?, _ status: String?, _ code: String?, _ day: String?) throws {
        let row = try Self.columns(json)
        #expect(row.patient == patient)
        #expect(row.status == status)
        #expect(row.code == code)
        #expect(row.lowest == (try day.map { try DateTests.iso($0 + "T00:00:00Z") }))
    }

    @Test func periodsAndZones() throws {
        let period = #"{"resourceType":"Encounter","period":{"start":"2024-03-10","end":"2024-03-10"}}"#
        let row = try Self.columns(period, zone: DateTests.chicago)
        #expect(row.lowest == (try DateTests.iso("2024-03-10T06:00:00Z")))
        #expect(row.highest == (try DateTests.iso("2024-03-11T05:00:00Z")))
        let open = try Self.columns(#"{"resourceType":"Encounter","period":{"start":"2024"}}"#)
        #expect(open.lowest != nil && open.highest == nil)
        let swapped = try Self.columns(#"{"resourceType":"Encounter","period":{"start":"2024","end":"2020"}}"#)
        #expect((swapped.lowest ?? .distantFuture) < (swapped.highest ?? .distantPast))
    }

    @Test func patient() throws {
        let patient = PatientColumns(
            try JSONDocument(
                #"""
                {"resourceType":"Patient","name":[{"use":"maiden","family":"Núñez"},
                {"use":"official","family":"García-Núñez","given":["José","Ángel"]},
                {"use":"nickname","given":["Pepe"]}],"birthDate":"1975-12","gender":"male","deceasedDateTime":"2020-01-01",
                "telecom":[{"system":"phone","value":"+1 (312) 555-0142"},{"system":"phone","value":"555.0100"},
                {"system":"email","value":"Jose@Example.org"}],
                "address":[{"line":["1 Main St","Apt 2"],"city":"Chicago","postalCode":"60608"}],
                "communication":[{"language":{"coding":[{"code":"en"}]}},{"language":{"coding":[{"code":"es-MX"}]},"preferred":true}],
                "identifier":[{"type":{"coding":[{"code":"SS"}]},"value":"999"},{"type":{"coding":[{"code":"MR"}]},"system":"s","value":"RF-1"}]}
                """#
            ).root)
        #expect(patient.names.map(\.full) == ["José Ángel García-Núñez", "Pepe", "Núñez"])
        #expect(patient.names.first?.familyNormal == "garcia nunez")
        #expect(patient.names.first?.givenNormal == "jose angel")
        #expect(patient.telecom.map(\.normal) == ["+13125550142", "5550100", "jose@example.org"])
        #expect(patient.addresses == ["1 Main St, Apt 2, Chicago, 60608"])
        #expect(patient.languages == ["es-MX", "en"])
        #expect(patient.mrn == "RF-1")
        #expect(patient.isDeceased)
        #expect(patient.birthDate == "1975-12")
    }

    @Test(arguments: [
        ("O’Brien", "obrien"), ("O'Brien", "obrien"), ("Smith--Jones", "smith jones"), ("  Åse  Sørensen ", "ase sorensen"),
        ("Łukasz", "lukasz"), ("Nguyễn Thị", "nguyen thi"), ("Weiß", "weiss"), ("José\u{301}", "jose"),
        ("van der Berg, Jr.", "van der berg jr"), ("", ""), ("李小龙", "李小龙"),
    ])
    func namesAreComparedWithoutAccents(_ name: String, _ normal: String) {
        #expect(NameNormal.of(name) == normal)
    }
}
