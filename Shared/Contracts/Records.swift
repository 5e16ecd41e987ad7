public import Foundation

/// Names and identifiers of a patient, enough to tell two people apart.
public struct PatientSummary: Codable, Sendable, Equatable {
    public var id: ID<Patient>
    /// As people write it: given, then family.
    public var name: String
    public var family: String
    public var given: String
    /// FHIR date: `1961-03-14`, `1961-03` or `1961`.
    public var birthDate: String?
    /// FHIR code: male, female, other, unknown.
    public var gender: String?
    /// Medical record number.
    public var mrn: String?
    public var phone: String?
    /// BCP 47: `en`, `es-MX`.
    public var language: String?
    public var deceased: Bool
    public var version: Int

    public init(
        id: ID<Patient>, name: String, family: String, given: String, birthDate: String? = nil, gender: String? = nil, mrn: String? = nil,
        phone: String? = nil, language: String? = nil, deceased: Bool = false, version: Int = 1
    ) {
        self.id = id
        self.name = name
        self.family = family
        self.given = given
        self.birthDate = birthDate
        self.gender = gender
        self.mrn = mrn
        self.phone = phone
        self.language = language
        self.deceased = deceased
        self.version = version
    }
}

/// The chart's first page: what is known of one patient, in lists that say how many there are.
public struct ReadChart: Query {
    public static let name = "records.read-chart.v1"
    public typealias Reply = Chart
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) {
        self.patient = patient
    }
}

public enum RecordRefusal: String, Codable, Sendable {
    /// No such record, or not one the asker may know of.
    case notFound
}

public struct Chart: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var conditions: [ConditionLine]
    public var allergies: [AllergyLine]
    public var medications: [MedicationLine]
    public var immunizations: [ImmunizationLine]
    /// The newest of each code, newest first.
    public var results: [ResultLine]
    /// The newest 20.
    public var encounters: [EncounterLine]
    public var encounterCount: Int
    public var asOf: Date

    public init(
        patient: PatientSummary, conditions: [ConditionLine], allergies: [AllergyLine], medications: [MedicationLine],
        immunizations: [ImmunizationLine], results: [ResultLine], encounters: [EncounterLine], encounterCount: Int, asOf: Date
    ) {
        self.patient = patient
        self.conditions = conditions
        self.allergies = allergies
        self.medications = medications
        self.immunizations = immunizations
        self.results = results
        self.encounters = encounters
        self.encounterCount = encounterCount
        self.asOf = asOf
    }
}

public struct ConditionLine: Codable, Sendable, Equatable {
    public var id: ID<Resource>
    public var display: String
    public var code: String?
    /// FHIR code: active, recurrence, relapse, inactive, remission, resolved.
    public var clinicalStatus: String?
    public var verificationStatus: String?
    /// FHIR dateTime.
    public var onset: String?
    public var abatement: String?

    public init(
        id: ID<Resource>, display: String, code: String? = nil, clinicalStatus: String? = nil, verificationStatus: String? = nil,
        onset: String? = nil, abatement: String? = nil
    ) {
        self.id = id
        self.display = display
        self.code = code
        self.clinicalStatus = clinicalStatus
        self.verificationStatus = verificationStatus
        self.onset = onset
        self.abatement = abatement
    }
}

public struct AllergyLine: Codable, Sendable, Equatable {
    public var id: ID<Resource>
    public var substance: String
    /// FHIR code: low, high, unable-to-assess.
    public var criticality: String?
    public var clinicalStatus: String?
    public var reactions: [String]
    /// The explicit statement that there is no known allergy.
    public var noKnown: Bool
    public var recorded: String?

    public init(
        id: ID<Resource>, substance: String, criticality: String? = nil, clinicalStatus: String? = nil, reactions: [String],
        noKnown: Bool = false, recorded: String? = nil
    ) {
        self.id = id
        self.substance = substance
        self.criticality = criticality
        self.clinicalStatus = clinicalStatus
        self.reactions = reactions
        self.noKnown = noKnown
        self.recorded = recorded
    }
}

public struct MedicationLine: Codable, Sendable, Equatable {
    public var id: ID<Resource>
    public var name: String
    /// FHIR code: active, on-hold, cancelled, completed, stopped…
    public var status: String?
    public var dosage: String?
    public var authoredOn: String?

    public init(id: ID<Resource>, name: String, status: String? = nil, dosage: String? = nil, authoredOn: String? = nil) {
        (self.id, self.name, self.status, self.dosage, self.authoredOn) = (id, name, status, dosage, authoredOn)
    }
}

public struct ImmunizationLine: Codable, Sendable, Equatable {
    public var id: ID<Resource>
    public var vaccine: String
    public var status: String?
    public var date: String?

    public init(id: ID<Resource>, vaccine: String, status: String? = nil, date: String? = nil) {
        (self.id, self.vaccine, self.status, self.date) = (id, vaccine, status, date)
    }
}

/// A result as it was sent: the value's text keeps its digits.
public struct ResultLine: Codable, Sendable, Equatable {
    public var id: ID<Resource>
    public var code: String
    public var display: String
    /// FHIR code: final, amended, corrected, preliminary…
    public var status: String?
    /// laboratory, vital-signs, survey…
    public var category: String?
    /// FHIR dateTime.
    public var effective: String?
    public var at: Date?
    public var value: String?
    public var unit: String?
    /// For plots only, never shown as the value.
    public var number: Double?
    /// The range that came with the result.
    public var low: Double?
    public var high: Double?
    public var interpretation: String?
    public var components: [ResultComponent]
    public var corrected: Bool
    /// What a corrected result said before.
    public var previousValue: String?

    public init(
        id: ID<Resource>, code: String, display: String, status: String? = nil, category: String? = nil, effective: String? = nil,
        at: Date? = nil, value: String? = nil, unit: String? = nil, number: Double? = nil, low: Double? = nil, high: Double? = nil,
        interpretation: String? = nil, components: [ResultComponent] = [], corrected: Bool = false, previousValue: String? = nil
    ) {
        self.id = id
        self.code = code
        self.display = display
        self.status = status
        self.category = category
        self.effective = effective
        self.at = at
        self.value = value
        self.unit = unit
        self.number = number
        self.low = low
        self.high = high
        self.interpretation = interpretation
        self.components = components
        self.corrected = corrected
        self.previousValue = previousValue
    }
}

public struct ResultComponent: Codable, Sendable, Equatable {
    public var code: String
    public var display: String
    public var value: String?
    public var unit: String?
    public var number: Double?

    public init(code: String, display: String, value: String? = nil, unit: String? = nil, number: Double? = nil) {
        (self.code, self.display, self.value, self.unit, self.number) = (code, display, value, unit, number)
    }
}

public struct EncounterLine: Codable, Sendable, Equatable {
    public var id: ID<Resource>
    public var display: String
    public var start: String?
    public var end: String?
    public var reason: String?
    public var practitioner: String?
    public var status: String?

    public init(
        id: ID<Resource>, display: String, start: String? = nil, end: String? = nil, reason: String? = nil, practitioner: String? = nil,
        status: String? = nil
    ) {
        self.id = id
        self.display = display
        self.start = start
        self.end = end
        self.reason = reason
        self.practitioner = practitioner
        self.status = status
    }
}

/// Every value of one code, oldest first, for a graph and its table.
public struct ReadResultSeries: Query {
    public static let name = "records.read-result-series.v1"
    public typealias Reply = ResultSeries
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>
    /// One of the results; its code decides.
    public var result: ID<Resource>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, result: ID<Resource>) {
        (self.patient, self.result) = (patient, result)
    }
}

public struct ResultSeries: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var code: String
    public var display: String
    public var points: [ResultLine]
    public var asOf: Date

    public init(patient: PatientSummary, code: String, display: String, points: [ResultLine], asOf: Date) {
        (self.patient, self.code, self.display, self.points, self.asOf) = (patient, code, display, points, asOf)
    }
}

/// Finds patients by name, birth date, record number or phone.
public struct FindPatients: Query {
    public static let name = "records.find-patients.v1"
    public typealias Reply = FoundPatients

    /// Name, birth date, record number or phone, in any order.
    public var text: String
    public var limit: Int

    public init(text: String, limit: Int = 20) {
        (self.text, self.limit) = (text, limit)
    }
}

public struct FoundPatients: Codable, Sendable, Equatable {
    public var patients: [PatientSummary]
    public var total: Int

    public init(patients: [PatientSummary], total: Int) {
        (self.patients, self.total) = (patients, total)
    }
}

/// Who these patients are. Ids that do not exist, or may not be known, are left out.
public struct ReadPatientSummaries: Query {
    public static let name = "records.read-patient-summaries.v1"
    public typealias Reply = PatientSummaries

    public var patients: [ID<Patient>]

    public init(patients: [ID<Patient>]) {
        self.patients = patients
    }
}

public struct PatientSummaries: Codable, Sendable, Equatable {
    public var patients: [PatientSummary]

    public init(patients: [PatientSummary]) {
        self.patients = patients
    }
}

/// What the clinic's own people and places are called. No health information.
public struct ReadDirectory: Query {
    public static let name = "records.read-directory.v1"
    public typealias Reply = Directory

    public init() {}
}

public struct Directory: Codable, Sendable, Equatable {
    public var organization: String?
    public var practitioners: [DirectoryPractitioner]
    public var locations: [DirectoryLocation]

    public init(organization: String? = nil, practitioners: [DirectoryPractitioner], locations: [DirectoryLocation]) {
        (self.organization, self.practitioners, self.locations) = (organization, practitioners, locations)
    }
}

public struct DirectoryPractitioner: Codable, Sendable, Equatable {
    public var id: ID<Practitioner>
    public var name: String
    public var specialty: String?

    public init(id: ID<Practitioner>, name: String, specialty: String? = nil) {
        (self.id, self.name, self.specialty) = (id, name, specialty)
    }
}

public struct DirectoryLocation: Codable, Sendable, Equatable {
    public var id: ID<Location>
    public var name: String
    public var address: String?
    public var phone: String?
    /// IANA name.
    public var zone: String?

    public init(id: ID<Location>, name: String, address: String? = nil, phone: String? = nil, zone: String? = nil) {
        (self.id, self.name, self.address, self.phone, self.zone) = (id, name, address, phone, zone)
    }
}

/// How to reach a patient, asked by a worker at the moment it sends.
public struct ReadContact: Query {
    public static let name = "records.read-contact.v1"
    public typealias Reply = Contact
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) {
        self.patient = patient
    }
}

public struct Contact: Codable, Sendable, Equatable {
    public var patient: ID<Patient>
    public var version: Int
    /// What to call the person: the given name.
    public var name: String
    public var language: String?
    public var email: String?
    /// E.164: `+13125550142`.
    public var phone: String?
    /// IANA name of where the patient lives, when known.
    public var zone: String?
    public var deceased: Bool

    public init(
        patient: ID<Patient>, version: Int, name: String, language: String? = nil, email: String? = nil, phone: String? = nil,
        zone: String? = nil, deceased: Bool = false
    ) {
        self.patient = patient
        self.version = version
        self.name = name
        self.language = language
        self.email = email
        self.phone = phone
        self.zone = zone
        self.deceased = deceased
    }
}

/// A part of a file on its way in. The same (upload, offset) may be sent any number of times.
public struct PutUploadPart: Command {
    public static let name = "records.put-upload-part.v1"
    public typealias Reply = Done
    public typealias Refusal = UploadRefusal

    public var upload: ID<Upload>
    public var offset: Int
    /// At most 48 KiB.
    public var bytes: Data
    public var key: UUID

    public init(upload: ID<Upload>, offset: Int, bytes: Data, key: UUID = .v7()) {
        (self.upload, self.offset, self.bytes, self.key) = (upload, offset, bytes, key)
    }
}

public enum UploadRefusal: String, Codable, Sendable {
    /// More than 32 MiB, the most one file may have.
    case tooLarge
}

/// Imports an uploaded FHIR R4 Bundle (transaction, batch, collection) or a bare resource: all of it or nothing.
public struct ImportBundle: Command {
    public static let name = "records.import-bundle.v1"
    public typealias Reply = ImportOutcome
    public typealias Refusal = ImportRefusal

    public var upload: ID<Upload>
    public var size: Int
    public var key: UUID

    public init(upload: ID<Upload>, size: Int, key: UUID = .v7()) {
        (self.upload, self.size, self.key) = (upload, size, key)
    }
}

public struct ImportOutcome: Codable, Sendable, Equatable {
    public var entries: Int
    public var created: Int
    public var updated: Int
    public var unchanged: Int
    /// Patients in this file, in its order.
    public var patients: [ID<Patient>]

    public init(entries: Int, created: Int, updated: Int, unchanged: Int, patients: [ID<Patient>]) {
        (self.entries, self.created, self.updated, self.unchanged, self.patients) = (entries, created, updated, unchanged, patients)
    }
}

public struct ImportRefusal: Codable, Sendable, Equatable {
    /// At most 20, in the file's order.
    public var problems: [ImportProblem]
    public init(_ problems: [ImportProblem]) { self.problems = problems }
}

/// What is wrong with a file, and where.
public struct ImportProblem: Codable, Sendable, Equatable {
    /// Position in the bundle, from 0.
    public var entry: Int?
    /// `Observation.valueQuantity.value`
    public var path: String?
    public var reason: String

    public init(entry: Int? = nil, path: String? = nil, reason: String) {
        (self.entry, self.path, self.reason) = (entry, path, reason)
    }
}

/// How many current resources there are, by type.
public struct CountResources: Query {
    public static let name = "records.count-resources.v1"
    public typealias Reply = ResourceCounts

    public init() {}
}

public struct ResourceCounts: Codable, Sendable, Equatable {
    public var counts: [String: Int]

    public init(counts: [String: Int]) {
        self.counts = counts
    }
}

/// One resource's exact JSON, by the address it was imported from or by type and id.
public struct ReadResource: Query {
    public static let name = "records.read-resource.v1"
    public typealias Reply = ResourceText
    public typealias Refusal = RecordRefusal

    public var type: String?
    public var id: ID<Resource>?
    /// Of the bundle entry it came from.
    public var fullURL: String?

    public init(type: String? = nil, id: ID<Resource>? = nil, fullURL: String? = nil) {
        (self.type, self.id, self.fullURL) = (type, id, fullURL)
    }
}

public struct ResourceText: Codable, Sendable, Equatable {
    public var type: String
    public var id: ID<Resource>
    public var version: Int
    public var json: String

    public init(type: String, id: ID<Resource>, version: Int, json: String) {
        (self.type, self.id, self.version, self.json) = (type, id, version, json)
    }
}

/// What a new subscriber starts from: every patient, by pages.
public struct RecordsSnapshot: Query {
    public static let name = "records.snapshot.v1"
    public typealias Reply = PatientsPage

    public var after: ID<Patient>?
    public var limit: Int

    public init(after: ID<Patient>? = nil, limit: Int = 500) {
        (self.after, self.limit) = (after, limit)
    }
}

public struct PatientsPage: Codable, Sendable, Equatable {
    public var patients: [KnownPatient]
    public var next: ID<Patient>?

    public init(patients: [KnownPatient], next: ID<Patient>? = nil) {
        (self.patients, self.next) = (patients, next)
    }
}

public struct KnownPatient: Codable, Sendable, Equatable {
    public var patient: ID<Patient>
    public var version: Int

    public init(patient: ID<Patient>, version: Int) {
        (self.patient, self.version) = (patient, version)
    }
}

public struct PatientRegistered: Event, Equatable {
    public static let name = "records.patient-registered.v1"

    public var patient: ID<Patient>
    public var version: Int

    public init(patient: ID<Patient>, version: Int) {
        (self.patient, self.version) = (patient, version)
    }
}

public struct ContactChanged: Event, Equatable {
    public static let name = "records.contact-changed.v1"

    public var patient: ID<Patient>
    public var version: Int

    public init(patient: ID<Patient>, version: Int) {
        (self.patient, self.version) = (patient, version)
    }
}

public struct PatientDeceased: Event, Equatable {
    public static let name = "records.patient-deceased.v1"

    public var patient: ID<Patient>
    public var version: Int

    public init(patient: ID<Patient>, version: Int) {
        (self.patient, self.version) = (patient, version)
    }
}
