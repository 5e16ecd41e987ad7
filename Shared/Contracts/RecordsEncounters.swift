public import Foundation

/// Begins an encounter: a visit as the record has it. Its note is a draft until it is signed.
public struct StartEncounter: Command {
    public static let name = "records.start-encounter.v1"
    public typealias Reply = EncounterStarted
    public typealias Refusal = EncounterRefusal

    public var patient: ID<Patient>
    public var encounter: ID<Resource>
    /// HL7 v3 ActCode: AMB (here), VR (by video or phone), HH (at home).
    public var kind: String
    /// Why the patient comes: 1 to 500 characters.
    public var reason: String
    /// The visit it was booked as.
    public var appointment: ID<Appointment>?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, encounter: ID<Resource>, kind: String = "AMB", reason: String, appointment: ID<Appointment>? = nil, key: UUID
    ) {
        self.patient = patient
        self.encounter = encounter
        self.kind = kind
        self.reason = reason
        self.appointment = appointment
        self.key = key
    }
}

public struct EncounterStarted: Codable, Sendable, Equatable {
    public var start: Date
    public init(start: Date) { self.start = start }
}

public enum EncounterRefusal: Codable, Sendable, Equatable {
    case notFound
    case invalid(problems: [EntryProblem])
    /// The asker has one with this patient that is not finished.
    case alreadyOpen(encounter: ID<Resource>)
    case idInUse
    /// The booked visit is written up already, by the asker or a colleague.
    case ofThisVisit(encounter: ID<Resource>)
}

/// A note by its parts, as plain text; what the patient takes home is theirs to read at once.
public struct NoteText: Codable, Sendable, Equatable {
    public var history: String
    public var findings: String
    public var assessment: String
    public var plan: String
    public var instructions: String

    /// Each part has at most 20,000 characters.
    public init(history: String = "", findings: String = "", assessment: String = "", plan: String = "", instructions: String = "") {
        (self.history, self.findings, self.assessment, self.plan, self.instructions) = (history, findings, assessment, plan, instructions)
    }

    public var isEmpty: Bool { [history, findings, assessment, plan, instructions].allSatisfy(\.isEmpty) }
}

/// An encounter with its note, what was measured and what was written during it.
public struct ReadEncounter: Query {
    public static let name = "records.read-encounter.v1"
    public typealias Reply = EncounterView
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>
    public var encounter: ID<Resource>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, encounter: ID<Resource>) { (self.patient, self.encounter) = (patient, encounter) }
}

public struct EncounterView: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var encounter: ID<Resource>
    /// FHIR code: in-progress, finished…
    public var status: String
    public var reason: String?
    public var start: Date?
    public var end: Date?
    public var practitioner: ID<Practitioner>?
    /// Until it is signed; never a patient's to see.
    public var draft: NoteDraft?
    /// Once it is signed.
    public var note: SignedNote?
    /// What the patient takes home.
    public var instructions: String?
    public var vitals: [ResultLine]
    /// What else was written during it, newest first.
    public var entries: [RecordLine]
    public var asOf: Date
    /// As in `Chart`.
    public var withheld: Bool?
    public var glassBrokenUntil: Date?

    public init(
        patient: PatientSummary, encounter: ID<Resource>, status: String, reason: String? = nil, start: Date? = nil, end: Date? = nil,
        practitioner: ID<Practitioner>? = nil, draft: NoteDraft? = nil, note: SignedNote? = nil, instructions: String? = nil,
        vitals: [ResultLine], entries: [RecordLine], asOf: Date, withheld: Bool? = nil, glassBrokenUntil: Date? = nil
    ) {
        self.patient = patient
        self.encounter = encounter
        self.status = status
        self.reason = reason
        self.start = start
        self.end = end
        self.practitioner = practitioner
        self.draft = draft
        self.note = note
        self.instructions = instructions
        self.vitals = vitals
        self.entries = entries
        self.asOf = asOf
        self.withheld = withheld
        self.glassBrokenUntil = glassBrokenUntil
    }
}

public struct NoteDraft: Codable, Sendable, Equatable {
    public var text: NoteText
    /// Rises with each save; 0 before the first.
    public var revision: Int
    public var saved: Date?
    /// Somebody else is writing: until when, unless they save again.
    public var heldUntil: Date?
    public var heldBy: ID<Practitioner>?

    public init(text: NoteText, revision: Int, saved: Date? = nil, heldUntil: Date? = nil, heldBy: ID<Practitioner>? = nil) {
        (self.text, self.revision, self.saved, self.heldUntil, self.heldBy) = (text, revision, saved, heldUntil, heldBy)
    }
}

public struct SignedNote: Codable, Sendable, Equatable {
    public var document: ID<Resource>
    public var version: Int
    /// In the order they are read; what was added comes last.
    public var parts: [NotePart]
    /// SHA-256 of the parts as they are in the document, in hexadecimal digits.
    public var digest: String
    public var signed: Date
    public var signedBy: ID<Practitioner>?
    /// An addendum or correction came after.
    public var amended: Bool

    public init(
        document: ID<Resource>, version: Int, parts: [NotePart], digest: String, signed: Date, signedBy: ID<Practitioner>? = nil,
        amended: Bool = false
    ) {
        self.document = document
        self.version = version
        self.parts = parts
        self.digest = digest
        self.signed = signed
        self.signedBy = signedBy
        self.amended = amended
    }
}

/// A part of a signed note.
public struct NotePart: Codable, Sendable, Equatable {
    public enum Heading: String, Codable, Sendable, CaseIterable {
        case history, findings, assessment, plan, addendum, correction
    }

    public var heading: Heading
    public var text: String
    /// Of what was added: when, and by whom.
    public var at: Date?
    public var by: ID<Practitioner>?

    public init(_ heading: Heading, _ text: String, at: Date? = nil, by: ID<Practitioner>? = nil) {
        (self.heading, self.text, self.at, self.by) = (heading, text, at, by)
    }
}

/// Keeps what is typed so far. Whoever saves holds the note for a minute; others read it meanwhile.
public struct KeepNoteDraft: Command {
    public static let name = "records.keep-note-draft.v1"
    public typealias Reply = DraftSaved
    public typealias Refusal = NoteRefusal

    public var patient: ID<Patient>
    public var encounter: ID<Resource>
    public var text: NoteText
    /// What the writer began from.
    public var revision: Int
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, encounter: ID<Resource>, text: NoteText, revision: Int, key: UUID) {
        (self.patient, self.encounter, self.text, self.revision, self.key) = (patient, encounter, text, revision, key)
    }
}

public struct DraftSaved: Codable, Sendable, Equatable {
    public var revision: Int
    public var saved: Date

    public init(revision: Int, saved: Date) { (self.revision, self.saved) = (revision, saved) }
}

public enum NoteRefusal: Codable, Sendable, Equatable {
    case notFound
    /// Nothing is written, or a part is too long.
    case invalid(problems: [EntryProblem])
    case held(by: ID<Practitioner>?, until: Date)
    /// It was saved from elsewhere since.
    case changedMeanwhile(revision: Int)
    /// It is signed: only an addendum can follow.
    case signed
    case notSigned
}

/// Signs the note as it was saved last: it does not change any more, and the encounter is finished.
public struct SignNote: Command {
    public static let name = "records.sign-note.v1"
    public typealias Reply = NoteSigned
    public typealias Refusal = NoteRefusal

    public var patient: ID<Patient>
    public var encounter: ID<Resource>
    /// What the signer read.
    public var text: NoteText
    public var revision: Int
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, encounter: ID<Resource>, text: NoteText, revision: Int, key: UUID) {
        (self.patient, self.encounter, self.text, self.revision, self.key) = (patient, encounter, text, revision, key)
    }
}

public struct NoteSigned: Codable, Sendable, Equatable {
    public var document: ID<Resource>
    public var version: Int
    public var digest: String

    public init(document: ID<Resource>, version: Int, digest: String) { (self.document, self.version, self.digest) = (document, version, digest) }
}

/// Adds to a signed note. What was signed stays as it is, word for word.
public struct AddendNote: Command {
    public static let name = "records.addend-note.v1"
    public typealias Reply = NoteSigned
    public typealias Refusal = NoteRefusal

    public var patient: ID<Patient>
    public var encounter: ID<Resource>
    /// What the writer read.
    public var version: Int
    /// 1 to 20,000 characters.
    public var text: String
    /// Says that something in the note was wrong, rather than that there is more.
    public var corrects: Bool
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, encounter: ID<Resource>, version: Int, text: String, corrects: Bool = false, key: UUID) {
        self.patient = patient
        self.encounter = encounter
        self.version = version
        self.text = text
        self.corrects = corrects
        self.key = key
    }
}

/// What was measured at one time, each an Observation of its own.
public struct RecordVitals: Command {
    public static let name = "records.record-vitals.v1"
    public typealias Reply = VitalsRecorded
    public typealias Refusal = VitalsRefusal

    public var patient: ID<Patient>
    public var encounter: ID<Resource>?
    public var at: Date
    public var readings: [VitalReading]
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, encounter: ID<Resource>? = nil, at: Date, readings: [VitalReading], key: UUID) {
        (self.patient, self.encounter, self.at, self.readings, self.key) = (patient, encounter, at, readings, key)
    }
}

public struct VitalReading: Codable, Sendable, Equatable {
    public var sign: VitalSign
    /// Digits as they were read, in the sign's unit: `36.8`. Of the blood pressure the upper one.
    public var value: String
    /// Of the blood pressure the lower one.
    public var second: String?

    public init(_ sign: VitalSign, _ value: String, second: String? = nil) { (self.sign, self.value, self.second) = (sign, value, second) }
}

public enum VitalSign: String, Codable, Sendable, CaseIterable {
    case bloodPressure, heartRate, respiratoryRate, temperature, oxygenSaturation, weight, height, pain
}

public struct VitalsRecorded: Codable, Sendable, Equatable {
    public var observations: [ID<Resource>]
    public init(observations: [ID<Resource>]) { self.observations = observations }
}

public enum VitalsRefusal: Codable, Sendable, Equatable {
    case notFound
    /// The fields are the signs' names; `bloodPressure.second` is the lower one.
    case invalid(problems: [EntryProblem])
}

/// Notes of the asker's own that wait to be signed, the oldest first.
public struct ReadUnsignedNotes: Query {
    public static let name = "records.read-unsigned-notes.v1"
    public typealias Reply = UnsignedNotes

    public init() {}
}

public struct UnsignedNotes: Codable, Sendable, Equatable {
    public var notes: [UnsignedNote]
    public init(notes: [UnsignedNote]) { self.notes = notes }
}

public struct UnsignedNote: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var encounter: ID<Resource>
    public var start: Date
    /// Nothing was typed yet where it is nil.
    public var saved: Date?

    public init(patient: PatientSummary, encounter: ID<Resource>, start: Date, saved: Date? = nil) {
        (self.patient, self.encounter, self.start, self.saved) = (patient, encounter, start, saved)
    }
}

/// A visit is over and written up.
public struct EncounterFinished: Event, Equatable {
    public static let name = "records.encounter-finished.v1"

    public var patient: ID<Patient>
    public var encounter: ID<Resource>
    public var version: Int
    public var practitioner: ID<Practitioner>?
    public var appointment: ID<Appointment>?
    public var start: Date
    public var end: Date

    public init(
        patient: ID<Patient>, encounter: ID<Resource>, version: Int, practitioner: ID<Practitioner>? = nil, appointment: ID<Appointment>? = nil,
        start: Date, end: Date
    ) {
        self.patient = patient
        self.encounter = encounter
        self.version = version
        self.practitioner = practitioner
        self.appointment = appointment
        self.start = start
        self.end = end
    }
}
