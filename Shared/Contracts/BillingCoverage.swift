public import Foundation

/// An insurance as its card says, in FHIR's words. From the patient, and not checked until staff have looked.
public struct AddCoverage: Command {
    public static let name = "billing.add-coverage.v1"
    public typealias Reply = Done
    public typealias Refusal = CoverageRefusal

    public var patient: ID<Patient>
    public var coverage: ID<Coverage>
    public var details: CoverageDetails

    public var patients: [ID<Patient>] { [patient] }
    public var key: UUID { coverage.uuid }

    public init(patient: ID<Patient>, coverage: ID<Coverage>, details: CoverageDetails) {
        (self.patient, self.coverage, self.details) = (patient, coverage, details)
    }
}

public struct CoverageDetails: Codable, Sendable, Equatable {
    /// Who insures.
    public var payor: String
    /// The member id on the card.
    public var subscriberID: String
    public var group: String?
    /// What the patient is to whoever is insured.
    public var relationship: CoverageRelationship
    /// Of the payor: who answers what is covered.
    public var phone: String?

    public init(payor: String, subscriberID: String, group: String? = nil, relationship: CoverageRelationship, phone: String? = nil) {
        (self.payor, self.subscriberID, self.group, self.relationship, self.phone) = (payor, subscriberID, group, relationship, phone)
    }
}

/// FHIR's codes of subscriber-relationship; `themselves` is its `self`.
public enum CoverageRelationship: String, Codable, Sendable, CaseIterable {
    case themselves, child, spouse, parent, other
}

public enum CoverageRefusal: String, Codable, Sendable {
    /// No payor, or more than fits.
    case invalidPayor
    case invalidSubscriberID
    case invalidGroup
    case invalidPhone
    /// As many as anybody has are on file.
    case tooMany
    case idInUse
}

/// Puts the picture of a side of the card on file: a document of the record, filed before.
public struct KeepCardPicture: Command {
    public static let name = "billing.keep-card-picture.v1"
    public typealias Reply = Done
    public typealias Refusal = CoverageChangeRefusal

    public var patient: ID<Patient>
    public var coverage: ID<Coverage>
    public var isBack: Bool
    public var document: ID<Resource>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, coverage: ID<Coverage>, isBack: Bool, document: ID<Resource>, key: UUID) {
        (self.patient, self.coverage, self.isBack, self.document, self.key) = (patient, coverage, isBack, document, key)
    }
}

/// Staff have looked: it is as the card says, or not; or it is over.
public struct DecideCoverage: Command {
    public static let name = "billing.decide-coverage.v1"
    public typealias Reply = Done
    public typealias Refusal = CoverageChangeRefusal

    public var patient: ID<Patient>
    public var coverage: ID<Coverage>
    public var decision: CoverageDecision
    /// Of a refusal.
    public var reason: CoverageReason?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, coverage: ID<Coverage>, decision: CoverageDecision, reason: CoverageReason? = nil, key: UUID) {
        (self.patient, self.coverage, self.decision, self.reason, self.key) = (patient, coverage, decision, reason, key)
    }
}

public enum CoverageDecision: String, Codable, Sendable {
    case confirmed, refused, ended
}

public enum CoverageReason: String, Codable, Sendable, CaseIterable {
    case notReadable, notAsOnTheCard, notTheirs, notInsured
}

public enum CoverageChangeRefusal: String, Codable, Sendable {
    case notFound
    /// Decided already, or over.
    case notOpen
    /// A refusal says why, and nothing else does.
    case reasonMissing
}

/// A patient's insurances, newest first.
public struct ReadCoverages: Query {
    public static let name = "billing.read-coverages.v1"
    public typealias Reply = Coverages

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct Coverages: Codable, Sendable, Equatable {
    public var coverages: [CoverageLine]
    public var asOf: Date

    public init(coverages: [CoverageLine], asOf: Date) { (self.coverages, self.asOf) = (coverages, asOf) }
}

public struct CoverageLine: Codable, Sendable, Equatable {
    public var coverage: ID<Coverage>
    public var patient: ID<Patient>
    /// Nil once they are destroyed.
    public var details: CoverageDetails?
    /// stated (from the patient, not checked), confirmed, refused, ended
    public var state: String
    public var reason: CoverageReason?
    public var front: ID<Resource>?
    public var back: ID<Resource>?
    public var added: Date
    public var decided: Date?

    public init(
        coverage: ID<Coverage>, patient: ID<Patient>, details: CoverageDetails?, state: String, reason: CoverageReason? = nil,
        front: ID<Resource>? = nil, back: ID<Resource>? = nil, added: Date, decided: Date? = nil
    ) {
        (self.coverage, self.patient, self.details, self.state, self.reason) = (coverage, patient, details, state, reason)
        (self.front, self.back, self.added, self.decided) = (front, back, added, decided)
    }
}

/// An insurance nobody has checked yet.
public struct CoverageToCheck: Codable, Sendable, Equatable {
    public var coverage: ID<Coverage>
    public var patient: ID<Patient>
    public var added: Date
    /// Both sides of the card are there.
    public var hasCard: Bool

    public init(coverage: ID<Coverage>, patient: ID<Patient>, added: Date, hasCard: Bool) {
        (self.coverage, self.patient, self.added, self.hasCard) = (coverage, patient, added, hasCard)
    }
}
