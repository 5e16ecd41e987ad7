import Contracts
import Foundation
import Web

/// The kinds of entry that are written by hand; raw values are in addresses of forms.
enum EntryKind: String, CaseIterable, Sendable {
    case problem, allergy, medication, immunization, procedure
    case noKnownAllergies = "no-known-allergies"
    case familyHistory = "family"
    case socialHistory = "social"

    init(_ content: EntryContent) {
        self =
            switch content {
            case .problem: .problem
            case .allergy: .allergy
            case .noKnownAllergies: .noKnownAllergies
            case .medication: .medication
            case .immunization: .immunization
            case .familyHistory: .familyHistory
            case .socialHistory: .socialHistory
            case .procedure: .procedure
            }
    }

    func title(_ t: Wording) -> HTML {
        switch self {
        case .problem: t("entry.problem")
        case .allergy: t("entry.allergy")
        case .noKnownAllergies: t("entry.no-known-allergies")
        case .medication: t("entry.medication")
        case .immunization: t("entry.immunization")
        case .procedure: t("entry.procedure")
        case .familyHistory: t("entry.family")
        case .socialHistory: t("entry.social")
        }
    }
}

/// An entry as it is typed: a text for each field, named as the member of the contract it fills, so that what is wrong with a member is shown at it.
struct EntryForm: Sendable {
    let kind: EntryKind
    private(set) var fields: [String: String]

    init(_ kind: EntryKind, _ fields: [String: String] = [:]) { (self.kind, self.fields) = (kind, fields) }

    /// What was typed, and nothing of what a form has besides.
    init(_ kind: EntryKind, typed form: FormData) {
        self.kind = kind
        fields = Dictionary(uniqueKeysWithValues: Self.names.map { ($0, form.trimmed($0)) })
    }

    private static let names = [
        "name", "substance", "vaccine", "system", "code", "status", "onset", "abatement", "note", "category", "criticality", "reactions", "dosage",
        "from", "until", "reason", "date", "lotNumber", "relationship", "conditions", "deceased", "topic", "answer",
    ]

    subscript(_ name: String) -> String { fields[name] ?? "" }

    private func optional(_ name: String) -> String? { self[name].isEmpty ? nil : self[name] }
    private func lines(_ name: String) -> [String] {
        self[name].split(whereSeparator: { $0.isNewline || $0 == ";" }).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
    private func coded(_ name: String) -> CodedText {
        CodedText(self[name], system: optional("code") == nil ? nil : optional("system"), code: optional("code"))
    }

    var content: EntryContent {
        switch kind {
        case .problem:
            .problem(
                EntryContent.Problem(
                    name: coded("name"), status: self["status"], onset: optional("onset"), abatement: optional("abatement"), note: optional("note")))
        case .allergy:
            .allergy(
                EntryContent.Allergy(
                    substance: coded("substance"), category: optional("category"), criticality: optional("criticality"),
                    reactions: lines("reactions"),
                    status: self["status"]))
        case .noKnownAllergies: .noKnownAllergies
        case .medication:
            .medication(
                EntryContent.Medication(
                    name: coded("name"), dosage: optional("dosage"), status: self["status"], from: optional("from"), until: optional("until"),
                    reason: optional("reason")))
        case .immunization:
            .immunization(
                EntryContent.Immunization(
                    vaccine: coded("vaccine"), date: self["date"], status: self["status"], lotNumber: optional("lotNumber"),
                    reason: optional("reason")))
        case .procedure: .procedure(EntryContent.Procedure(name: coded("name"), date: optional("date"), note: optional("note")))
        case .familyHistory:
            .familyHistory(
                EntryContent.FamilyHistory(
                    relationship: self["relationship"], conditions: lines("conditions").map { CodedText($0) },
                    deceased: self["deceased"].isEmpty ? nil : self["deceased"] == "yes", note: optional("note")))
        case .socialHistory:
            .socialHistory(
                EntryContent.SocialHistory(
                    topic: SocialTopic(rawValue: self["topic"]) ?? .smoking, answer: self["answer"], date: self["date"]))
        }
    }

    /// As it is filled in to begin with.
    init(_ content: EntryContent) {
        var fields: [String: String?] = [:]
        func take(_ name: String, _ coded: CodedText) {
            fields[name] = coded.text
            fields["system"] = coded.system
            fields["code"] = coded.code
        }
        switch content {
        case .problem(let problem):
            take("name", problem.name)
            fields.merge(["status": problem.status, "onset": problem.onset, "abatement": problem.abatement, "note": problem.note]) { $1 }
        case .allergy(let allergy):
            take("substance", allergy.substance)
            fields.merge([
                "category": allergy.category, "criticality": allergy.criticality, "reactions": allergy.reactions.joined(separator: "\n"),
                "status": allergy.status,
            ]) { $1 }
        case .noKnownAllergies: break
        case .medication(let medication):
            take("name", medication.name)
            fields.merge([
                "dosage": medication.dosage, "status": medication.status, "from": medication.from, "until": medication.until,
                "reason": medication.reason,
            ]) { $1 }
        case .immunization(let immunization):
            take("vaccine", immunization.vaccine)
            fields.merge([
                "date": immunization.date, "status": immunization.status, "lotNumber": immunization.lotNumber, "reason": immunization.reason,
            ]) { $1 }
        case .procedure(let procedure):
            take("name", procedure.name)
            fields.merge(["date": procedure.date, "note": procedure.note]) { $1 }
        case .familyHistory(let member):
            fields = [
                "relationship": member.relationship, "conditions": member.conditions.map(\.text).joined(separator: "\n"),
                "deceased": member.deceased.map { $0 ? "yes" : "no" }, "note": member.note,
            ]
        case .socialHistory(let answer):
            fields = ["topic": answer.topic.rawValue, "answer": answer.answer, "date": answer.date]
        }
        self.init(EntryKind(content), fields.compactMapValues { $0 })
    }

    // MARK: As it is shown

    func controls(_ errors: [FieldError], _ t: Wording) -> HTML {
        func field(
            _ name: String, _ label: HTML, _ control: Field.Control = .text, hint: HTML? = nil, width: Field.Width = .full, atMost: Int = 200
        ) -> HTML {
            Field(name, label, control, hint: hint, value: self[name], autocomplete: "off", width: width, maximumLength: atMost)
                .marked(errors, t).html
        }
        func date(_ name: String, _ label: HTML) -> HTML { field(name, label, hint: t("entry.date-hint"), width: .short, atMost: 30) }
        func select(_ name: String, _ label: HTML, _ options: [(value: String, label: HTML)]) -> HTML {
            // What an import brought and is not offered here stays what it is.
            let unknown = !self[name].isEmpty && !options.contains { $0.value == self[name] }
            return Select(name, label, options + (unknown ? [(self[name], HTML(text: self[name]))] : []), chosen: self[name]).marked(errors, t).html
        }
        let code: HTML = """
            <div class="cluster">\(select("system", t("entry.system"), Self.systems(t)))\
            \(field("code", t("entry.code"), hint: t("entry.code-hint"), width: .short, atMost: 60))</div>
            """
        let clinical = ["active", "inactive", "resolved"].map { ($0, t.clinicalStatus($0)) }
        return switch kind {
        case .problem:
            """
            \(field("name", t("entry.name")))\(select("status", t("chart.state"), clinical))\
            <div class="cluster">\(date("onset", t("entry.onset")))\(date("abatement", t("entry.abatement")))</div>\
            \(field("note", t("entry.note"), .lines, atMost: 2_000))\(code)
            """
        case .allergy:
            """
            \(field("substance", t("entry.substance")))\
            \(field("reactions", t("entry.reactions"), .lines, hint: t("entry.lines-hint"), atMost: 2_000))\
            <div class="cluster">\(select("criticality", t("entry.criticality"), Self.criticalities(t)))\
            \(select("category", t("entry.category"), Self.categories(t)))\(select("status", t("chart.state"), clinical))</div>\(code)
            """
        case .noKnownAllergies: Note(.plain, "<p>\(t("entry.no-known-help"))</p>").html
        case .medication:
            """
            \(field("name", t("chart.medicine")))\(field("dosage", t("chart.dose"), hint: t("entry.dose-hint"), atMost: 500))\
            \(select("status", t("chart.state"), ["active", "completed", "stopped"].map { ($0, t.medicationStatus($0)) }))\
            <div class="cluster">\(date("from", t("entry.from")))\(date("until", t("entry.until")))</div>\
            \(field("reason", t("entry.reason"), atMost: 500))\(code)
            """
        case .immunization:
            """
            \(field("vaccine", t("entry.vaccine")))\(date("date", t("entry.date")))\
            \(select("status", t("chart.state"), [("completed", t("entry.given")), ("not-done", t("entry.not-given"))]))\
            \(field("lotNumber", t("entry.lot"), width: .short, atMost: 60))\(field("reason", t("entry.not-given-reason"), atMost: 500))\(code)
            """
        case .procedure:
            "\(field("name", t("entry.procedure")))\(date("date", t("entry.date")))\(field("note", t("entry.note"), .lines, atMost: 2_000))\(code)"
        case .familyHistory:
            """
            \(select("relationship", t("entry.relationship"), Self.relationships.map { ($0, t.relationship($0)) }))\
            \(field("conditions", t("entry.conditions"), .lines, hint: t("entry.lines-hint"), atMost: 2_000))\
            \(select("deceased", t("entry.deceased"), [("", t("entry.not-asked")), ("no", t("entry.no")), ("yes", t("entry.yes"))]))\
            \(field("note", t("entry.note"), .lines, atMost: 2_000))
            """
        case .socialHistory:
            """
            \(select("topic", t("entry.topic"), SocialTopic.allCases.map { ($0.rawValue, $0.words(t)) }))\
            \(field("answer", t("entry.answer"), atMost: 500))\(date("date", t("entry.date")))
            """
        }
    }

    private static func systems(_ t: Wording) -> [(value: String, label: HTML)] {
        [
            ("", t("entry.no-code")), ("http://snomed.info/sct", "SNOMED CT"), ("http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM"),
            ("http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm"), ("http://hl7.org/fhir/sid/cvx", "CVX"), ("http://loinc.org", "LOINC"),
        ]
    }

    private static func criticalities(_ t: Wording) -> [(value: String, label: HTML)] {
        [("", t("entry.not-asked"))] + ["high", "low", "unable-to-assess"].map { ($0, t.criticality($0).label) }
    }

    private static func categories(_ t: Wording) -> [(value: String, label: HTML)] {
        [
            ("", t("entry.not-asked")), ("medication", t("entry.category-medication")), ("food", t("entry.category-food")),
            ("environment", t("entry.category-environment")), ("biologic", t("entry.category-biologic")),
        ]
    }

    private static let relationships = [
        "MTH", "FTH", "SIS", "BRO", "DAU", "SON", "MGRMTH", "MGRFTH", "PGRMTH", "PGRFTH", "MAUNT", "MUNCLE", "PAUNT", "PUNCLE", "HSIS", "HBRO",
    ]
}

extension SocialTopic {
    func words(_ t: Wording) -> HTML {
        switch self {
        case .smoking: t("social.smoking")
        case .alcohol: t("social.alcohol")
        case .drugs: t("social.drugs")
        case .occupation: t("social.occupation")
        case .household: t("social.household")
        case .exercise: t("social.exercise")
        }
    }
}
