public import Foundation

/// Lets somebody act for a patient in the portal: a parent at the desk for a child, or whom an adult patient chooses. Who has an account with that
/// e-mail acts at once; anybody else gets a code there, good together with the patient's birth date.
public struct GrantProxy: Command {
    public static let name = "identity.grant-proxy.v1"
    public typealias Reply = GrantedProxy
    public typealias Refusal = GrantProxyRefusal

    public var proxy: ID<Proxy>
    public var patient: ID<Patient>
    /// As on file: `2016-03-14`. It decides what may be granted, by whom, and until when.
    public var birthDate: String
    /// What the person is called: 1 to 100 characters.
    public var proxyName: String
    /// The e-mail address they sign in with, or get their code at.
    public var email: String
    /// Code: parent, guardian, partner, child, sibling, friend, caregiver, other.
    public var relationship: String
    public var level: ProxyLevel
    /// The last day, by the clinic's calendar; nil until it is withdrawn, or the child is of age.
    public var until: String?
    /// Of the letter with the code.
    public var language: String?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        proxy: ID<Proxy>, patient: ID<Patient>, birthDate: String, proxyName: String, email: String, relationship: String, level: ProxyLevel,
        until: String? = nil, language: String? = nil, key: UUID
    ) {
        self.proxy = proxy
        self.patient = patient
        self.birthDate = birthDate
        self.proxyName = proxyName
        self.email = email
        self.relationship = relationship
        self.level = level
        self.until = until
        self.language = language
        self.key = key
    }
}

/// How much of a record somebody sees who acts for its owner.
public enum ProxyLevel: String, Codable, Sendable {
    case full
    /// Without what is labelled as sensitive, and without what the patient decides alone: who may see the record, and who did.
    case limited
}

public enum ProxyState: String, Codable, Sendable {
    /// The code is on its way.
    case invited
    case granted
    case expired
    case withdrawn

    public var hasEnded: Bool { self == .expired || self == .withdrawn }
}

public struct GrantedProxy: Codable, Sendable, Equatable {
    public var state: ProxyState
    /// Its last moment, where it has one.
    public var ends: Date?

    public init(state: ProxyState, ends: Date? = nil) { (self.state, self.ends) = (state, ends) }
}

public enum GrantProxyRefusal: String, Codable, Sendable {
    case nameMissing, notAnAddress, unknownRelationship
    /// The record has no whole birth date.
    case birthDateMissing
    /// No day, or one that is over.
    case untilNotGood
    /// The account with this e-mail is the patient's own.
    case oneself
    /// They act for the patient already.
    case alreadyGranted
    /// A minor's proxies are granted at the desk.
    case notOfAge
    /// An adult's are granted by the patient, and by nobody else.
    case ofAge
    /// From the twelfth birthday on.
    case limitedAtMost
    case tooMany
}

/// Ends it: the patient, whoever acts, or staff with a reason.
public struct WithdrawProxy: Command {
    public static let name = "identity.withdraw-proxy.v1"
    public typealias Reply = Done
    public typealias Refusal = WithdrawProxyRefusal

    public var proxy: ID<Proxy>
    public var patient: ID<Patient>
    /// From staff a code: court-order, custody, asked, mistake.
    public var reason: String?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(proxy: ID<Proxy>, patient: ID<Patient>, reason: String? = nil, key: UUID) {
        (self.proxy, self.patient, self.reason, self.key) = (proxy, patient, reason, key)
    }
}

public enum WithdrawProxyRefusal: String, Codable, Sendable {
    /// None, over already, or not theirs to end.
    case notFound
    case unknownReason
}

/// Who may act for a patient, and who could.
public struct ReadProxies: Query {
    public static let name = "identity.read-proxies.v1"
    public typealias Reply = Proxies

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct Proxies: Codable, Sendable, Equatable {
    /// Those that hold first, then the newest; at most 100.
    public var proxies: [ProxyLine]

    public init(proxies: [ProxyLine]) { self.proxies = proxies }
}

public struct ProxyLine: Codable, Sendable, Equatable {
    public var proxy: ID<Proxy>
    /// Empty once the record's key is destroyed, as is the e-mail.
    public var name: String
    public var email: String
    public var relationship: String
    /// As it is now.
    public var level: ProxyLevel
    public var state: ProxyState
    public var granted: Date
    /// By staff, for a child.
    public var ofChild: Bool
    public var ends: Date?
    public var ended: Date?
    /// Code of why it was withdrawn: by-patient, by-proxy, patient-deceased, or staff's.
    public var reason: String?

    public init(
        proxy: ID<Proxy>, name: String, email: String, relationship: String, level: ProxyLevel, state: ProxyState, granted: Date, ofChild: Bool,
        ends: Date? = nil, ended: Date? = nil, reason: String? = nil
    ) {
        self.proxy = proxy
        self.name = name
        self.email = email
        self.relationship = relationship
        self.level = level
        self.state = state
        self.granted = granted
        self.ofChild = ofChild
        self.ends = ends
        self.ended = ended
        self.reason = reason
    }
}

/// A record of somebody else's that an account acts for.
public struct ActingFor: Codable, Sendable, Equatable {
    public var proxy: ID<Proxy>
    public var patient: ID<Patient>
    public var level: ProxyLevel
    /// From then on it has ended, or is another level.
    public var until: Date?

    public init(proxy: ID<Proxy>, patient: ID<Patient>, level: ProxyLevel, until: Date? = nil) {
        (self.proxy, self.patient, self.level, self.until) = (proxy, patient, level, until)
    }
}

/// Somebody acts for a patient from now on, or does no longer.
public struct ProxyChanged: Event, Equatable {
    public static let name = "identity.proxy-changed.v1"

    public var proxy: ID<Proxy>
    public var patient: ID<Patient>
    /// Nil while the code has not been used.
    public var account: ID<Account>?
    public var state: ProxyState

    public init(proxy: ID<Proxy>, patient: ID<Patient>, account: ID<Account>? = nil, state: ProxyState) {
        (self.proxy, self.patient, self.account, self.state) = (proxy, patient, account, state)
    }
}
