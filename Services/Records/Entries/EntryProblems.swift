internal import Contracts
internal import Foundation

extension EntryContent {
    /// What is wrong with it, field by field; empty when it can be kept.
    /// - Parameter before: what the entry said so far: a time that an import brought in words may stay.
    func problems(at now: Date, before: EntryContent? = nil) -> [EntryProblem] {
        var check = EntryCheck(now: now)
        switch (self, before) {
        case (.problem(let problem), let before):
            let old: Problem? = if case .problem(let old)? = before { old } else { nil }
            check.name("name", problem.name)
            check.code("status", problem.status, in: ["active", "recurrence", "relapse", "inactive", "remission", "resolved"])
            check.date("onset", problem.onset, unless: old?.onset)
            check.date("abatement", problem.abatement, notBefore: problem.onset, unless: old?.abatement)
            check.text("note", problem.note, atMost: 2_000)
        case (.allergy(let allergy), _):
            check.name("substance", allergy.substance)
            check.code("category", allergy.category, in: ["food", "medication", "environment", "biologic"])
            check.code("criticality", allergy.criticality, in: ["low", "high", "unable-to-assess"])
            check.code("status", allergy.status, in: ["active", "inactive", "resolved"])
            check.list("reactions", allergy.reactions)
        case (.noKnownAllergies, _): break
        case (.medication(let medication), let before):
            let old: Medication? = if case .medication(let old)? = before { old } else { nil }
            check.name("name", medication.name)
            check.code("status", medication.status, in: ["active", "completed", "stopped", "on-hold", "intended", "unknown", "not-taken"])
            check.date("from", medication.from, unless: old?.from)
            check.date("until", medication.until, notBefore: medication.from, mayBeToCome: true, unless: old?.until)
            check.text("dosage", medication.dosage, atMost: 500)
            check.text("reason", medication.reason, atMost: 500)
        case (.immunization(let immunization), let before):
            let old: Immunization? = if case .immunization(let old)? = before { old } else { nil }
            check.name("vaccine", immunization.vaccine)
            check.needed("date", immunization.date)
            check.date("date", immunization.date, unless: old?.date)
            check.code("status", immunization.status, in: ["completed", "not-done"])
            check.text("lotNumber", immunization.lotNumber, atMost: 60)
            if immunization.status == "not-done" { check.needed("reason", immunization.reason ?? "") }
            check.text("reason", immunization.reason, atMost: 500)
        case (.familyHistory(let member), _):
            check.code("relationship", member.relationship, in: FamilyHistory.relationships)
            check.needed("conditions", member.conditions.first?.text ?? "")
            check.list("conditions", member.conditions.map(\.text))
            check.text("note", member.note, atMost: 2_000)
        case (.socialHistory(let answer), let before):
            let old: SocialHistory? = if case .socialHistory(let old)? = before { old } else { nil }
            check.needed("answer", answer.answer)
            check.text("answer", answer.answer, atMost: 500)
            check.needed("date", answer.date)
            check.date("date", answer.date, unless: old?.date)
        case (.procedure(let procedure), let before):
            let old: Procedure? = if case .procedure(let old)? = before { old } else { nil }
            check.name("name", procedure.name)
            check.date("date", procedure.date, unless: old?.date)
            check.text("note", procedure.note, atMost: 2_000)
        }
        return check.problems
    }
}

extension EntryContent.FamilyHistory {
    /// HL7 v3 RoleCode: parents, siblings, children, grandparents, aunts and uncles.
    static let relationships: Set<String> = [
        "MTH", "FTH", "SIS", "BRO", "HSIS", "HBRO", "DAU", "SON", "MGRMTH", "MGRFTH", "PGRMTH", "PGRFTH", "MAUNT", "MUNCLE", "PAUNT", "PUNCLE",
    ]
}
