internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres

/// The lines of one Consent, as decisions go by them.
struct ConsentLines {
    let lines: [DecisionFacts.Line]

    /// Of a FHIR Consent, ours or imported. - Parameter practitioner: who a reference means; a line about somebody unknown is about nobody here.
    init(_ consent: ConsentEntry, practitioner: (String) -> ID<Practitioner>?) {
        lines = (consent.isActive ? consent.lines : []).compactMap { line in
            let recipient: ConsentRule.Recipient
            if let reference = line.practitioner {
                guard let known = practitioner(reference) else { return nil }
                recipient = .practitioner(known)
            } else if let role = line.role {
                guard let known = Role(rawValue: role) else { return nil }
                recipient = .role(known)
            } else {
                recipient = .everybody
            }
            let kind = line.kind.flatMap { Sensitivity(code: $0) }
            // A label of a kind that is not known here: to deny too much is the safe reading, to permit too much is none.
            guard line.kind == nil || kind != nil || !line.permits else { return nil }
            return Self.line(ConsentRule(permits: line.permits, recipient: recipient, kind: kind), from: line.start, until: line.end)
        }
    }

    /// What is denied for some days is denied wherever those days are, or still are, today.
    private static let (ahead, behind) = (14.0 * 3_600, 12.0 * 3_600)

    static func line(_ rule: ConsentRule, from: String?, until: String?) -> DecisionFacts.Line {
        let start = from.flatMap { FHIRDate($0) }?.start
        let end = until.flatMap { FHIRDate($0) }?.range(in: .gmt).upperBound
        return DecisionFacts.Line(
            rule, from: rule.permits ? start : start?.addingTimeInterval(-ahead), until: rule.permits ? end : end?.addingTimeInterval(behind))
    }

    /// Writes them in place of what the Consent said before, and tells everybody.
    func write(_ consent: UUID, _ version: Int, of patient: ID<Patient>, in tx: Transaction) throws {
        DecisionFacts.setConsent(consent, of: patient, lines: lines, in: tx)
        let told = lines.filter { $0.rule.kind == nil }.map { line in
            var told = ConsentChanged.Line(permits: line.rule.permits, from: line.from, until: line.until)
            switch line.rule.recipient {
            case .everybody: break
            case .role(let role): told.role = role.rawValue
            case .practitioner(let practitioner): told.practitioner = practitioner
            }
            return told
        }
        try tx.emit(ConsentChanged(consent: ID(consent), version: version, patient: patient, lines: told))
    }
}

extension ConsentLine {
    /// Nil when it names what does not exist, or its days are in the wrong order.
    var checked: ConsentRule? {
        guard practitioner == nil || role == nil, kind == nil || Sensitivity(code: kind ?? "")?.codes == [kind ?? ""] else { return nil }
        for day in [from, until].compactMap(\.self) { guard day.utf8.count == 10, FHIRDate.isDate(day) else { return nil } }
        if let from, let until, from > until { return nil }
        var recipient = ConsentRule.Recipient.everybody
        if let practitioner { recipient = .practitioner(practitioner) }
        if let role {
            guard let role = Role(rawValue: role), role == .clinician || role == .nurse else { return nil }
            recipient = .role(role)
        }
        return ConsentRule(permits: permits, recipient: recipient, kind: kind.flatMap { Sensitivity(code: $0) })
    }
}
