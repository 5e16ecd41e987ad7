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
    /// Set where it is no person: somebody to practise on.
    public var practice: Bool?
    /// BCP 47: spoken besides `language`; nil rather than none.
    public var alsoSpeaks: [String]?
    /// Set where an interpreter is needed.
    public var interpreter: Bool?
    /// Set where there is a photo.
    public var photo: Bool?

    public init(
        id: ID<Patient>, name: String, family: String, given: String, birthDate: String? = nil, gender: String? = nil, mrn: String? = nil,
        phone: String? = nil, language: String? = nil, deceased: Bool = false, version: Int = 1, practice: Bool? = nil,
        alsoSpeaks: [String]? = nil, interpreter: Bool? = nil, photo: Bool? = nil
    ) {
        self.practice = practice
        self.alsoSpeaks = alsoSpeaks
        self.interpreter = interpreter
        self.photo = photo
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
    /// Family and social history and the newest procedures too.
    public var history: Bool?

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, history: Bool? = nil) { (self.patient, self.history) = (patient, history) }
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
    /// The newest of each code, newest first; of what the patient measured, too.
    public var results: [ResultLine]
    /// The newest 20.
    public var encounters: [EncounterLine]
    public var encounterCount: Int
    public var asOf: Date
    /// True when the patient keeps some kinds of information from whoever asked; it does not say that there is any.
    public var withheld: Bool?
    /// Set while whoever asked sees it because they broke the glass.
    public var glassBrokenUntil: Date?
    /// Where it was asked for: family and social history, and the newest 20 procedures.
    public var history: [RecordLine]?

    public init(
        patient: PatientSummary, conditions: [ConditionLine], allergies: [AllergyLine], medications: [MedicationLine],
        immunizations: [ImmunizationLine], results: [ResultLine], encounters: [EncounterLine], encounterCount: Int, asOf: Date,
        withheld: Bool? = nil, glassBrokenUntil: Date? = nil
    ) {
        (self.withheld, self.glassBrokenUntil) = (withheld, glassBrokenUntil)
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
    /// FHIR resource type; nil is MedicationRequest.
    public var type: String?
    /// Of what was prescribed here: `dosage` by its parts, to be said in the reader's language.
    public var parts: Dosage?

    public init(
        id: ID<Resource>, name: String, status: String? = nil, dosage: String? = nil, authoredOn: String? = nil, type: String? = nil,
        parts: Dosage? = nil
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.dosage = dosage
        self.authoredOn = authoredOn
        self.type = type
        self.parts = parts
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
    /// Set where the patient measured it and nobody at the clinic did.
    public var fromPatient: Bool?
    /// What was noted beside it last.
    public var comment: String?

    public init(
        id: ID<Resource>, code: String, display: String, status: String? = nil, category: String? = nil, effective: String? = nil,
        at: Date? = nil, value: String? = nil, unit: String? = nil, number: Double? = nil, low: Double? = nil, high: Double? = nil,
        interpretation: String? = nil, components: [ResultComponent] = [], corrected: Bool = false, previousValue: String? = nil,
        fromPatient: Bool? = nil, comment: String? = nil
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
        self.fromPatient = fromPatient
        self.comment = comment
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

/// Whose chart has all of this: the family name, the given names, the birth date and an e-mail address on file. Nobody when two have.
public struct MatchPatient: Query {
    public static let name = "records.match-patient.v1"
    public struct Reply: Codable, Sendable, Equatable {
        public var patient: ID<Patient>?

        public init(patient: ID<Patient>? = nil) { self.patient = patient }
    }

    public var given: String
    public var family: String
    /// `1961-03-14`
    public var birthDate: String
    public var email: String

    public init(given: String, family: String, birthDate: String, email: String) {
        (self.given, self.family, self.birthDate, self.email) = (given, family, birthDate, email)
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
    /// Set where it is no person: nobody is written to.
    public var practice: Bool?

    public init(
        patient: ID<Patient>, version: Int, name: String, language: String? = nil, email: String? = nil, phone: String? = nil,
        zone: String? = nil, deceased: Bool = false, practice: Bool? = nil
    ) {
        self.practice = practice
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
    /// More than one file may have: 32 MiB.
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

/// Opens a chart that is closed to a clinician or nurse, for two hours. Their reason is kept; the review of it stays open until somebody closes it.
public struct BreakGlass: Command {
    public static let name = "records.break-glass.v1"
    public typealias Reply = GlassBroken
    public typealias Refusal = BreakGlassRefusal

    public var id: ID<BrokenGlass>
    public var patient: ID<Patient>
    public var reason: BreakGlassReason
    /// In the reader's own words: 10 to 500 characters.
    public var words: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(id: ID<BrokenGlass>, patient: ID<Patient>, reason: BreakGlassReason, words: String, key: UUID) {
        (self.id, self.patient, self.reason, self.words, self.key) = (id, patient, reason, words, key)
    }
}

public enum BreakGlassReason: String, Codable, Sendable, CaseIterable {
    case emergency
    case covering
    case atPatientsRequest
    case other
}

public enum BreakGlassRefusal: String, Codable, Sendable {
    case notFound, reasonMissing, idInUse
}

public struct GlassBroken: Codable, Sendable, Equatable {
    public var until: Date

    public init(until: Date) { self.until = until }
}

/// The charts that were opened this way, those still to be reviewed first.
public struct ReadBrokenGlasses: Query {
    public static let name = "records.read-broken-glasses.v1"
    public typealias Reply = BrokenGlasses

    public init() {}
}

public struct BrokenGlasses: Codable, Sendable, Equatable {
    public var glasses: [BrokenGlassLine]
    /// Of all there are, those nobody has reviewed.
    public var open: Int

    public init(glasses: [BrokenGlassLine], open: Int) { (self.glasses, self.open) = (glasses, open) }
}

public struct BrokenGlassLine: Codable, Sendable, Equatable {
    public var id: ID<BrokenGlass>
    public var patient: ID<Patient>
    public var account: ID<Account>
    public var practitioner: ID<Practitioner>?
    /// `Access.Role` raw value.
    public var role: String
    public var reason: BreakGlassReason
    public var words: String
    public var at: Date
    public var until: Date
    public var finding: BreakGlassFinding?
    public var reviewed: Date?

    public init(
        id: ID<BrokenGlass>, patient: ID<Patient>, account: ID<Account>, practitioner: ID<Practitioner>? = nil, role: String,
        reason: BreakGlassReason, words: String, at: Date, until: Date, finding: BreakGlassFinding? = nil, reviewed: Date? = nil
    ) {
        self.id = id
        self.patient = patient
        self.account = account
        self.practitioner = practitioner
        self.role = role
        self.reason = reason
        self.words = words
        self.at = at
        self.until = until
        self.finding = finding
        self.reviewed = reviewed
    }
}

public enum BreakGlassFinding: String, Codable, Sendable, CaseIterable {
    case justified
    case notJustified
}

/// Closes the review of a broken glass.
public struct ReviewBrokenGlass: Command {
    public static let name = "records.review-broken-glass.v1"
    public typealias Reply = Done
    public typealias Refusal = ReviewRefusal

    public var id: ID<BrokenGlass>
    public var finding: BreakGlassFinding
    public var key: UUID

    public init(id: ID<BrokenGlass>, finding: BreakGlassFinding, key: UUID) { (self.id, self.finding, self.key) = (id, finding, key) }
}

public enum ReviewRefusal: String, Codable, Sendable {
    case notFound, alreadyReviewed
    /// Nobody reviews themselves.
    case own
}

/// One line of what a patient wants: whether somebody may see something, and while when.
public struct ConsentLine: Codable, Sendable, Equatable {
    public var permits: Bool
    /// Neither: everybody who works here.
    public var practitioner: ID<Practitioner>?
    /// `Access.Role` raw value: clinician, nurse.
    public var role: String?
    /// HL7 v3 ActCode of a kind of information: BH, SUD, SEX, HIV, SDV, GDIS. Nil: everything.
    public var kind: String?
    /// FHIR dates, both included; nil is open.
    public var from: String?
    public var until: String?

    public init(
        permits: Bool, practitioner: ID<Practitioner>? = nil, role: String? = nil, kind: String? = nil, from: String? = nil, until: String? = nil
    ) {
        self.permits = permits
        self.practitioner = practitioner
        self.role = role
        self.kind = kind
        self.from = from
        self.until = until
    }
}

/// What a patient said about who may see the record, and who can see it now.
public struct ReadConsent: Query {
    public static let name = "records.read-consent.v1"
    public typealias Reply = ConsentView
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>
    /// Shown as if it were saved, so that the patient sees who would lose what; nothing is changed.
    public var proposed: [ConsentLine]?

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, proposed: [ConsentLine]? = nil) { (self.patient, self.proposed) = (patient, proposed) }
}

public struct ConsentView: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    /// 0 before anything was said.
    public var version: Int
    public var lines: [ConsentLine]
    /// Everybody who treats the patient now.
    public var readers: [RecordReader]
    public var asOf: Date

    public init(patient: PatientSummary, version: Int, lines: [ConsentLine], readers: [RecordReader], asOf: Date) {
        (self.patient, self.version, self.lines, self.readers, self.asOf) = (patient, version, lines, readers, asOf)
    }
}

public struct RecordReader: Codable, Sendable, Equatable {
    public var practitioner: ID<Practitioner>
    /// Code: team, visit, permitted.
    public var why: String
    public var seesRecord: Bool
    /// Kinds kept from them, as in `ConsentLine`.
    public var withheld: [String]
    /// The same under what is proposed.
    public var wouldSeeRecord: Bool?
    public var wouldBeWithheld: [String]?

    public init(
        practitioner: ID<Practitioner>, why: String, seesRecord: Bool, withheld: [String], wouldSeeRecord: Bool? = nil,
        wouldBeWithheld: [String]? = nil
    ) {
        self.practitioner = practitioner
        self.why = why
        self.seesRecord = seesRecord
        self.withheld = withheld
        self.wouldSeeRecord = wouldSeeRecord
        self.wouldBeWithheld = wouldBeWithheld
    }
}

/// Says anew who may see the record: all lines at once. None: whoever treats the patient sees everything.
public struct ChangeConsent: Command {
    public static let name = "records.change-consent.v1"
    public typealias Reply = ConsentKept
    public typealias Refusal = ConsentRefusal

    public var patient: ID<Patient>
    public var lines: [ConsentLine]
    /// What the patient saw when they changed it: somebody else may have since.
    public var version: Int
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, lines: [ConsentLine], version: Int, key: UUID) {
        (self.patient, self.lines, self.version, self.key) = (patient, lines, version, key)
    }
}

public struct ConsentKept: Codable, Sendable, Equatable {
    public var version: Int

    public init(version: Int) { self.version = version }
}

public enum ConsentRefusal: String, Codable, Sendable {
    case notFound
    /// More than 50 lines, a kind or role that does not exist, days in the wrong order.
    case invalidLines
    /// It was changed since it was read.
    case changedMeanwhile
}

public struct CareTeamChanged: Event, Equatable {
    public static let name = "records.care-team-changed.v1"

    public var team: ID<Resource>
    public var version: Int
    public var patient: ID<Patient>
    /// Empty: it is no team any more.
    public var members: [ID<Practitioner>]
    public var from: Date?
    public var until: Date?

    public init(team: ID<Resource>, version: Int, patient: ID<Patient>, members: [ID<Practitioner>], from: Date? = nil, until: Date? = nil) {
        (self.team, self.version, self.patient, self.members, self.from, self.until) = (team, version, patient, members, from, until)
    }
}

/// Where somebody works has changed.
public struct WorkplaceChanged: Event, Equatable {
    public static let name = "records.workplace-changed.v1"

    /// The PractitionerRole.
    public var role: ID<Resource>
    public var version: Int
    public var practitioner: ID<Practitioner>
    public var locations: [ID<Location>]

    public init(role: ID<Resource>, version: Int, practitioner: ID<Practitioner>, locations: [ID<Location>]) {
        (self.role, self.version, self.practitioner, self.locations) = (role, version, practitioner, locations)
    }
}

/// Of what a patient said, that which is about everything: kinds of information are told to nobody.
public struct ConsentChanged: Event, Equatable {
    public static let name = "records.consent-changed.v1"

    public struct Line: Codable, Sendable, Equatable {
        public var permits: Bool
        public var practitioner: ID<Practitioner>?
        public var role: String?
        public var from: Date?
        public var until: Date?

        public init(permits: Bool, practitioner: ID<Practitioner>? = nil, role: String? = nil, from: Date? = nil, until: Date? = nil) {
            (self.permits, self.practitioner, self.role, self.from, self.until) = (permits, practitioner, role, from, until)
        }
    }

    public var consent: ID<Resource>
    public var version: Int
    public var patient: ID<Patient>
    public var lines: [Line]

    public init(consent: ID<Resource>, version: Int, patient: ID<Patient>, lines: [Line]) {
        (self.consent, self.version, self.patient, self.lines) = (consent, version, patient, lines)
    }
}

/// Somebody opened a chart that was closed to them. The privacy officer is told by it.
public struct GlassWasBroken: Event, Equatable {
    public static let name = "records.glass-broken.v1"

    public var id: ID<BrokenGlass>
    public var patient: ID<Patient>
    public var account: ID<Account>
    public var at: Date
    public var until: Date
    public var reason: String

    public init(id: ID<BrokenGlass>, patient: ID<Patient>, account: ID<Account>, at: Date, until: Date, reason: String) {
        (self.id, self.patient, self.account, self.at, self.until, self.reason) = (id, patient, account, at, until, reason)
    }
}

/// Begins to replace a patient's key, or everybody's, 500 at once: text written from now on is sealed with the new one, older text is sealed anew
/// in the background by every service, and then the old one is removed.
public struct RotateKeys: Command {
    public static let name = "records.rotate-keys.v1"
    public typealias Reply = KeysTouched
    public typealias Refusal = KeyRefusal

    /// Nil for everybody. The zero UUID is whose key seals what is about no patient.
    public var patient: ID<Patient>?
    /// Of everybody, those after this one.
    public var after: ID<Patient>?
    /// How long the old key may still be used by what is under way, in seconds; nil for as long as the longest request takes.
    public var settleSeconds: Int?
    public var key: UUID
    public var patients: [ID<Patient>] { patient.map { [$0] } ?? [] }

    public init(patient: ID<Patient>? = nil, after: ID<Patient>? = nil, settleSeconds: Int? = nil, key: UUID) {
        (self.patient, self.after, self.settleSeconds, self.key) = (patient, after, settleSeconds, key)
    }
}

public struct KeysTouched: Codable, Sendable, Equatable {
    public var count: Int
    /// There are more: go on after this one.
    public var next: ID<Patient>?

    public init(count: Int, next: ID<Patient>? = nil) { (self.count, self.next) = (count, next) }
}

public enum KeyRefusal: String, Codable, Sendable {
    case notFound
    /// Less than ten seconds, or more than a day.
    case invalidSettling
}

/// Wraps patients' keys by the newest master key, 500 at once.
public struct RewrapKeys: Command {
    public static let name = "records.rewrap-keys.v1"
    public typealias Reply = KeysTouched

    public var after: ID<Patient>?
    public var key: UUID

    public init(after: ID<Patient>? = nil, key: UUID) { (self.after, self.key) = (after, key) }
}

/// How the key store is.
public struct ReadKeys: Query {
    public static let name = "records.read-keys.v1"
    public typealias Reply = KeysView

    public init() {}
}

public struct KeysView: Codable, Sendable, Equatable {
    public struct Waiting: Codable, Sendable, Equatable {
        public var service: String
        public var keys: Int

        public init(service: String, keys: Int) { (self.service, self.keys) = (service, keys) }
    }

    /// Keys there are; one is nobody's.
    public var keys: Int
    /// Keys that are being replaced.
    public var rotating: Int
    /// Of those, how many each service still has text of that an older version has sealed, or may yet get some.
    public var waiting: [Waiting]
    /// Until then older versions may still be used by what is under way.
    public var settled: Date?
    /// Patients whose keys must not be destroyed.
    public var held: Int
    /// Patients whose keys have been destroyed.
    public var destroyed: Int

    public init(keys: Int, rotating: Int, waiting: [Waiting], settled: Date? = nil, held: Int, destroyed: Int) {
        self.keys = keys
        self.rotating = rotating
        self.waiting = waiting
        self.settled = settled
        self.held = held
        self.destroyed = destroyed
    }
}

/// Forbids that a patient's record is destroyed, until the hold is released.
public struct HoldRecord: Command {
    public static let name = "records.hold-record.v1"
    public typealias Reply = Done
    public typealias Refusal = RecordOrderRefusal

    public var order: ID<RecordOrder>
    public var patient: ID<Patient>
    /// 3 to 500 characters.
    public var reason: String
    public var key: UUID { order.uuid }
    public var patients: [ID<Patient>] { [patient] }

    public init(order: ID<RecordOrder>, patient: ID<Patient>, reason: String) {
        (self.order, self.patient, self.reason) = (order, patient, reason)
    }
}

/// Ends a hold.
public struct ReleaseRecord: Command {
    public static let name = "records.release-record.v1"
    public typealias Reply = Done
    public typealias Refusal = RecordOrderRefusal

    public var order: ID<RecordOrder>
    public var patient: ID<Patient>
    /// 3 to 500 characters.
    public var reason: String
    public var key: UUID { order.uuid }
    public var patients: [ID<Patient>] { [patient] }

    public init(order: ID<RecordOrder>, patient: ID<Patient>, reason: String) {
        (self.order, self.patient, self.reason) = (order, patient, reason)
    }
}

/// Destroys the key that a patient's text is sealed with, in every service and in every backup. It cannot be undone.
public struct DestroyRecord: Command {
    public static let name = "records.destroy-record.v1"
    public typealias Reply = Done
    public typealias Refusal = RecordOrderRefusal

    public var order: ID<RecordOrder>
    public var patient: ID<Patient>
    /// 3 to 500 characters.
    public var reason: String
    /// The patient's full name as the record has it, typed by whoever orders this.
    public var confirmation: String
    public var key: UUID { order.uuid }
    public var patients: [ID<Patient>] { [patient] }

    public init(order: ID<RecordOrder>, patient: ID<Patient>, reason: String, confirmation: String) {
        (self.order, self.patient, self.reason, self.confirmation) = (order, patient, reason, confirmation)
    }
}

public enum RecordOrderRefusal: String, Codable, Sendable {
    case notFound, reasonMissing
    /// The confirmation is not the patient's name.
    case notConfirmed
    /// There is a hold.
    case held
    case notHeld
    /// The record is destroyed, or will be in a moment.
    case destroyed
}

/// What was ordered about records, newest first, at most 200.
public struct ReadRecordOrders: Query {
    public static let name = "records.read-record-orders.v1"
    public typealias Reply = RecordOrders

    /// Nil for everybody's.
    public var patient: ID<Patient>?
    public var patients: [ID<Patient>] { patient.map { [$0] } ?? [] }

    public init(patient: ID<Patient>? = nil) { self.patient = patient }
}

public struct RecordOrders: Codable, Sendable, Equatable {
    public struct Line: Codable, Sendable, Equatable {
        public var order: ID<RecordOrder>
        public var patient: ID<Patient>
        /// hold, release, destroy
        public var kind: String
        public var reason: String
        public var at: Date
        /// Nil while it is still to be done, which is for a second.
        public var carriedOut: Date?
        /// A code: done, or why not: held, destroyed.
        public var outcome: String?

        public init(
            order: ID<RecordOrder>, patient: ID<Patient>, kind: String, reason: String, at: Date, carriedOut: Date? = nil, outcome: String? = nil
        ) {
            self.order = order
            self.patient = patient
            self.kind = kind
            self.reason = reason
            self.at = at
            self.carriedOut = carriedOut
            self.outcome = outcome
        }
    }

    public var orders: [Line]

    public init(orders: [Line]) { self.orders = orders }
}

/// Files of the key store for a backup of it, in the order of their names, 500 at once. Keys stay wrapped by the master key.
public struct ReadKeyFiles: Query {
    public static let name = "records.read-key-files.v1"
    public struct Reply: Codable, Sendable, Equatable {
        public struct File: Codable, Sendable, Equatable {
            public var name: String
            public var content: Data

            public init(name: String, content: Data) { (self.name, self.content) = (name, content) }
        }

        public var files: [File]
        /// Keys that no master key unwraps.
        public var unreadable: [String]
        /// There are more: ask for those after this one.
        public var next: String?

        public init(files: [File], unreadable: [String] = [], next: String? = nil) {
            (self.files, self.unreadable, self.next) = (files, unreadable, next)
        }
    }

    public var after: String?

    public init(after: String? = nil) { self.after = after }
}
