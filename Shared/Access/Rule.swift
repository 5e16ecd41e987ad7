public import Contracts
internal import Faults
public import Foundation

/// Who may ask a message, decided by the service that answers it: who they must be, and how much of a patient it is about. Rules are joined with
/// `||`.
public struct Rule: Sendable {
    private enum Grant: Sendable {
        /// A patient's account, about the records it may act for.
        case ownRecord(Content)
        /// A patient's account, about its own record and nobody else's.
        case themselves
        /// The same about no record in particular.
        case anyPatient
        case staff(Set<Role>, Content)
        case shared
        case billed
        case operators
        case workers(Set<String>)
        case gateways(Set<String>)
        case anybody
    }

    private let grants: [Grant]

    private init(_ grants: [Grant]) { self.grants = grants }

    public static func || (a: Rule, b: Rule) -> Rule { Rule(a.grants + b.grants) }

    /// A patient's account, for the records it may act for and no others.
    public static let ownRecord = Rule([.ownRecord(.clinical)])

    /// The same about what a record's owner decides: whoever sees a part of a record only has no part in it.
    public static let ownWishes = Rule([.ownRecord(.wishes)])

    /// A patient about the own record: nobody who acts for them.
    public static let themselves = Rule([.themselves])

    /// A signed-in patient asking about no record in particular.
    public static let anyPatient = Rule([.anyPatient])

    /// Staff of these roles; whatever they are, never more than their role sees. What is about a patient's visits or record is for clinicians and
    /// nurses who treat the patient.
    public static func staff(_ roles: Role..., of content: Content) -> Rule { Rule([.staff(Set(roles), content)]) }

    /// Everybody who works with patients' charts, for the patients they treat.
    public static let careTeam = staff(.clinician, .nurse, of: .clinical)
    /// Those of them a document was shared with, for that one alone.
    public static let sharedWith = Rule([.shared])
    /// Whoever a bill was issued to in the patient's place, for that one alone.
    public static let billedTo = Rule([.billed])
    /// Everybody who works here, about who a patient is.
    public static let frontOffice = Rule([.staff(Role.staff, .demographics)])
    /// Everybody who works here, about nobody in particular.
    public static let anyStaff = Rule([.staff(Role.staff, .nobody)])
    public static let operators = Rule([.operators])

    /// Services acting for themselves.
    public static func workers(_ names: String...) -> Rule { Rule([.workers(Set(names))]) }

    /// Gateways asking for somebody who has not signed in.
    public static func gateways(_ names: String...) -> Rule { Rule([.gateways(Set(names))]) }

    #if DEBUG
        /// No rule at all: what tests put in a rule's place, to see it missed.
        package static let everybody = Rule([.anybody])
    #endif

    /// Whether the answer depends on what the service knows of the patients. - Parameter actor: who asks.
    public func needsFacts(_ actor: Actor) -> Bool {
        guard actor.role == .clinician || actor.role == .nurse else { return false }
        return grants.contains {
            if case .staff(let roles, let content) = $0 { roles.contains(actor.role) && content > .demographics } else { false }
        }
    }

    /// Whether a no may still become a yes, because something was shared with this person. - Parameter actor: who asks.
    public func needsShares(_ actor: Actor) -> Bool {
        guard actor.role == .clinician || actor.role == .nurse else { return false }
        return grants.contains { if case .shared = $0 { true } else { false } }
    }

    /// Whether a no may still become a yes, because a bill was issued to this person. - Parameter actor: who asks.
    public func needsPayers(_ actor: Actor) -> Bool {
        guard actor.role == .patient else { return false }
        return grants.contains { if case .billed = $0 { true } else { false } }
    }

    /// - Parameters:
    ///   - patients: whose records the request touches.
    ///   - facts: of each of them, where `needsFacts` asks for it; a patient without facts is one nobody treats.
    ///   - document: what is opened, where the facts say what was shared.
    ///   - bill: what is opened, where the facts say to whom it was issued.
    public func decide(
        _ actor: Actor, _ patients: [ID<Patient>], _ facts: [ID<Patient>: AccessFacts] = [:], shared document: ID<Resource>? = nil,
        bill: UUID? = nil
    ) -> Decision {
        var denial = Decision.deny(.role)
        for grant in grants {
            switch decide(grant, actor, patients, facts, document, bill) {
            case .allow(let granted): return .allow(granted)
            case .breakGlass(let why): denial = .breakGlass(why)
            case .deny(let why): if denial == .deny(.role) { denial = .deny(why) }
            }
        }
        return denial
    }

    private func decide(
        _ grant: Grant, _ actor: Actor, _ patients: [ID<Patient>], _ facts: [ID<Patient>: AccessFacts], _ document: ID<Resource>?, _ bill: UUID?
    ) -> Decision {
        switch grant {
        case .ownRecord(let content):
            guard actor.role == .patient else { return .deny(.role) }
            guard !patients.isEmpty else { return .deny(.noPatient) }
            return each(patients) { actor.decide(on: content, of: $0, AccessFacts()) }
        case .themselves:
            guard actor.role == .patient else { return .deny(.role) }
            guard !patients.isEmpty else { return .deny(.noPatient) }
            guard patients.allSatisfy({ actor.acting(for: $0) == nil }) || Fault.proxiesAreThemselves.isOn else { return .deny(.notThemselves) }
            return each(patients) { actor.decide(on: .wishes, of: $0, AccessFacts()) }
        case .anyPatient:
            guard actor.role == .patient else { return .deny(.role) }
            return each(patients) { actor.decide(on: .clinical, of: $0, AccessFacts()) }
        case .staff(let roles, let content):
            guard actor.role.isStaff, roles.contains(actor.role) || Fault.rolesAreAlike.isOn else { return .deny(.role) }
            guard content == .nobody || !patients.isEmpty else { return .deny(.noPatient) }
            return each(patients) { actor.decide(on: content, of: $0, facts[$0] ?? AccessFacts()) }
        case .shared:
            guard let document, !patients.isEmpty else { return .deny(.role) }
            return each(patients) { actor.decide(onShared: document, of: $0, facts[$0] ?? AccessFacts()) }
        case .billed:
            guard let bill, !patients.isEmpty else { return .deny(.role) }
            return each(patients) { actor.decide(onBill: bill, of: $0, facts[$0] ?? AccessFacts()) }
        case .anybody: return .allow
        case .operators: return actor.role == .operator || actor.role.isStaff && Fault.staffOperates.isOn ? .allow : .deny(.role)
        case .workers(let names):
            return actor.role == .worker && (names.contains(actor.issuer) || Fault.workersAreAlike.isOn) ? .allow : .deny(.role)
        case .gateways(let names):
            return actor.role == .anonymous && (names.contains(actor.issuer) || Fault.gatewaysAreAlike.isOn) ? .allow : .deny(.role)
        }
    }

    /// What is about several patients is allowed when it is for each of them.
    private func each(_ patients: [ID<Patient>], _ decide: (ID<Patient>) -> Decision) -> Decision {
        var granted = Granted()
        for patient in patients {
            switch decide(patient) {
            case .allow(let more): granted = granted.and(more)
            case let denial: return denial
            }
        }
        return .allow(granted)
    }
}
