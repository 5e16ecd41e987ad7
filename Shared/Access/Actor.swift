public import Contracts

/// What somebody is to the clinic. Raw values are on the wire and in the audit trail.
public enum Role: String, Codable, Sendable, CaseIterable {
    case patient
    case clinician
    case nurse
    case frontDesk = "front-desk"
    case billingOffice = "billing-office"
    case administrator
    /// Whoever holds the operator's key file.
    case `operator`
    /// A service, acting for itself.
    case worker
    /// Nobody has signed in; a gateway asks for them.
    case anonymous

    public static let staff: Set<Role> = [.clinician, .nurse, .frontDesk, .billingOffice, .administrator]
    public var isStaff: Bool { Self.staff.contains(self) }
}

/// Who asks, as proved by a signed token. The receiving service decides on it; nothing else in a message says who asks.
public struct Actor: Codable, Sendable, Equatable {
    /// The service that vouches: `identity` for people, a service's or the operator's own name otherwise.
    public var issuer: String
    public var role: Role
    public var account: ID<Account>?
    public var session: ID<Session>?
    public var practitioner: ID<Practitioner>?
    /// Whom a patient account may act for, itself first. At most 50.
    public var patients: [ID<Patient>]
    /// Of these, the records of others, and how much of them.
    public var acting: [ActingFor]?
    /// Why: `treatment`, `own-record`, `operations`.
    public var purpose: String
    /// How far the receiving service's decision goes for the request at hand. Never on the wire: nobody brings it along.
    public var granted = Granted()

    private enum CodingKeys: CodingKey { case issuer, role, account, session, practitioner, patients, acting, purpose }

    public init(
        issuer: String, role: Role, account: ID<Account>? = nil, session: ID<Session>? = nil, practitioner: ID<Practitioner>? = nil,
        patients: [ID<Patient>] = [], acting: [ActingFor]? = nil, purpose: String
    ) {
        self.issuer = issuer
        self.role = role
        self.account = account
        self.session = session
        self.practitioner = practitioner
        self.patients = patients
        self.acting = acting
        self.purpose = purpose
    }

    /// The process that brings such a token: a person's comes through the gateway they use, everything else from whom it speaks for.
    public var bearer: String {
        switch role {
        case .patient: "portal"
        case .clinician, .nurse, .frontDesk, .billingOffice, .administrator: "clinic"
        case .operator, .worker, .anonymous: issuer
        }
    }

    /// How it acts for this patient; nil where the record is its own, or none of its business.
    public func acting(for patient: ID<Patient>) -> ActingFor? { acting?.first { $0.patient == patient } }

    /// The same actor without some of the records of others.
    public func without(_ gone: (ActingFor) -> Bool) -> Actor {
        guard let acting, acting.contains(where: gone) else { return self }
        let lost = Set(acting.filter(gone).map(\.patient))
        var actor = self
        actor.acting = acting.filter { !gone($0) }
        actor.patients = patients.filter { !lost.contains($0) }
        return actor
    }

    /// A short name for the audit trail and for scoping keys: the account, or the service.
    public var principal: String { account?.description ?? issuer }
}
