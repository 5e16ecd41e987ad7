public import Foundation

/// What is on file about who somebody is and how they are reached, a field at a time.
public enum Detail: Codable, Sendable, Equatable {
    case phone(number: String)
    case address(line: String, city: String, state: String, postalCode: String)
    /// BCP 47: the one preferred, the others spoken, and whether an interpreter is needed; nil rather than none or no.
    case language(tag: String, also: [String]? = nil, interpreter: Bool? = nil)
    case email(address: String)
    case name(given: String, family: String)
    /// FHIR date, to the day.
    case birthDate(day: String)
}

extension Detail {
    public var field: DetailField {
        switch self {
        case .phone: .phone
        case .address: .address
        case .language: .language
        case .email: .email
        case .name: .name
        case .birthDate: .birthDate
        }
    }

    /// Its parts by their names, in order.
    public var members: [(name: String, value: String)] {
        switch self {
        case .phone(let number): [("number", number)]
        case .address(let line, let city, let state, let postalCode):
            [("line", line), ("city", city), ("state", state), ("postalCode", postalCode)]
        case .language(let tag, let also, let interpreter):
            [("tag", tag), ("also", (also ?? []).joined(separator: ",")), ("interpreter", interpreter == true ? "true" : "")]
        case .email(let address): [("address", address)]
        case .name(let given, let family): [("given", given), ("family", family)]
        case .birthDate(let day): [("day", day)]
        }
    }

    /// From its parts. - Parameter member: nil where a part is missing; nil when all are.
    public init?(_ field: DetailField, _ member: (String) -> String?) {
        let parts = field.members.map { member($0) }
        guard parts.contains(where: { $0 != nil }) else { return nil }
        func part(_ place: Int) -> String { parts[place] ?? "" }
        self =
            switch field {
            case .phone: .phone(number: part(0))
            case .address: .address(line: part(0), city: part(1), state: part(2), postalCode: part(3))
            case .language:
                .language(
                    tag: part(0), also: part(1).isEmpty ? nil : part(1).split(separator: ",").map(String.init),
                    interpreter: part(2) == "true" ? true : nil)
            case .email: .email(address: part(0))
            case .name: .name(given: part(0), family: part(1))
            case .birthDate: .birthDate(day: part(0))
            }
    }
}

public enum DetailField: String, Sendable, CaseIterable {
    case phone, address, language, email, name, birthDate
}

extension Detail {
    /// BCP 47: what a patient can choose; a record may say others.
    public static let languages = ["en", "es", "ar", "ase", "fr", "hi", "ht", "ko", "pl", "pt", "ru", "tl", "vi", "zh"]
}

extension DetailField {
    /// Whether somebody at the clinic has to look at it first: what tells people apart, and where letters with codes go.
    public var needsStaff: Bool { self == .email || self == .name || self == .birthDate }

    /// Names of its parts.
    public var members: [String] {
        switch self {
        case .phone: ["number"]
        case .address: ["line", "city", "state", "postalCode"]
        case .language: ["tag", "also", "interpreter"]
        case .email: ["address"]
        case .name: ["given", "family"]
        case .birthDate: ["day"]
        }
    }
}

/// What is on file, and what the patient asked to have changed.
public struct ReadDetails: Query {
    public static let name = "records.read-details.v1"
    public typealias Reply = Details
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct Details: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    /// One a field; fields with nothing on file are left out.
    public var details: [Detail]
    /// The newest 20 first.
    public var requests: [DetailRequest]
    public var asOf: Date

    public init(patient: PatientSummary, details: [Detail], requests: [DetailRequest], asOf: Date) {
        (self.patient, self.details, self.requests, self.asOf) = (patient, details, requests, asOf)
    }

    public func detail(_ field: DetailField) -> Detail? { details.first { $0.field == field } }
}

public struct DetailRequest: Codable, Sendable, Equatable {
    public var request: ID<Resource>
    /// What stood there when it was asked for.
    public var before: Detail?
    public var after: Detail
    public var asked: Date
    /// FHIR Task code: requested, completed (accepted), rejected.
    public var status: String
    public var decided: Date?
    /// The clinic's words.
    public var words: String?

    public init(
        request: ID<Resource>, before: Detail? = nil, after: Detail, asked: Date, status: String, decided: Date? = nil, words: String? = nil
    ) {
        self.request = request
        self.before = before
        self.after = after
        self.asked = asked
        self.status = status
        self.decided = decided
        self.words = words
    }
}

/// A patient changes one field. Phone, address and language change at once; the others wait for the clinic.
public struct ChangeDemographics: Command {
    public static let name = "records.change-demographics.v1"
    public typealias Reply = DemographicsChanged
    public typealias Refusal = DemographicsRefusal

    public var patient: ID<Patient>
    /// Of the request, where the field needs one.
    public var request: ID<Resource>
    /// What the patient saw; nil where nothing was on file.
    public var before: Detail?
    public var after: Detail
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, request: ID<Resource>, before: Detail? = nil, after: Detail, key: UUID) {
        (self.patient, self.request, self.before, self.after, self.key) = (patient, request, before, after, key)
    }
}

public struct DemographicsChanged: Codable, Sendable, Equatable {
    /// Of the Patient from now on; nil where the clinic looks at it first.
    public var version: Int?

    public init(version: Int? = nil) { self.version = version }
}

public enum DemographicsRefusal: Codable, Sendable, Equatable {
    case notFound
    /// The fields are the detail's members: number, line, city, state, postalCode, tag, address, given, family, day.
    case invalid(problems: [EntryProblem])
    /// Somebody else changed the same field since it was read; this is what it says now.
    case changedMeanwhile(now: Detail?)
    /// A request for this field waits already.
    case alreadyRequested
    case idInUse
}

/// The clinic's answer to a request.
public struct DecideDemographics: Command {
    public static let name = "records.decide-demographics.v1"
    public typealias Reply = Done
    public typealias Refusal = DecideDemographicsRefusal

    public var patient: ID<Patient>
    public var request: ID<Resource>
    public var accepts: Bool
    /// What the patient reads; needed for a no: 3 to 500 characters.
    public var words: String?
    /// What the field said when it was looked at.
    public var seen: Detail?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, request: ID<Resource>, accepts: Bool, words: String? = nil, seen: Detail? = nil, key: UUID) {
        self.patient = patient
        self.request = request
        self.accepts = accepts
        self.words = words
        self.seen = seen
        self.key = key
    }
}

public enum DecideDemographicsRefusal: Codable, Sendable, Equatable {
    case notFound
    case wordsMissing
    case tooLong
    case alreadyDecided
    /// Somebody changed the field since it was looked at.
    case changedMeanwhile(now: Detail?)
}

/// Requests that wait, the 50 oldest first.
public struct ReadDemographicRequests: Query {
    public static let name = "records.read-demographic-requests.v1"
    public typealias Reply = DemographicRequests

    public init() {}
}

public struct DemographicRequests: Codable, Sendable, Equatable {
    public struct Line: Codable, Sendable, Equatable {
        public var patient: PatientSummary
        public var request: DetailRequest
        /// What the field says now.
        public var now: Detail?

        public init(patient: PatientSummary, request: DetailRequest, now: Detail? = nil) {
            (self.patient, self.request, self.now) = (patient, request, now)
        }
    }

    public var waiting: [Line]
    public var total: Int

    public init(waiting: [Line], total: Int) { (self.waiting, self.total) = (waiting, total) }
}

/// What a patient looks like, so that nobody opens another's chart.
public struct KeepPhoto: Command {
    public static let name = "records.keep-photo.v1"
    public typealias Reply = DemographicsChanged
    public typealias Refusal = KeepPhotoRefusal

    /// Bytes a file may have.
    public static let mostBytes = 100_000

    public var patient: ID<Patient>
    /// A PNG or JPEG, each side of 64 to 2,048 pixels; what is in it beside the picture is left out. Nil takes the photo away.
    public var photo: Data?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, photo: Data?, key: UUID) { (self.patient, self.photo, self.key) = (patient, photo, key) }
}

public enum KeepPhotoRefusal: Codable, Sendable, Equatable {
    case notFound
    case image(problem: ImageProblem)
}

public struct ReadPhoto: Query {
    public static let name = "records.read-photo.v1"
    public typealias Reply = PatientPhoto
    /// Also where there is no photo.
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct PatientPhoto: Codable, Sendable, Equatable {
    /// `image/png` or `image/jpeg`.
    public var type: String
    public var bytes: Data

    public init(type: String, bytes: Data) { (self.type, self.bytes) = (type, bytes) }
}
