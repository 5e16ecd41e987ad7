public import Foundation

/// A patient says that an entry of the record is wrong, and what it should say. The clinic has 60 days to answer.
public struct RequestAmendment: Command {
    public static let name = "records.request-amendment.v1"
    public typealias Reply = AmendmentRequested
    public typealias Refusal = AmendmentRefusal

    public var patient: ID<Patient>
    public var request: ID<Resource>
    public var entry: ID<Resource>
    /// 3 to 1000 characters each.
    public var wrong: String
    public var right: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, request: ID<Resource>, entry: ID<Resource>, wrong: String, right: String, key: UUID) {
        (self.patient, self.request, self.entry, self.wrong, self.right, self.key) = (patient, request, entry, wrong, right, key)
    }
}

public struct AmendmentRequested: Codable, Sendable, Equatable {
    /// By when the clinic answers.
    public var due: Date
    public init(due: Date) { self.due = due }
}

public enum AmendmentRefusal: Codable, Sendable, Equatable {
    /// No such entry in the record.
    case notFound
    /// The fields are `wrong` and `right`.
    case invalid(problems: [EntryProblem])
    /// A request about this entry waits already.
    case alreadyRequested
    case idInUse
}

/// The clinic's answer. A yes appends the amendment to the entry; what it said before stays in its history.
public struct DecideAmendment: Command {
    public static let name = "records.decide-amendment.v1"
    public typealias Reply = Done
    public typealias Refusal = DecideAmendmentRefusal

    public var patient: ID<Patient>
    public var request: ID<Resource>
    public var accepts: Bool
    /// What the patient reads; needed for a no: 3 to 1000 characters.
    public var words: String?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, request: ID<Resource>, accepts: Bool, words: String? = nil, key: UUID) {
        (self.patient, self.request, self.accepts, self.words, self.key) = (patient, request, accepts, words, key)
    }
}

public enum DecideAmendmentRefusal: String, Codable, Sendable {
    case notFound, wordsMissing, tooLong, alreadyDecided
}

/// What a patient asked to have amended, the newest 20 first.
public struct ReadAmendments: Query {
    public static let name = "records.read-amendments.v1"
    public typealias Reply = Amendments
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct Amendments: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var amendments: [Amendment]
    /// How many there are.
    public var total: Int
    public var asOf: Date

    public init(patient: PatientSummary, amendments: [Amendment], total: Int, asOf: Date) {
        (self.patient, self.amendments, self.total, self.asOf) = (patient, amendments, total, asOf)
    }
}

public struct Amendment: Codable, Sendable, Equatable {
    public var request: ID<Resource>
    /// What it is about, as it says now.
    public var entry: RecordLine
    public var wrong: String
    public var right: String
    public var asked: Date
    public var due: Date
    /// FHIR Task code: requested, completed (accepted and appended), rejected.
    public var status: String
    public var decided: Date?
    public var words: String?

    public init(
        request: ID<Resource>, entry: RecordLine, wrong: String, right: String, asked: Date, due: Date, status: String, decided: Date? = nil,
        words: String? = nil
    ) {
        self.request = request
        self.entry = entry
        self.wrong = wrong
        self.right = right
        self.asked = asked
        self.due = due
        self.status = status
        self.decided = decided
        self.words = words
    }
}

/// Requests that wait, of the patients the asker treats, with what is due first.
public struct ReadOpenAmendments: Query {
    public static let name = "records.read-open-amendments.v1"
    public typealias Reply = OpenAmendments

    /// From 1; nil: the first.
    public var page: Int?

    public init(page: Int? = nil) { self.page = page }
}

public struct OpenAmendments: Codable, Sendable, Equatable {
    public struct Line: Codable, Sendable, Equatable {
        public var patient: PatientSummary
        public var amendment: Amendment

        public init(patient: PatientSummary, amendment: Amendment) { (self.patient, self.amendment) = (patient, amendment) }
    }

    public var waiting: [Line]
    /// How many there are.
    public var total: Int
    /// Nil from who knows no pages.
    public var page: PageOfList?

    public init(waiting: [Line], total: Int, page: PageOfList? = nil) { (self.waiting, self.total, self.page) = (waiting, total, page) }
}
