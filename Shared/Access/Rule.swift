public import Contracts

/// Who may ask something, decided by the service that answers. Rules are joined with `||`.
public struct Rule: Sendable {
    private let allows: @Sendable (Actor, [ID<Patient>]) -> Bool

    public init(_ allows: @escaping @Sendable (Actor, [ID<Patient>]) -> Bool) { self.allows = allows }

    /// - Parameter patients: whose records the request touches.
    public func allow(_ actor: Actor, _ patients: [ID<Patient>]) -> Bool { allows(actor, patients) }

    public static func || (a: Rule, b: Rule) -> Rule {
        Rule { actor, patients in a.allows(actor, patients) || b.allows(actor, patients) }
    }

    /// A patient's account, for the records it may act for and no others.
    public static let ownRecord = Rule { actor, patients in
        actor.role == .patient && !patients.isEmpty && patients.allSatisfy(actor.patients.contains)
    }

    /// A signed-in patient asking about no record in particular.
    public static let anyPatient = Rule { actor, patients in actor.role == .patient && patients.allSatisfy(actor.patients.contains) }

    public static func staff(_ roles: Role...) -> Rule {
        let roles = Set(roles)
        return Rule { actor, _ in actor.role.isStaff && roles.contains(actor.role) }
    }

    /// Everybody who works with patients' charts.
    public static let careTeam = staff(.clinician, .nurse)
    public static let anyStaff = Rule { actor, _ in actor.role.isStaff }
    public static let operators = Rule { actor, _ in actor.role == .operator }

    /// Services acting for themselves.
    public static func workers(_ names: String...) -> Rule {
        let names = Set(names)
        return Rule { actor, _ in actor.role == .worker && names.contains(actor.issuer) }
    }

    /// Gateways asking for somebody who has not signed in.
    public static func gateways(_ names: String...) -> Rule {
        let names = Set(names)
        return Rule { actor, _ in actor.role == .anonymous && names.contains(actor.issuer) }
    }
}
