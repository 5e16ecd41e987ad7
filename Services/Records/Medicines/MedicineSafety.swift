internal import Contracts
internal import FHIR
internal import Foundation

/// What a medicine meets in a record: pure, so that it is tested by table.
struct MedicineSafety {
    /// A medicine the patient takes, with what was written when somebody went over a warning.
    struct Taken {
        let entry: ID<Resource>
        let name: CodedText
        let isActive: Bool
        /// Names of entries that were gone over when it was prescribed, with the reason.
        var overrides: [ID<Resource>: String] = [:]
    }

    struct Allergy {
        let entry: ID<Resource>
        let name: CodedText
    }

    let allergies: [Allergy]
    let taken: [Taken]
    let table: SafetyTable?

    /// - Parameter renewed: the prescription that this one takes the place of: it is no duplicate.
    func report(on medicine: CodedText, renewing renewed: ID<Resource>? = nil) -> SafetyReport {
        let groups = table?.groups(of: medicine) ?? []
        let others = taken.filter { $0.isActive && $0.entry != renewed }
        return SafetyReport(checks: [
            check(.allergies, isKnown: !groups.isEmpty, allergyFindings(medicine, groups)),
            check(.interactions, isKnown: !groups.isEmpty, interactionFindings(medicine, groups, others)),
            // A name is compared without any table.
            check(.duplicates, isKnown: true, duplicateFindings(medicine, groups, others)),
        ])
    }

    /// A table that is missing, or does not know the medicine, has checked nothing; what was found all the same is said.
    private func check(_ kind: SafetyCheck.Kind, isKnown: Bool, _ findings: [SafetyFinding]) -> SafetyCheck {
        let state: SafetyCheck.State = !findings.isEmpty ? .warning : isKnown ? .ok : .notDone
        return SafetyCheck(kind: kind, state: state, findings: findings, table: table?.version, isSample: table?.isSample)
    }

    private func allergyFindings(_ medicine: CodedText, _ groups: Set<String>) -> [SafetyFinding] {
        allergies.filter { allergy in
            if let table, !table.groups(of: allergy.name).isDisjoint(with: groups) { return true }
            return Self.names(medicine, allergy.name)
        }.map { finding($0.entry, $0.name.text, medicine) }
    }

    private func interactionFindings(_ medicine: CodedText, _ groups: Set<String>, _ others: [Taken]) -> [SafetyFinding] {
        guard let table else { return [] }
        return others.compactMap { other in
            table.interaction(groups, table.groups(of: other.name)).map { finding(other.entry, other.name.text, medicine, $0.text) }
        }
    }

    private func duplicateFindings(_ medicine: CodedText, _ groups: Set<String>, _ others: [Taken]) -> [SafetyFinding] {
        others.filter { other in
            if other.name.isCoded(as: medicine) { return true }
            if let table, !table.groups(of: other.name).isDisjoint(with: groups) { return true }
            return Self.names(medicine, other.name) || Self.names(other.name, medicine)
        }.map { finding($0.entry, $0.name.text, medicine) }
    }

    private func finding(_ entry: ID<Resource>, _ name: String, _ medicine: CodedText, _ text: [String: String]? = nil) -> SafetyFinding {
        let before = taken.first { NameNormal.of($0.name.text) == NameNormal.of(medicine.text) && $0.overrides[entry] != nil }
        return SafetyFinding(entry: entry, name: name, text: text, overriddenBefore: before?.overrides[entry])
    }

    /// The first word of one, as a word of the other: `Penicillin V 250 mg` is penicillin.
    private static func names(_ medicine: CodedText, _ substance: CodedText) -> Bool {
        guard let first = NameNormal.of(substance.text).split(separator: " ").first, first.count > 3 else { return false }
        return NameNormal.of(medicine.text).split(separator: " ").contains(first)
    }
}

extension SafetyReport {
    /// Whether somebody has to say why in spite of it.
    var needsReason: Bool { checks.contains { $0.state != .ok } }
    /// What a reason goes over.
    var entries: [ID<Resource>] { checks.flatMap(\.findings).map(\.entry) }
}
