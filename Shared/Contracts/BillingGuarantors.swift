public import Foundation

/// Says who pays a patient's bills from a day on. What is issued already stays with whom it was issued to; what was said before stays beside it.
public struct SetGuarantor: Command {
    public static let name = "billing.set-guarantor.v1"
    public typealias Reply = Done
    public typealias Refusal = GuarantorRefusal

    public var patient: ID<Patient>
    /// As the record has it now, for whoever pays and is shown nothing of the record.
    public var patientName: String
    public var guarantor: ID<Guarantor>
    public var relationship: GuarantorRelationship
    /// Their own record, where they have one here: then they see and pay the bills in their own portal.
    public var person: ID<Patient>?
    /// Nil where the patient pays.
    public var payerName: String?
    /// Where bills go by post: of somebody without a record here.
    public var address: String?
    public var reason: GuarantorReason
    /// Day, `2026-12-24`: today by the clinic's clocks, or later.
    public var from: String

    public var patients: [ID<Patient>] { [patient] }
    public var key: UUID { guarantor.uuid }

    public init(
        patient: ID<Patient>, patientName: String, guarantor: ID<Guarantor>, relationship: GuarantorRelationship, person: ID<Patient>? = nil,
        payerName: String? = nil, address: String? = nil, reason: GuarantorReason, from: String
    ) {
        (self.patient, self.patientName, self.guarantor) = (patient, patientName, guarantor)
        (self.relationship, self.person, self.payerName, self.address) = (relationship, person, payerName, address)
        (self.reason, self.from) = (reason, from)
    }
}

/// What whoever pays is to the patient.
public enum GuarantorRelationship: String, Codable, Sendable, CaseIterable {
    /// The patient pays.
    case patient
    case parent, guardian, spouse, other
}

public enum GuarantorReason: String, Codable, Sendable, CaseIterable {
    case minor, agreement, courtOrder, ofAge, atRequest, correction
}

public enum GuarantorRefusal: String, Codable, Sendable {
    /// Nobody, or the patient and somebody else at once.
    case nobody
    /// The patient pays their own bills as the patient.
    case themselves
    /// No name, no address for somebody without a record, or more than fits.
    case invalidName
    /// No day, or one that is over.
    case invalidDay
    case idInUse
}

/// Who pays a patient's bills, and who did and will.
public struct ReadGuarantors: Query {
    public static let name = "billing.read-guarantors.v1"
    public typealias Reply = Guarantors

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct Guarantors: Codable, Sendable, Equatable {
    /// Who gets a bill that is issued today; nil where that is the patient.
    public var current: ID<Guarantor>?
    /// What was said, newest first: 50 at most.
    public var history: [GuarantorLine]
    public var total: Int
    public var asOf: Date

    public init(current: ID<Guarantor>? = nil, history: [GuarantorLine], total: Int, asOf: Date) {
        (self.current, self.history, self.total, self.asOf) = (current, history, total, asOf)
    }
}

public struct GuarantorLine: Codable, Sendable, Equatable {
    public var guarantor: ID<Guarantor>
    public var relationship: GuarantorRelationship
    public var person: ID<Patient>?
    public var name: String?
    public var address: String?
    public var reason: GuarantorReason
    /// Day, `2026-12-24`.
    public var from: String
    public var made: Date
    public var by: ID<Account>?

    public init(
        guarantor: ID<Guarantor>, relationship: GuarantorRelationship, person: ID<Patient>? = nil, name: String? = nil, address: String? = nil,
        reason: GuarantorReason, from: String, made: Date, by: ID<Account>? = nil
    ) {
        (self.guarantor, self.relationship, self.person, self.name, self.address) = (guarantor, relationship, person, name, address)
        (self.reason, self.from, self.made, self.by) = (reason, from, made, by)
    }
}

/// Whom a bill or statement was issued to, where that is not the patient.
public struct BilledTo: Codable, Sendable, Equatable {
    public var name: String
    public var person: ID<Patient>?
    public var address: String?
    public var patientName: String

    public init(name: String, person: ID<Patient>? = nil, address: String? = nil, patientName: String) {
        (self.name, self.person, self.address, self.patientName) = (name, person, address, patientName)
    }
}

/// Whose a bill, payment or statement is that somebody pays for another: the link they follow does not say.
public struct FindBilledPatient: Query {
    public static let name = "billing.find-billed-patient.v1"
    public typealias Reply = BilledPatient

    /// Who pays.
    public var patient: ID<Patient>
    /// The bill, payment or statement.
    public var bill: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, bill: UUID) { (self.patient, self.bill) = (patient, bill) }
}

public struct BilledPatient: Codable, Sendable, Equatable {
    /// Nil where they pay no such thing.
    public var patient: ID<Patient>?

    public init(patient: ID<Patient>? = nil) { self.patient = patient }
}
