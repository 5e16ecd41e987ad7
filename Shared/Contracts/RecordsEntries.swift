public import Foundation

/// A thing as people say it, and as machines know it.
public struct CodedText: Codable, Sendable, Equatable {
    /// 1 to 200 characters.
    public var text: String
    /// URI of the code system: `http://snomed.info/sct`.
    public var system: String?
    public var code: String?

    public init(_ text: String, system: String? = nil, code: String? = nil) { (self.text, self.system, self.code) = (text, system, code) }
}

/// What one entry of a record says. Times are FHIR dates of any precision; codes are FHIR's.
public enum EntryContent: Codable, Sendable, Equatable {
    /// A problem or diagnosis.
    case problem(Problem)
    case allergy(Allergy)
    /// Asked, and there is none.
    case noKnownAllergies
    /// What the patient takes without our having prescribed it.
    case medication(Medication)
    case immunization(Immunization)
    case familyHistory(FamilyHistory)
    /// Smoking, drinking, work, home.
    case socialHistory(SocialHistory)
    /// An operation or another treatment.
    case procedure(Procedure)

    public struct Problem: Codable, Sendable, Equatable {
        public var name: CodedText
        /// active, inactive, resolved
        public var status: String
        public var onset: String?
        public var abatement: String?
        public var note: String?

        public init(name: CodedText, status: String = "active", onset: String? = nil, abatement: String? = nil, note: String? = nil) {
            (self.name, self.status, self.onset, self.abatement, self.note) = (name, status, onset, abatement, note)
        }
    }

    public struct Allergy: Codable, Sendable, Equatable {
        public var substance: CodedText
        /// medication, food, environment, biologic
        public var category: String?
        /// low, high, unable-to-assess
        public var criticality: String?
        /// What happened: `Hives`. At most 10.
        public var reactions: [String]
        /// active, inactive, resolved
        public var status: String

        public init(
            substance: CodedText, category: String? = nil, criticality: String? = nil, reactions: [String] = [], status: String = "active"
        ) {
            self.substance = substance
            self.category = category
            self.criticality = criticality
            self.reactions = reactions
            self.status = status
        }
    }

    public struct Medication: Codable, Sendable, Equatable {
        public var name: CodedText
        public var dosage: String?
        /// active, completed, stopped
        public var status: String
        public var from: String?
        public var until: String?
        public var reason: String?

        public init(
            name: CodedText, dosage: String? = nil, status: String = "active", from: String? = nil, until: String? = nil, reason: String? = nil
        ) {
            self.name = name
            self.dosage = dosage
            self.status = status
            self.from = from
            self.until = until
            self.reason = reason
        }
    }

    public struct Immunization: Codable, Sendable, Equatable {
        public var vaccine: CodedText
        public var date: String
        /// completed, not-done
        public var status: String
        public var lotNumber: String?
        /// Why it was not given.
        public var reason: String?

        public init(vaccine: CodedText, date: String, status: String = "completed", lotNumber: String? = nil, reason: String? = nil) {
            (self.vaccine, self.date, self.status, self.lotNumber, self.reason) = (vaccine, date, status, lotNumber, reason)
        }
    }

    public struct FamilyHistory: Codable, Sendable, Equatable {
        /// HL7 v3 RoleCode: MTH, FTH, SIS, BRO, DAU, SON, MGRMTH …
        public var relationship: String
        /// What they had. At most 10.
        public var conditions: [CodedText]
        public var deceased: Bool?
        public var note: String?

        public init(relationship: String, conditions: [CodedText], deceased: Bool? = nil, note: String? = nil) {
            (self.relationship, self.conditions, self.deceased, self.note) = (relationship, conditions, deceased, note)
        }
    }

    public struct SocialHistory: Codable, Sendable, Equatable {
        public var topic: SocialTopic
        public var answer: String
        public var date: String

        public init(topic: SocialTopic, answer: String, date: String) { (self.topic, self.answer, self.date) = (topic, answer, date) }
    }

    public struct Procedure: Codable, Sendable, Equatable {
        public var name: CodedText
        public var date: String?
        public var note: String?

        public init(name: CodedText, date: String? = nil, note: String? = nil) { (self.name, self.date, self.note) = (name, date, note) }
    }
}

/// What is asked about how somebody lives.
public enum SocialTopic: String, Codable, Sendable, CaseIterable {
    case smoking, alcohol, drugs, occupation, household, exercise
}

extension EntryContent {
    private enum Kind: String, CodingKey, CaseIterable {
        case problem, allergy, noKnownAllergies, medication, immunization, familyHistory, socialHistory, procedure
    }

    /// `{"problem": {…}}`
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        guard let kind = Kind.allCases.first(where: container.contains) else {
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "no kind of entry we know"))
        }
        self =
            switch kind {
            case .problem: .problem(try container.decode(Problem.self, forKey: kind))
            case .allergy: .allergy(try container.decode(Allergy.self, forKey: kind))
            case .noKnownAllergies: .noKnownAllergies
            case .medication: .medication(try container.decode(Medication.self, forKey: kind))
            case .immunization: .immunization(try container.decode(Immunization.self, forKey: kind))
            case .familyHistory: .familyHistory(try container.decode(FamilyHistory.self, forKey: kind))
            case .socialHistory: .socialHistory(try container.decode(SocialHistory.self, forKey: kind))
            case .procedure: .procedure(try container.decode(Procedure.self, forKey: kind))
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .problem(let problem): try container.encode(problem, forKey: .problem)
        case .allergy(let allergy): try container.encode(allergy, forKey: .allergy)
        case .noKnownAllergies: try container.encode(Done(), forKey: .noKnownAllergies)
        case .medication(let medication): try container.encode(medication, forKey: .medication)
        case .immunization(let immunization): try container.encode(immunization, forKey: .immunization)
        case .familyHistory(let member): try container.encode(member, forKey: .familyHistory)
        case .socialHistory(let answer): try container.encode(answer, forKey: .socialHistory)
        case .procedure(let procedure): try container.encode(procedure, forKey: .procedure)
        }
    }
}

/// Writes an entry of a patient's record, or its next version.
public struct KeepEntry: Command {
    public static let name = "records.keep-entry.v1"
    public typealias Reply = EntryKept
    public typealias Refusal = EntryRefusal

    public var patient: ID<Patient>
    public var entry: ID<Resource>
    /// What the writer saw; 0 for a new entry.
    public var version: Int
    public var content: EntryContent
    /// During which it is written.
    public var encounter: ID<Resource>?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, entry: ID<Resource>, version: Int, content: EntryContent, encounter: ID<Resource>? = nil, key: UUID
    ) {
        self.patient = patient
        self.entry = entry
        self.version = version
        self.content = content
        self.encounter = encounter
        self.key = key
    }
}

public struct EntryKept: Codable, Sendable, Equatable {
    public var version: Int
    public init(version: Int) { self.version = version }
}

public enum EntryRefusal: Codable, Sendable, Equatable {
    /// No such patient or entry.
    case notFound
    case invalid(problems: [EntryProblem])
    /// The same is on the list already, and active.
    case alreadyListed(entry: ID<Resource>, since: String?)
    /// "No known allergies" beside an active allergy.
    case contradicts(entry: ID<Resource>)
    /// Somebody has written it since it was read.
    case changedMeanwhile(version: Int)
    /// Entered in error before: it stays as it is.
    case retracted
    case idInUse
}

/// Something wrong with one field of an entry.
public struct EntryProblem: Codable, Sendable, Equatable {
    public enum Fault: String, Codable, Sendable {
        case missing, tooLong, unknownCode, notADate, inTheFuture, beforeTheFirst, tooMany, notANumber, notPossible
    }

    /// The member's name: `onset`, `conditions`.
    public var field: String
    public var fault: Fault

    public init(_ field: String, _ fault: Fault) { (self.field, self.fault) = (field, fault) }
}

/// Says that an entry was made in error: it leaves every list and check, and stays in the history.
public struct RetractEntry: Command {
    public static let name = "records.retract-entry.v1"
    public typealias Reply = EntryKept
    public typealias Refusal = EntryRefusal

    public var patient: ID<Patient>
    public var entry: ID<Resource>
    public var version: Int
    /// 3 to 500 characters.
    public var reason: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, entry: ID<Resource>, version: Int, reason: String, key: UUID) {
        (self.patient, self.entry, self.version, self.reason, self.key) = (patient, entry, version, reason, key)
    }
}

/// One entry, with its versions.
public struct ReadEntry: Query {
    public static let name = "records.read-entry.v1"
    public typealias Reply = EntryView
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>
    public var entry: ID<Resource>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, entry: ID<Resource>) { (self.patient, self.entry) = (patient, entry) }
}

public struct EntryView: Codable, Sendable, Equatable {
    /// FHIR resource type.
    public var type: String
    public var entry: ID<Resource>
    public var version: Int
    /// Nil when it is of a kind that is not written by hand.
    public var content: EntryContent?
    public var retracted: Bool
    /// Newest first.
    public var versions: [EntryVersion]

    public init(
        type: String, entry: ID<Resource>, version: Int, content: EntryContent? = nil, retracted: Bool = false, versions: [EntryVersion]
    ) {
        self.type = type
        self.entry = entry
        self.version = version
        self.content = content
        self.retracted = retracted
        self.versions = versions
    }
}

public struct EntryVersion: Codable, Sendable, Equatable {
    public var version: Int
    public var at: Date
    public var source: EntrySource
    /// Who wrote it, where that was a clinician.
    public var practitioner: ID<Practitioner>?
    /// What it said in one line, for comparing.
    public var line: RecordLine

    public init(version: Int, at: Date, source: EntrySource, practitioner: ID<Practitioner>? = nil, line: RecordLine) {
        (self.version, self.at, self.source, self.practitioner, self.line) = (version, at, source, practitioner, line)
    }
}

/// Where an entry comes from.
public enum EntrySource: String, Codable, Sendable, CaseIterable {
    case clinic, patient, imported
}

/// Any resource of a record in a line.
public struct RecordLine: Codable, Sendable, Equatable {
    /// FHIR resource type.
    public var type: String
    public var id: ID<Resource>
    public var title: String
    /// FHIR dateTime, or what was said instead.
    public var date: String?
    /// FHIR code, of the type's own status.
    public var status: String?
    /// More, in the order it is worth reading.
    public var details: [String]
    /// Of a medicine that was prescribed here: how it is taken.
    public var dosage: Dosage?
    public var retracted: Bool

    public init(
        type: String, id: ID<Resource>, title: String, date: String? = nil, status: String? = nil, details: [String] = [], dosage: Dosage? = nil,
        retracted: Bool = false
    ) {
        self.type = type
        self.id = id
        self.title = title
        self.date = date
        self.status = status
        self.details = details
        self.dosage = dosage
        self.retracted = retracted
    }
}

/// Parts of a record, as people look for them.
public enum RecordSection: String, Codable, Sendable, CaseIterable {
    case problems, allergies, medications, immunizations, procedures, family, social, results, vitals, visits, documents, plans, orders, claims, other
}

/// A record from the newest to the oldest, a page at a time.
public struct ReadTimeline: Query {
    public static let name = "records.read-timeline.v1"
    public typealias Reply = Timeline
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>
    /// Nil: everything.
    public var section: RecordSection?
    /// `Timeline.next` of the page before.
    public var after: ID<Resource>?
    /// 1 to 200.
    public var limit: Int

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, section: RecordSection? = nil, after: ID<Resource>? = nil, limit: Int = 100) {
        (self.patient, self.section, self.after, self.limit) = (patient, section, after, limit)
    }
}

public struct Timeline: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var lines: [RecordLine]
    /// The last line, where more follow.
    public var next: ID<Resource>?
    /// How many there are in each section; sections without any are left out.
    public var counts: [String: Int]
    public var asOf: Date
    /// As in `Chart`.
    public var withheld: Bool?
    public var glassBrokenUntil: Date?

    public init(
        patient: PatientSummary, lines: [RecordLine], next: ID<Resource>? = nil, counts: [String: Int], asOf: Date, withheld: Bool? = nil,
        glassBrokenUntil: Date? = nil
    ) {
        self.patient = patient
        self.lines = lines
        self.next = next
        self.counts = counts
        self.asOf = asOf
        self.withheld = withheld
        self.glassBrokenUntil = glassBrokenUntil
    }
}

/// Something in a patient's record was written, or said to be in error.
public struct RecordChanged: Event, Equatable {
    public static let name = "records.record-changed.v1"

    public var patient: ID<Patient>
    /// FHIR resource type.
    public var type: String
    public var entry: ID<Resource>
    public var version: Int

    public init(patient: ID<Patient>, type: String, entry: ID<Resource>, version: Int) {
        (self.patient, self.type, self.entry, self.version) = (patient, type, entry, version)
    }
}
