internal import Contracts
internal import FHIR
internal import Foundation

/// An entry as the FHIR R4 resource it is kept as. What was there before and is not written by hand stays: further codings, extensions, the members
/// an import brought.
struct EntryResource {
    let patient: ID<Patient>
    /// Who writes it; nil where the account is nobody's in the directory.
    let practitioner: ID<Practitioner>?
    let now: Date
    let old: JSONNode?

    /// - Returns: the resource without id and version.
    func resource(_ content: EntryContent) -> JSONValue {
        var made = old.map(JSONValue.init) ?? ["resourceType": .string(content.type)]
        switch content {
        case .problem(let problem): write(problem, to: &made)
        case .allergy(let allergy): write(allergy, to: &made)
        case .noKnownAllergies: writeNoKnownAllergies(to: &made)
        case .medication(let medication): write(medication, to: &made)
        case .immunization(let immunization): write(immunization, to: &made)
        case .familyHistory(let member): write(member, to: &made)
        case .socialHistory(let answer): write(answer, to: &made)
        case .procedure(let procedure): write(procedure, to: &made)
        }
        return made
    }

    private func write(_ problem: EntryContent.Problem, to made: inout JSONValue) {
        made["clinicalStatus"] = Self.concept("condition-clinical", problem.status)
        made["verificationStatus"] = kept("verificationStatus") ?? Self.concept("condition-ver-status", "confirmed")
        made["category"] = kept("category") ?? [Self.concept("condition-category", "problem-list-item")]
        made["code"] = concept(problem.name, over: old?["code"])
        made["subject"] = subject
        setTime("onset", problem.onset, of: ["Age", "Period", "Range", "String"], in: &made)
        setTime("abatement", problem.abatement, of: ["Age", "Period", "Range", "String"], in: &made)
        made["recordedDate"] = kept("recordedDate") ?? today
        made["recorder"] = author
        made["note"] = Self.note(problem.note)
    }

    private func write(_ allergy: EntryContent.Allergy, to made: inout JSONValue) {
        made["clinicalStatus"] = Self.concept("allergyintolerance-clinical", allergy.status)
        made["verificationStatus"] = kept("verificationStatus") ?? Self.concept("allergyintolerance-verification", "confirmed")
        made["category"] = allergy.category.map { [.string($0)] } ?? .missing
        made["criticality"] = .optional(allergy.criticality)
        made["code"] = concept(allergy.substance, over: old?["code"])
        made["patient"] = subject
        made["recordedDate"] = kept("recordedDate") ?? today
        made["recorder"] = author
        if old.map({ AllergyEntry($0).reactions }) != allergy.reactions {
            made["reaction"] = allergy.reactions.isEmpty ? .missing : [["manifestation": .array(allergy.reactions.map { ["text": .string($0)] })]]
        }
    }

    private func writeNoKnownAllergies(to made: inout JSONValue) {
        made["clinicalStatus"] = Self.concept("allergyintolerance-clinical", "active")
        made["verificationStatus"] = Self.concept("allergyintolerance-verification", "confirmed")
        made["code"] = .concept(
            system: "http://snomed.info/sct", code: Self.noKnownAllergy, display: "No known allergy", text: "No known allergies")
        made["patient"] = subject
        made["recordedDate"] = today
        made["recorder"] = author
    }

    private func write(_ medication: EntryContent.Medication, to made: inout JSONValue) {
        made["status"] = .string(medication.status)
        made["medicationCodeableConcept"] = concept(medication.name, over: old?["medicationCodeableConcept"])
        made["subject"] = subject
        made["effectivePeriod"] = ["start": .optional(medication.from), "end": .optional(medication.until)]
        made["effectiveDateTime"] = .missing
        made["dateAsserted"] = today
        made["informationSource"] = author
        made["reasonCode"] = medication.reason.map { [["text": .string($0)]] } ?? .missing
        made["dosage"] = medication.dosage.map { [["text": .string($0)]] } ?? .missing
    }

    private func write(_ immunization: EntryContent.Immunization, to made: inout JSONValue) {
        made["status"] = .string(immunization.status)
        made["statusReason"] = immunization.reason.map { ["text": .string($0)] } ?? .missing
        made["vaccineCode"] = concept(immunization.vaccine, over: old?["vaccineCode"])
        made["patient"] = subject
        setTime("occurrence", immunization.date, of: ["String"], in: &made)
        made["recorded"] = kept("recorded") ?? today
        made["lotNumber"] = .optional(immunization.lotNumber)
        made["performer"] = kept("performer") ?? [["actor": author]]
    }

    private func write(_ member: EntryContent.FamilyHistory, to made: inout JSONValue) {
        made["status"] = "completed"
        made["patient"] = subject
        made["date"] = today
        made["relationship"] = Self.concept("v3-RoleCode", member.relationship)
        made["deceasedBoolean"] = member.deceased.map(JSONValue.bool) ?? .missing
        let before = old?.list("condition") ?? []
        made["condition"] = .array(
            member.conditions.enumerated().map { place, name in
                ["code": concept(name, over: place < before.count ? before[place]["code"] : nil)]
            })
        made["note"] = Self.note(member.note)
    }

    private func write(_ answer: EntryContent.SocialHistory, to made: inout JSONValue) {
        made["status"] = old == nil ? "final" : "amended"
        made["category"] = [Self.concept("observation-category", "social-history")]
        let code = Self.topics[answer.topic] ?? ("", "")
        made["code"] = .concept(system: "http://loinc.org", code: code.0, display: code.1, text: code.1)
        made["subject"] = subject
        made["effectiveDateTime"] = .string(answer.date)
        made["issued"] = .string(now.formatted(.iso8601))
        made["performer"] = [author]
        for value in ["valueCodeableConcept", "valueQuantity", "valueBoolean", "valueInteger"] { made[value] = .missing }
        made["valueString"] = .string(answer.answer)
    }

    private func write(_ procedure: EntryContent.Procedure, to made: inout JSONValue) {
        made["status"] = kept("status") ?? "completed"
        made["code"] = concept(procedure.name, over: old?["code"])
        made["subject"] = subject
        if procedure.date != old?.timeText("performed") {
            setTime("performed", procedure.date, of: ["Age", "Period", "Range", "String"], in: &made)
        }
        made["recorder"] = author
        made["note"] = Self.note(procedure.note)
    }

    // MARK: Parts

    private var subject: JSONValue { .reference("Patient", patient) }
    private var author: JSONValue { .reference("Practitioner", practitioner) }
    private var today: JSONValue { .string(String(now.formatted(.iso8601).prefix(10))) }

    private func kept(_ name: String) -> JSONValue? { old?[name].map(JSONValue.init) }

    /// As it was where it says the same: its sender's further codings stay.
    private func concept(_ name: CodedText, over before: JSONNode?) -> JSONValue {
        if let before, before.display == name.text, before.code == name.code { return JSONValue(before) }
        return name.concept
    }

    /// A time in one of the types the element may have: a dateTime from now on, unless it is what was there.
    private func setTime(_ name: String, _ time: String?, of others: [String], in made: inout JSONValue) {
        guard old == nil || time != old?.timeText(name) else { return }
        for other in others { made[name + other] = .missing }
        made[name + "DateTime"] = .optional(time)
    }

    static func concept(_ system: String, _ code: String) -> JSONValue {
        .concept(system: "http://terminology.hl7.org/CodeSystem/" + system, code: code)
    }

    private static func note(_ text: String?) -> JSONValue { text.map { [["text": .string($0)]] } ?? .missing }

    /// SNOMED CT.
    static let noKnownAllergy = "716186003"

    /// LOINC, with the display a reader elsewhere sees.
    static let topics: [SocialTopic: (String, String)] = [
        .smoking: ("72166-2", "Tobacco smoking status"), .alcohol: ("11331-6", "History of Alcohol use"),
        .drugs: ("11343-1", "History of Other nonmedical drug use"), .occupation: ("11341-5", "History of Occupation"),
        .household: ("63512-8", "How many people are living or staying at this address"), .exercise: ("73985-4", "Exercise activity"),
    ]
}

extension EntryContent {
    /// FHIR resource type.
    var type: String {
        switch self {
        case .problem: "Condition"
        case .allergy, .noKnownAllergies: "AllergyIntolerance"
        case .medication: "MedicationStatement"
        case .immunization: "Immunization"
        case .familyHistory: "FamilyMemberHistory"
        case .socialHistory: "Observation"
        case .procedure: "Procedure"
        }
    }

    /// What a resource says, as far as it is written by hand; nil for a kind that is not.
    init?(_ resource: JSONNode) {
        switch resource.string("resourceType") {
        case "Condition":
            let entry = ConditionEntry(resource)
            self = .problem(
                Problem(
                    name: CodedText(resource["code"], entry.display), status: entry.clinicalStatus ?? "active", onset: entry.onset,
                    abatement: entry.abatement, note: resource.noteText))
        case "AllergyIntolerance":
            let entry = AllergyEntry(resource)
            self =
                entry.noKnown
                ? .noKnownAllergies
                : .allergy(
                    Allergy(
                        substance: CodedText(resource["code"], entry.substance), category: entry.category.first, criticality: entry.criticality,
                        reactions: entry.reactions, status: entry.clinicalStatus ?? "active"))
        case "MedicationStatement":
            let entry = MedicationEntry(resource)
            self = .medication(
                Medication(
                    name: CodedText(resource["medicationCodeableConcept"], entry.name), dosage: entry.dosage, status: entry.status ?? "active",
                    from: resource["effectivePeriod"]?.string("start") ?? resource.string("effectiveDateTime"),
                    until: resource["effectivePeriod"]?.string("end"), reason: entry.reason))
        case "Immunization":
            let entry = ImmunizationEntry(resource)
            self = .immunization(
                Immunization(
                    vaccine: CodedText(resource["vaccineCode"], entry.vaccine), date: entry.date ?? "", status: entry.status ?? "completed",
                    lotNumber: entry.lotNumber, reason: resource["statusReason"]?.display))
        case "FamilyMemberHistory":
            let entry = FamilyEntry(resource)
            self = .familyHistory(
                FamilyHistory(
                    relationship: entry.code ?? "", conditions: resource.list("condition").map { CodedText($0["code"], $0["code"]?.display ?? "") },
                    deceased: resource["deceasedBoolean"]?.bool, note: entry.note))
        case "Observation":
            let entry = ResultEntry(resource)
            guard entry.category.contains("social-history"), let topic = EntryResource.topics.first(where: { $0.value.0 == entry.code })?.key
            else { return nil }
            self = .socialHistory(SocialHistory(topic: topic, answer: entry.value.text ?? "", date: entry.effective ?? ""))
        case "Procedure":
            let entry = ProcedureEntry(resource)
            self = .procedure(Procedure(name: CodedText(resource["code"], entry.display), date: entry.performed, note: resource.noteText))
        default: return nil
        }
    }
}

extension CodedText {
    /// Of a `CodeableConcept`, called what our lists call it.
    init(_ concept: JSONNode?, _ text: String) {
        let coding = concept?.primaryCoding
        self.init(text, system: coding?.string("system"), code: coding?.string("code"))
    }

    var concept: JSONValue { .concept(system: system, code: code, display: text, text: text) }

    /// The same code of the same system.
    func isCoded(as other: CodedText) -> Bool { code != nil && code == other.code && system == other.system }
}
