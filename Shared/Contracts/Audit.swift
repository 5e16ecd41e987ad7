public import Foundation

/// Where an entry stands: whose trail it is, and its position there.
public struct TrailPlace: Codable, Sendable, Hashable {
    public var service: String
    public var position: Int

    public init(service: String, position: Int) { (self.service, self.position) = (service, position) }
}

/// One access to a patient's record, as its owner may know it.
public struct RecordAccess: Codable, Sendable, Equatable {
    public var place: TrailPlace
    public var at: Date
    /// What the person was called then; nil for a service, or while it is not known yet.
    public var name: String?
    /// A code of `Role`.
    public var role: String
    /// Codes: why it was done, and why it was allowed where the purpose does not say.
    public var purpose: String
    public var basis: String?
    /// The wire name of what was asked.
    public var action: String
    /// Codes: done, refused, denied, failed.
    public var outcome: String

    public init(
        place: TrailPlace, at: Date, name: String? = nil, role: String, purpose: String, basis: String? = nil, action: String, outcome: String
    ) {
        self.place = place
        self.at = at
        self.name = name
        self.role = role
        self.purpose = purpose
        self.basis = basis
        self.action = action
        self.outcome = outcome
    }
}

/// Who looked at a patient's record, newest first, at most 200 at once.
public struct ReadAccesses: Query {
    public static let name = "audit.read-accesses.v1"
    public typealias Reply = Accesses

    public var patient: ID<Patient>
    /// Only what is older than this one.
    public var before: TrailPlace?
    /// Also what the asker did, and what services did by themselves.
    public var everything: Bool
    /// Only this one.
    public var only: TrailPlace?
    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, before: TrailPlace? = nil, everything: Bool = false, only: TrailPlace? = nil) {
        (self.patient, self.before, self.everything, self.only) = (patient, before, everything, only)
    }
}

public struct Accesses: Codable, Sendable, Equatable {
    public var accesses: [RecordAccess]
    /// How many there are, these and older and newer ones.
    public var total: Int
    /// There are older ones: ask for what is before this one.
    public var next: TrailPlace?
    /// What the patient has asked about, newest first.
    public var questions: [AccessQuestion]

    public init(accesses: [RecordAccess], total: Int, next: TrailPlace? = nil, questions: [AccessQuestion]) {
        self.accesses = accesses
        self.total = total
        self.next = next
        self.questions = questions
    }
}

/// A patient's question about an access, and the privacy officer's answer.
public struct AccessQuestion: Codable, Sendable, Equatable {
    public var id: ID<Question>
    public var patient: ID<Patient>
    public var access: RecordAccess
    public var text: String
    public var asked: Date
    public var answer: String?
    public var answered: Date?

    public init(
        id: ID<Question>, patient: ID<Patient>, access: RecordAccess, text: String, asked: Date, answer: String? = nil, answered: Date? = nil
    ) {
        self.id = id
        self.patient = patient
        self.access = access
        self.text = text
        self.asked = asked
        self.answer = answer
        self.answered = answered
    }
}

/// Asks the privacy officer about an access.
public struct AskAboutAccess: Command {
    public static let name = "audit.ask-about-access.v1"
    public typealias Reply = Done
    public typealias Refusal = QuestionRefusal

    public var question: ID<Question>
    public var patient: ID<Patient>
    public var access: TrailPlace
    /// 1 to 2,000 characters.
    public var text: String
    public var key: UUID
    public var patients: [ID<Patient>] { [patient] }

    public init(question: ID<Question>, patient: ID<Patient>, access: TrailPlace, text: String, key: UUID) {
        self.question = question
        self.patient = patient
        self.access = access
        self.text = text
        self.key = key
    }
}

public enum QuestionRefusal: String, Codable, Sendable {
    case notFound, empty, tooLong
    /// Twenty questions of this patient wait for an answer.
    case tooMany
    case alreadyAnswered
}

/// The questions patients have asked: the open ones first, the longest waiting on top, then the last that were answered. At most 200.
public struct ReadAccessQuestions: Query {
    public static let name = "audit.read-access-questions.v1"
    public struct Reply: Codable, Sendable, Equatable {
        public var questions: [AccessQuestion]
        public var open: Int

        public init(questions: [AccessQuestion], open: Int) { (self.questions, self.open) = (questions, open) }
    }

    public init() {}
}

public struct AnswerAccessQuestion: Command {
    public static let name = "audit.answer-access-question.v1"
    public typealias Reply = Done
    public typealias Refusal = QuestionRefusal

    public var question: ID<Question>
    public var patient: ID<Patient>
    /// 1 to 2,000 characters.
    public var text: String
    public var key: UUID
    public var patients: [ID<Patient>] { [patient] }

    public init(question: ID<Question>, patient: ID<Patient>, text: String, key: UUID) {
        (self.question, self.patient, self.text, self.key) = (question, patient, text, key)
    }
}

/// One entry of a trail, whole but for what proves it.
public struct TrailEntry: Codable, Sendable, Equatable {
    public var place: TrailPlace
    public var id: UUID
    public var at: Date
    public var issuer: String
    public var role: String
    public var account: ID<Account>?
    /// What the person was called then.
    public var name: String?
    public var session: ID<Session>?
    public var purpose: String
    public var basis: String?
    public var action: String
    public var patients: [ID<Patient>]
    public var outcome: String
    public var reason: String?
    public var trace: String?

    public init(
        place: TrailPlace, id: UUID, at: Date, issuer: String, role: String, account: ID<Account>? = nil, name: String? = nil,
        session: ID<Session>? = nil, purpose: String, basis: String? = nil, action: String, patients: [ID<Patient>], outcome: String,
        reason: String? = nil, trace: String? = nil
    ) {
        self.place = place
        self.id = id
        self.at = at
        self.issuer = issuer
        self.role = role
        self.account = account
        self.name = name
        self.session = session
        self.purpose = purpose
        self.basis = basis
        self.action = action
        self.patients = patients
        self.outcome = outcome
        self.reason = reason
        self.trace = trace
    }
}

/// What a report can be sorted by.
public enum TrailField: String, Codable, Sendable, CaseIterable {
    case at, person, role, action, patient, outcome, purpose, basis, reason, service
}

/// A page of 50 of the report over every service's trail.
public struct ReadTrail: Query {
    public static let name = "audit.read-trail.v1"
    public struct Reply: Codable, Sendable, Equatable {
        public var entries: [TrailEntry]
        /// Of the whole period.
        public var total: Int

        public init(entries: [TrailEntry], total: Int) { (self.entries, self.total) = (entries, total) }
    }

    /// From this instant on, up to and without the other.
    public var from: Date
    public var to: Date
    /// The first counts most; newest first where all of them are the same.
    public var sort: [TrailField]
    public var descending: Bool
    /// From 0.
    public var page: Int
    /// Only what is about this patient.
    public var about: ID<Patient>?
    public var patients: [ID<Patient>] { about.map { [$0] } ?? [] }

    public init(from: Date, to: Date, sort: [TrailField] = [.at], descending: Bool = true, page: Int = 0, about: ID<Patient>? = nil) {
        self.from = from
        self.to = to
        self.sort = sort
        self.descending = descending
        self.page = page
        self.about = about
    }
}

/// Every entry of a period, service by service in the order of the chain, 1,000 at once.
public struct ExportTrail: Query {
    public static let name = "audit.export-trail.v1"
    public struct Reply: Codable, Sendable, Equatable {
        public var entries: [TrailEntry]
        /// There is more: ask again after this one.
        public var next: TrailPlace?

        public init(entries: [TrailEntry], next: TrailPlace? = nil) { (self.entries, self.next) = (entries, next) }
    }

    public var from: Date
    public var to: Date
    public var after: TrailPlace?
    /// The same for every page of one export: it is one disclosure.
    public var export: ID<Export>?
    /// To whom it goes, and why; at most 300 characters each.
    public var recipient: String?
    public var purpose: String?

    public init(
        from: Date, to: Date, after: TrailPlace? = nil, export: ID<Export>? = nil, recipient: String? = nil, purpose: String? = nil
    ) {
        self.from = from
        self.to = to
        self.after = after
        self.export = export
        self.recipient = recipient
        self.purpose = purpose
    }
}

/// Something about a patient that left the clinic.
public struct Disclosure: Codable, Sendable, Equatable {
    public var export: ID<Export>
    public var at: Date
    /// A code: audit-trail, who looked at the record and when.
    public var what: String
    /// As whoever sent it wrote; empty when nothing was said.
    public var recipient: String
    public var purpose: String

    public init(export: ID<Export>, at: Date, what: String, recipient: String, purpose: String) {
        self.export = export
        self.at = at
        self.what = what
        self.recipient = recipient
        self.purpose = purpose
    }
}

/// What left the clinic about a patient in the last six years, newest first, at most 200.
public struct ReadDisclosures: Query {
    public static let name = "audit.read-disclosures.v1"
    public struct Reply: Codable, Sendable, Equatable {
        public var disclosures: [Disclosure]
        public var total: Int

        public init(disclosures: [Disclosure], total: Int) { (self.disclosures, self.total) = (disclosures, total) }
    }

    public var patient: ID<Patient>
    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}
