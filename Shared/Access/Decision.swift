public import Contracts
internal import Faults
public import Foundation

/// What of a patient something shows or changes.
public enum Content: Int, Sendable, Comparable, CaseIterable {
    /// Nothing about anybody in particular.
    case nobody
    /// Who somebody is and how they are reached.
    case demographics
    /// When they come, and to whom.
    case schedule
    /// The record.
    case clinical
    /// What its owner decides: who may see it; and who did.
    case wishes

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// The most a role ever sees of a patient.
    static func most(of role: Role) -> Content {
        switch role {
        case .clinician, .nurse: .clinical
        case .frontDesk, .administrator: .schedule
        case .billingOffice: .demographics
        case .patient, .operator, .worker, .anonymous: .nobody
        }
    }
}

/// How somebody takes part in a patient's treatment, now.
public enum Treatment: Int, Sendable, Comparable, CaseIterable {
    case none
    /// Works where the patient comes for a visit.
    case site
    /// Has a visit of the patient, from 30 days before it to 90 days after.
    case visit
    /// Is on the patient's care team.
    case team

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// What a service's own read models say of one patient and whoever asks.
public struct AccessFacts: Sendable, Equatable {
    public var treatment: Treatment
    /// Lines in force now; nil when they could not be looked up.
    public var consent: [ConsentRule]?
    /// Until when the asker has broken the glass; nil when they have not.
    public var glassBrokenUntil: Date?
    /// Documents that are shared with the asker now, and how sensitive each is; empty where that was not looked up.
    public var shared: [ID<Resource>: Sensitivity]
    /// Of bills that were issued to somebody else than the patient: to whose record; empty where that was not looked up.
    public var billedTo: [UUID: ID<Patient>]

    public init(
        treatment: Treatment = .none, consent: [ConsentRule]? = [], glassBrokenUntil: Date? = nil, shared: [ID<Resource>: Sensitivity] = [:],
        billedTo: [UUID: ID<Patient>] = [:]
    ) {
        (self.treatment, self.consent, self.glassBrokenUntil, self.shared) = (treatment, consent, glassBrokenUntil, shared)
        self.billedTo = billedTo
    }
}

/// Why somebody may not. Raw values are in the audit trail, never in an answer.
public enum Denial: String, Sendable, CaseIterable {
    case role = "wrong-role"
    case otherRecord = "not-own-record"
    case treatment = "no-treatment"
    case consent = "consent-denied"
    case consentUnknown = "consent-unknown"
    case sensitive = "sensitive"
    case limited = "limited-proxy"
    case notThemselves = "not-themselves"
    case noPatient = "no-patient-named"
    case notShared = "not-shared"
    case notBilled = "not-billed"
}

public enum Decision: Sendable, Equatable {
    case allow(Granted)
    case deny(Denial)
    /// No, but this person may break the glass.
    case breakGlass(Denial)

    public static let allow = Decision.allow(Granted())
    public var isAllowed: Bool { if case .allow = self { true } else { false } }
}

/// How far a yes goes.
public struct Granted: Sendable, Equatable {
    /// What the patient keeps from this person.
    public var withheld: Sensitivity
    /// Set while the glass is broken.
    public var glassBrokenUntil: Date?
    /// What made it a yes, a code for the trail; where the rule says nothing, filled in by who looked the facts up.
    public var basis: String?
    /// What the trail is to say of something that was done, a code: where it was done although there was a warning.
    public var remark: String?

    public init(withheld: Sensitivity = [], glassBrokenUntil: Date? = nil) {
        (self.withheld, self.glassBrokenUntil) = (withheld, glassBrokenUntil)
    }

    /// What both allow.
    func and(_ other: Granted) -> Granted {
        var both = Granted(withheld: withheld.union(other.withheld), glassBrokenUntil: glassBrokenUntil ?? other.glassBrokenUntil)
        both.basis = basis ?? other.basis
        return both
    }
}

extension Actor {
    /// Whether this person may see, or change, that much of one patient: the one place where role, acting-for, treatment, consent and sensitivity
    /// come together. Pure: everything it goes by is given.
    /// - Parameter kinds: of the one thing asked for; of a list each item has its own, and `Granted.withheld` says which to leave out.
    public func decide(on content: Content, of patient: ID<Patient>, kinds: Sensitivity = [], _ facts: AccessFacts) -> Decision {
        if role == .patient {
            guard patients.contains(patient) || Fault.anyRecordIsOwn.isOn else { return .deny(.otherRecord) }
            guard acting(for: patient)?.level == .limited, !Fault.limitsAreIgnored.isOn else { return .allow }
            guard content <= .clinical else { return .deny(.limited) }
            return kinds.isEmpty ? .allow(Granted(withheld: .all)) : .deny(.sensitive)
        }
        guard content <= Content.most(of: role) || role.isStaff && Fault.everyRoleSeesAll.isOn else { return .deny(.role) }
        // Whoever may break the glass has to be found first; and a desk that books for anybody needs no treatment relationship.
        guard content > .demographics, role == .clinician || role == .nurse else { return .allow }
        if let until = facts.glassBrokenUntil { return .allow(Granted(glassBrokenUntil: until)) }
        guard let consent = facts.consent ?? (Fault.unknownConsentPermits.isOn ? [] : nil) else { return .breakGlass(.consentUnknown) }
        let everything = consent.verdict(on: nil, for: self)
        guard everything != false || Fault.consentIsFiled.isOn else { return .breakGlass(.consent) }
        guard treats(facts.treatment) || everything == true || Fault.everybodyTreats.isOn else { return .breakGlass(.treatment) }
        let withheld = Fault.kindsAreAlike.isOn ? [] : consent.withheld(from: self)
        guard withheld.isDisjoint(with: kinds) else { return .breakGlass(.sensitive) }
        return .allow(Granted(withheld: withheld))
    }

    /// Whether this person may open one document because it was shared with them: that stands in for treating the patient, and for nothing else.
    /// What the patient keeps from this person stays closed, and no glass is broken here.
    public func decide(onShared document: ID<Resource>, of patient: ID<Patient>, _ facts: AccessFacts) -> Decision {
        guard role == .clinician || role == .nurse else { return .deny(.role) }
        guard let kinds = facts.shared[document] else { return .deny(.notShared) }
        let asked = AccessFacts(treatment: .team, consent: Fault.sharesGoFirst.isOn ? [] : facts.consent)
        switch decide(on: .clinical, of: patient, kinds: kinds, asked) {
        case .allow(var granted):
            granted.basis = "share"
            return .allow(granted)
        case .breakGlass(let why), .deny(let why): return .deny(why)
        }
    }

    /// Whether this person may open one bill of a patient because it was issued to them, or to somebody for whom they do all that a record's owner
    /// decides. It opens that bill, and nothing else of the patient.
    public func decide(onBill bill: UUID, of patient: ID<Patient>, _ facts: AccessFacts) -> Decision {
        guard role == .patient else { return .deny(.role) }
        guard let payer = facts.billedTo[bill] else { return .deny(.notBilled) }
        switch decide(on: .wishes, of: payer, AccessFacts()) {
        case .allow(var granted):
            granted.basis = "guarantor"
            return .allow(granted)
        case .breakGlass, .deny: return .deny(.notBilled)
        }
    }

    /// Working at the place of a visit is enough for nurses, who see whoever comes.
    private func treats(_ treatment: Treatment) -> Bool {
        switch treatment {
        case .none: false
        case .site: role == .nurse || Fault.siteIsEnough.isOn
        case .visit, .team: true
        }
    }
}
