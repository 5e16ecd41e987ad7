public import Foundation

/// How a medicine is to be taken, as a person says it and as machines count it.
public struct Dosage: Codable, Sendable, Equatable {
    /// Digits: `1`, `2.5`.
    public var amount: String
    /// `tablet`, `mL`, `puff` …
    public var unit: String
    /// FHIR route in words: by mouth, on the skin …
    public var route: String
    /// How many times in `period`.
    public var frequency: Int
    /// Days.
    public var period: Int
    public var asNeeded: Bool
    /// What else is to be known: `with food`.
    public var note: String?

    public init(amount: String, unit: String, route: String, frequency: Int = 1, period: Int = 1, asNeeded: Bool = false, note: String? = nil) {
        self.amount = amount
        self.unit = unit
        self.route = route
        self.frequency = frequency
        self.period = period
        self.asNeeded = asNeeded
        self.note = note
    }
}

/// What one check of a medicine against the record came to.
public struct SafetyCheck: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case allergies, interactions, duplicates
    }

    /// Ok, a warning, or not done: an empty list never means that nobody looked.
    public enum State: String, Codable, Sendable, CaseIterable {
        case ok, warning, notDone
    }

    public var kind: Kind
    public var state: State
    public var findings: [SafetyFinding]
    /// Version of the table it went by; nil where there is none.
    public var table: String?
    /// Whoever loaded it says that it is a sample and not for care.
    public var isSample: Bool?

    public init(kind: Kind, state: State, findings: [SafetyFinding] = [], table: String? = nil, isSample: Bool? = nil) {
        (self.kind, self.state, self.findings, self.table, self.isSample) = (kind, state, findings, table, isSample)
    }
}

public struct SafetyFinding: Codable, Sendable, Equatable {
    /// The entry of the record it is about.
    public var entry: ID<Resource>
    /// Its name: the allergy, the other medicine.
    public var name: String
    /// Of the table: what may happen. By language.
    public var text: [String: String]?
    /// Somebody has gone over the same before, and said why.
    public var overriddenBefore: String?

    public init(entry: ID<Resource>, name: String, text: [String: String]? = nil, overriddenBefore: String? = nil) {
        (self.entry, self.name, self.text, self.overriddenBefore) = (entry, name, text, overriddenBefore)
    }
}

/// Looks a medicine up against a patient's allergies and medicines. Changes nothing.
public struct CheckMedicine: Query {
    public static let name = "records.check-medicine.v1"
    public typealias Reply = SafetyReport
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>
    public var medicine: CodedText

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, medicine: CodedText) { (self.patient, self.medicine) = (patient, medicine) }
}

public struct SafetyReport: Codable, Sendable, Equatable {
    /// Each kind once.
    public var checks: [SafetyCheck]
    public init(checks: [SafetyCheck]) { self.checks = checks }
}

/// Writes a prescription. Where a check warns or was not done, a reason must be given.
public struct Prescribe: Command {
    public static let name = "records.prescribe.v1"
    public typealias Reply = EntryKept
    public typealias Refusal = PrescriptionRefusal

    public var patient: ID<Patient>
    public var prescription: ID<Resource>
    public var medicine: CodedText
    public var dosage: Dosage
    /// Of the dosage's units, to be handed out at once: 1 to 9999.
    public var quantity: Int
    /// 0 to 11.
    public var refills: Int
    public var substitution: Bool
    public var reason: String?
    /// Why in spite of warnings, or of checks that were not done.
    public var override: String?
    /// The prescription this one renews.
    public var renews: ID<Resource>?
    public var encounter: ID<Resource>?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, prescription: ID<Resource>, medicine: CodedText, dosage: Dosage, quantity: Int, refills: Int = 0,
        substitution: Bool = true, reason: String? = nil, override: String? = nil, renews: ID<Resource>? = nil,
        encounter: ID<Resource>? = nil, key: UUID
    ) {
        self.patient = patient
        self.prescription = prescription
        self.medicine = medicine
        self.dosage = dosage
        self.quantity = quantity
        self.refills = refills
        self.substitution = substitution
        self.reason = reason
        self.override = override
        self.renews = renews
        self.encounter = encounter
        self.key = key
    }
}

public enum PrescriptionRefusal: Codable, Sendable, Equatable {
    case notFound
    case invalid(problems: [EntryProblem])
    /// A check warns or was not done, and no reason was given.
    case reasonNeeded(report: SafetyReport)
    /// FHIR code of its status: nothing leads from there to what was asked.
    case illegal(status: String)
    case changedMeanwhile(version: Int)
    case idInUse
}

/// Puts a prescription on hold, takes it up again, stops or completes it.
public struct ChangePrescription: Command {
    public static let name = "records.change-prescription.v1"
    public typealias Reply = EntryKept
    public typealias Refusal = PrescriptionRefusal

    public var patient: ID<Patient>
    public var prescription: ID<Resource>
    public var version: Int
    /// FHIR code: active, on-hold, stopped, completed, cancelled.
    public var status: String
    /// 3 to 500 characters.
    public var reason: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, prescription: ID<Resource>, version: Int, status: String, reason: String, key: UUID) {
        self.patient = patient
        self.prescription = prescription
        self.version = version
        self.status = status
        self.reason = reason
        self.key = key
    }
}

/// Every medicine of a patient, and whether each may be renewed: the one place that says so.
public struct ReadMedicines: Query {
    public static let name = "records.read-medicines.v1"
    public typealias Reply = Medicines
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct Medicines: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var medicines: [MedicineLine]
    public var asOf: Date

    public init(patient: PatientSummary, medicines: [MedicineLine], asOf: Date) {
        (self.patient, self.medicines, self.asOf) = (patient, medicines, asOf)
    }
}

public struct MedicineLine: Codable, Sendable, Equatable {
    public var line: MedicationLine
    public var version: Int
    public var prescriber: ID<Practitioner>?
    public var refills: Int?
    public var reason: String?
    public var renewal: Renewal

    public init(
        line: MedicationLine, version: Int, prescriber: ID<Practitioner>? = nil, refills: Int? = nil, reason: String? = nil, renewal: Renewal
    ) {
        self.line = line
        self.version = version
        self.prescriber = prescriber
        self.refills = refills
        self.reason = reason
        self.renewal = renewal
    }
}

/// Whether a medicine may be renewed in the portal; if not, there is a reason, and each has a next step.
public enum Renewal: String, Codable, Sendable, CaseIterable {
    case possible
    /// Asked for already: the clinic answers.
    case requested
    /// Not prescribed here: ask whoever did.
    case notOurs
    /// Stopped, completed or cancelled: talk to the clinic before taking it again.
    case ended
    /// On hold: talk to the clinic.
    case onHold
    /// Older than a year: needs a visit.
    case tooOld
}

/// A patient asks for more of a medicine.
public struct RequestRenewal: Command {
    public static let name = "records.request-renewal.v1"
    public typealias Reply = Done
    public typealias Refusal = RenewalRefusal

    public var patient: ID<Patient>
    public var request: ID<Resource>
    public var prescription: ID<Resource>
    /// At most 500 characters.
    public var words: String?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, request: ID<Resource>, prescription: ID<Resource>, words: String? = nil, key: UUID) {
        (self.patient, self.request, self.prescription, self.words, self.key) = (patient, request, prescription, words, key)
    }
}

public enum RenewalRefusal: Codable, Sendable, Equatable {
    case notFound
    case notPossible(why: Renewal)
    case tooLong
    case idInUse
}

/// The clinic's answer to a request: yes leads to a new prescription, no says why and what to do.
public struct DecideRenewal: Command {
    public static let name = "records.decide-renewal.v1"
    public typealias Reply = Done
    public typealias Refusal = DecisionRefusal

    public var patient: ID<Patient>
    public var request: ID<Resource>
    public var accepts: Bool
    /// What the patient reads; needed for a no.
    public var words: String?
    /// Of the new prescription.
    public var prescription: ID<Resource>?
    /// Why in spite of warnings, or of checks that were not done.
    public var override: String?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, request: ID<Resource>, accepts: Bool, words: String? = nil, prescription: ID<Resource>? = nil,
        override: String? = nil, key: UUID
    ) {
        self.patient = patient
        self.request = request
        self.accepts = accepts
        self.words = words
        self.prescription = prescription
        self.override = override
        self.key = key
    }
}

public enum DecisionRefusal: Codable, Sendable, Equatable {
    case notFound
    /// A no needs words the patient can act on.
    case wordsMissing
    case alreadyDecided
    case reasonNeeded(report: SafetyReport)
    case notPossible(why: Renewal)
    case idInUse
}

/// Renewals that wait for an answer, of the patients the asker treats, the oldest first.
public struct ReadRenewals: Query {
    public static let name = "records.read-renewals.v1"
    public typealias Reply = Renewals

    /// From 1; nil: the first.
    public var page: Int?

    public init(page: Int? = nil) { self.page = page }
}

public struct Renewals: Codable, Sendable, Equatable {
    public var waiting: [RenewalLine]
    /// Nil from who knows no pages: what there is is all there.
    public var page: PageOfList?

    public init(waiting: [RenewalLine], page: PageOfList? = nil) { (self.waiting, self.page) = (waiting, page) }
}

public struct RenewalLine: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var request: ID<Resource>
    public var medicine: String
    public var dosage: String?
    /// As in `MedicationLine`.
    public var parts: Dosage?
    public var words: String?
    public var asked: Date
    public var report: SafetyReport

    public init(
        patient: PatientSummary, request: ID<Resource>, medicine: String, dosage: String? = nil, parts: Dosage? = nil,
        words: String? = nil, asked: Date, report: SafetyReport
    ) {
        self.patient = patient
        self.request = request
        self.medicine = medicine
        self.dosage = dosage
        self.parts = parts
        self.words = words
        self.asked = asked
        self.report = report
    }
}

/// The operator's table of what does not go together; the last one loaded counts.
public struct LoadSafetyTable: Command {
    public static let name = "records.load-safety-table.v1"
    public typealias Reply = Done
    public typealias Refusal = SafetyTableRefusal

    /// As its publisher calls it: `2026-10`.
    public var version: String
    public var isSample: Bool
    public var groups: [Group]
    public var interactions: [Interaction]
    public var key: UUID

    /// Substances that are alike: who is allergic to one is warned of all.
    public struct Group: Codable, Sendable, Equatable {
        public var name: String
        /// RxNorm codes.
        public var codes: [String]
        /// Words a medicine or an allergy goes by, in small letters without accents.
        public var words: [String]

        public init(name: String, codes: [String], words: [String]) { (self.name, self.codes, self.words) = (name, codes, words) }
    }

    public struct Interaction: Codable, Sendable, Equatable {
        /// Names of groups.
        public var one: String
        public var other: String
        /// What may happen, by language.
        public var text: [String: String]

        public init(one: String, other: String, text: [String: String]) { (self.one, self.other, self.text) = (one, other, text) }
    }

    public init(version: String, isSample: Bool, groups: [Group], interactions: [Interaction], key: UUID) {
        (self.version, self.isSample, self.groups, self.interactions, self.key) = (version, isSample, groups, interactions, key)
    }
}

public enum SafetyTableRefusal: String, Codable, Sendable {
    /// No version, no groups, or an interaction of groups that are not there.
    case invalid
}
