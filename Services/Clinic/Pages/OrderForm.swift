import Contracts
import Foundation
import Web

/// An order as it is typed.
struct OrderForm: Sendable {
    private static let names = ["kind", "what", "system", "code", "reason", "due", "priority"]
    private(set) var fields: [String: String]

    /// What is often ordered, or nothing, wanted in a week.
    init(today: Day, _ favourite: FavouriteOrder? = nil) {
        let due = Day(daysSince1970: (today.daysSince1970 ?? 0) + (favourite?.days ?? 7)).iso
        fields = [
            "kind": (favourite?.kind ?? .laboratory).rawValue, "priority": (favourite?.priority ?? .routine).rawValue, "due": due,
            "what": favourite?.what.text ?? "", "system": favourite?.what.system ?? "http://loinc.org", "code": favourite?.what.code ?? "",
        ]
    }

    init(typed form: FormData) { fields = Dictionary(uniqueKeysWithValues: Self.names.map { ($0, form.trimmed($0)) }) }

    subscript(_ name: String) -> String { fields[name] ?? "" }
    private func optional(_ name: String) -> String? { self[name].isEmpty ? nil : self[name] }

    func command(for patient: ID<Patient>, in encounter: ID<Resource>?, draft: Bool, key: UUID) -> PlaceOrder {
        PlaceOrder(
            patient: patient, order: ID(key), kind: OrderKind(rawValue: self["kind"]) ?? .laboratory,
            what: CodedText(self["what"], system: optional("code") == nil ? nil : optional("system"), code: optional("code")),
            reason: optional("reason"), due: self["due"], priority: OrderPriority(rawValue: self["priority"]) ?? .routine,
            draft: draft ? true : nil, encounter: encounter, key: key)
    }
}

extension Wording {
    func orderKind(_ kind: OrderKind) -> HTML {
        switch kind {
        case .laboratory: self("order.laboratory")
        case .imaging: self("order.imaging")
        case .referral: self("order.referral")
        }
    }

    func priority(_ priority: OrderPriority) -> HTML {
        switch priority {
        case .routine: self("order.routine")
        case .urgent: self("order.urgent")
        case .asap: self("order.asap")
        case .stat: self("order.stat")
        }
    }

    /// By when its result is wanted.
    func due(_ line: OrderLine) -> HTML {
        line.due.flatMap { Day(dateTime: $0) }.map { self("order.due-on", ["date": date($0, .short)]) } ?? self("order.no-due")
    }
}

extension OrderLine {
    func tag(_ t: Wording) -> HTML {
        overdue ? "\(Tag(.bad, t("order.overdue")))" : "\(Tag(status == "active" ? .info : .plain, t.recordStatus(status)))"
    }
}
