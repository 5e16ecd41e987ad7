import Testing

@testable import FHIR

struct ChartEntryTests {
    static func node(_ json: String) throws -> JSONNode { try JSONDocument(json).root }

    @Test func aResultKeepsItsDigits() throws {
        let result = ResultEntry(
            try Self.node(
                #"""
                {"resourceType":"Observation","id":"o","status":"corrected","category":[{"coding":[{"code":"laboratory"}]}],
                "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/observation-replaces",
                  "valueReference":{"reference":"Observation/first"}}],
                "code":{"coding":[{"code":"4548-4","display":"Hemoglobin A1c/Hemoglobin.total in Blood"}],"text":"Hemoglobin A1c"},
                "effectiveDateTime":"2024-03-12T08:00:00-05:00","valueQuantity":{"value":5.40,"comparator":"<","unit":"%","code":"%"},
                "interpretation":[{"coding":[{"code":"N"}]}],"note":[{"text":"fasting"}],
                "referenceRange":[{"type":{"coding":[{"code":"therapeutic"}]},"low":{"value":1}},{"low":{"value":4.0},"high":{"value":5.60}}]}
                """#))
        #expect(result.value.text == "<5.40")
        #expect(result.value.number == 5.4)
        #expect(result.value.unit == "%")
        #expect(result.display == "Hemoglobin A1c")
        #expect(result.range == .init(low: "4.0", high: "5.60", lowNumber: 4, highNumber: 5.6, text: nil))
        #expect(result.interpretation == "N")
        #expect(result.corrected && result.replaces == "Observation/first")
        #expect(result.effective == "2024-03-12T08:00:00-05:00")
        #expect(result.at == (try DateTests.iso("2024-03-12T13:00:00Z")))
        #expect(result.notes == ["fasting"])
    }

    @Test func bloodPressureHasItsParts() throws {
        let result = ResultEntry(
            try Self.node(
                #"""
                {"resourceType":"Observation","status":"final","code":{"coding":[{"code":"85354-9","display":"Blood pressure"}]},"component":[
                {"code":{"coding":[{"code":"8480-6"}],"text":"Systolic"},"valueQuantity":{"value":120,"unit":"mmHg"}},
                {"code":{"coding":[{"code":"8462-4"}],"text":"Diastolic"},"valueQuantity":{"value":80.0,"unit":"mmHg"}}]}
                """#))
        #expect(result.components.map(\.display) == ["Systolic", "Diastolic"])
        #expect(result.components.map(\.value.text) == ["120", "80.0"])
        #expect(result.value.text == nil)
    }

    @Test(
        arguments: [
            (#""valueCodeableConcept":{"coding":[{"display":"Never smoker"}]}"#, "Never smoker"), (#""valueString":"clear""#, "clear"),
            (#""valueBoolean":true"#, "true"), (#""valueInteger":7"#, "7"),
            (#""valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}"#, "1:128"), (#""valueDateTime":"2024-01""#, "2024-01"),
            (#""valueQuantity":{"value":1.50e-7}"#, "1.50e-7"), (#""dataAbsentReason":{"text":"refused"}"#, nil),
        ] as [(String, String?)])
    func everyKindOfValueHasAText(_ value: String, _ text: String?) throws {
        #expect(ResultEntry(try Self.node("{\"resourceType\":\"Observation\",\(value)}")).value.text == text)
    }

    @Test func displayIsTextElseDisplayElseCode() throws {
        func display(_ code: String) throws -> String { ConditionEntry(try Self.node("{\"code\":\(code)}")).display }
        #expect(try display(#"{"text":"a","coding":[{"display":"b","code":"c"}]}"#) == "a")
        #expect(try display(#"{"coding":[{"code":"c"},{"display":"b"}]}"#) == "b")
        #expect(try display(#"{"coding":[{"code":"c"}]}"#) == "c")
        #expect(try display("{}") == "")
    }

    @Test func conditionsSayWhenInTheirSendersWords() throws {
        let condition = ConditionEntry(
            try Self.node(
                #"""
                {"onsetAge":{"value":42,"unit":"years"},"abatementString":"in spring",
                "clinicalStatus":{"coding":[{"code":"resolved"}]},"verificationStatus":{"coding":[{"code":"entered-in-error"}]}}
                """#
            ))
        #expect(condition.onset == "42 years")
        #expect(condition.abatement == "in spring")
        #expect(condition.clinicalStatus == "resolved")
        #expect(condition.isRetracted)
    }

    @Test func allergies() throws {
        let none = AllergyEntry(
            try Self.node(
                #"""
                {"code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003"}],"text":"No known allergy"}}
                """#))
        #expect(none.noKnown)
        let peanut = AllergyEntry(
            try Self.node(
                #"""
                {"code":{"text":"Peanut"},"criticality":"high","category":["food"],
                "reaction":[{"manifestation":[{"text":"Hives"},{"text":"Rash"}]},{"manifestation":[{"text":"Hives"}]}]}
                """#
            ))
        #expect(peanut.reactions == ["Hives", "Rash"])
        #expect(!peanut.noKnown && peanut.criticality == "high" && peanut.category == ["food"])
    }

    @Test(
        arguments: [
            (#"{"dosageInstruction":[{"text":"1 at night"}]}"#, "1 at night"),
            (
                #"""
                {"dosageInstruction":[{"doseAndRate":[{"doseQuantity":{"value":1.0,"unit":"tablet"}}],
                "timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},"asNeededBoolean":true}]}
                """#,
                "1.0 tablet, 2 times a day, as needed"
            ),
            (#"{"dosageInstruction":[{"timing":{"repeat":{"frequency":1,"period":8,"periodUnit":"h"}}}]}"#, "once every 8 hours"), ("{}", nil),
        ] as [(String, String?)])
    func dosageIsReadable(_ json: String, _ text: String?) throws {
        #expect(MedicationEntry(try Self.node(json)).dosage == text)
    }

    @Test func aMedicationMayBeContained() throws {
        let entry = MedicationEntry(
            try Self.node(
                ##"""
                {"contained":[{"resourceType":"Medication","id":"m","code":{"text":"aspirin"}}],
                "medicationReference":{"reference":"#m"}}
                """##))
        #expect(entry.name == "aspirin")
    }

    @Test func encountersSayWhereAndWho() throws {
        let visit = EncounterEntry(
            try Self.node(
                #"""
                {"status":"finished","class":{"code":"AMB"},"type":[{"text":"Check-up"}],"period":{"start":"2020-01-02T10:00:00-06:00"},
                "reasonCode":[{"text":"Cough"}],"participant":[{"individual":{"reference":"Practitioner/1","display":"Dr. A"}}],
                "location":[{"location":{"reference":"Location/1","display":"Mill Street"}}]}
                """#))
        #expect(visit.display == "Check-up" && visit.reason == "Cough")
        #expect(visit.start == "2020-01-02T10:00:00-06:00")
        #expect(visit.practitioner == "Dr. A" && visit.location == "Mill Street")
    }

    @Test func aPractitionerIsNamedAsPeopleSayIt() throws {
        let entry = PractitionerEntry(try Self.node(#"{"id":"d","name":[{"family":"Okafor","given":["Ngozi"],"prefix":["Dr."],"suffix":["MD"]}]}"#))
        #expect(entry.name == "Dr. Ngozi Okafor, MD")
    }
}
