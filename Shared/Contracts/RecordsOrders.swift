public import Foundation

public enum OrderKind: String, Codable, Sendable, CaseIterable {
    case laboratory, imaging, referral
}

/// FHIR request-priority.
public enum OrderPriority: String, Codable, Sendable, CaseIterable {
    case routine, urgent, asap, stat
}

/// Orders a test, an image, or that somebody else sees the patient.
public struct PlaceOrder: Command {
    public static let name = "records.place-order.v1"
    public typealias Reply = EntryKept
    public typealias Refusal = OrderRefusal

    public var patient: ID<Patient>
    public var order: ID<Resource>
    public var kind: OrderKind
    public var what: CodedText
    /// At most 500 characters.
    public var reason: String?
    /// The day its result is wanted by at the latest: `2026-12-01`.
    public var due: String
    public var priority: OrderPriority
    /// Not sent off yet.
    public var draft: Bool?
    public var encounter: ID<Resource>?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, order: ID<Resource>, kind: OrderKind, what: CodedText, reason: String? = nil, due: String,
        priority: OrderPriority = .routine, draft: Bool? = nil, encounter: ID<Resource>? = nil, key: UUID
    ) {
        self.patient = patient
        self.order = order
        self.kind = kind
        self.what = what
        self.reason = reason
        self.due = due
        self.priority = priority
        self.draft = draft
        self.encounter = encounter
        self.key = key
    }
}

public enum OrderRefusal: Codable, Sendable, Equatable {
    case notFound
    case invalid(problems: [EntryProblem])
    /// FHIR code of its status: nothing leads from there to what was asked.
    case illegal(status: String)
    case changedMeanwhile(version: Int)
    case idInUse
}

/// Sends a draft off, puts an order on hold, takes it up again, revokes it, or says that it was done.
public struct ChangeOrder: Command {
    public static let name = "records.change-order.v1"
    public typealias Reply = EntryKept
    public typealias Refusal = OrderRefusal

    public var patient: ID<Patient>
    public var order: ID<Resource>
    public var version: Int
    /// FHIR code: active, on-hold, completed, revoked, entered-in-error.
    public var status: String
    /// 3 to 500 characters.
    public var reason: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, order: ID<Resource>, version: Int, status: String, reason: String, key: UUID) {
        (self.patient, self.order, self.version, self.status, self.reason, self.key) = (patient, order, version, status, reason, key)
    }
}

/// Every order of a patient, those that are open first.
public struct ReadOrders: Query {
    public static let name = "records.read-orders.v1"
    public typealias Reply = Orders
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct Orders: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var orders: [OrderLine]
    public var asOf: Date

    public init(patient: PatientSummary, orders: [OrderLine], asOf: Date) { (self.patient, self.orders, self.asOf) = (patient, orders, asOf) }
}

public struct OrderLine: Codable, Sendable, Equatable {
    public var order: ID<Resource>
    public var version: Int
    /// Nil where whoever imported it did not say.
    public var kind: OrderKind?
    public var what: CodedText
    /// FHIR code: draft, active, on-hold, completed, revoked.
    public var status: String
    public var reason: String?
    /// Of the last change of its status.
    public var statusReason: String?
    /// FHIR date.
    public var due: String?
    public var priority: OrderPriority?
    /// FHIR dateTime.
    public var authored: String?
    public var requester: ID<Practitioner>?
    /// Observations that are based on it.
    public var results: [ID<Resource>]
    /// Open, and its day is over everywhere on Earth.
    public var overdue: Bool

    public init(
        order: ID<Resource>, version: Int, kind: OrderKind? = nil, what: CodedText, status: String, reason: String? = nil,
        statusReason: String? = nil, due: String? = nil, priority: OrderPriority? = nil, authored: String? = nil,
        requester: ID<Practitioner>? = nil, results: [ID<Resource>] = [], overdue: Bool = false
    ) {
        self.order = order
        self.version = version
        self.kind = kind
        self.what = what
        self.status = status
        self.reason = reason
        self.statusReason = statusReason
        self.due = due
        self.priority = priority
        self.authored = authored
        self.requester = requester
        self.results = results
        self.overdue = overdue
    }
}

/// What was found: a number with its unit, or words.
public struct ResultReading: Codable, Sendable, Equatable {
    /// Digits, after `<`, `<=`, `>=` or `>` where it is a limit; or at most 200 characters of words.
    public var value: String
    /// UCUM: `mg/dL`.
    public var unit: String?
    /// The usual range, in digits.
    public var low: String?
    public var high: String?
    /// HL7 v3 ObservationInterpretation: N, L, H, LL, HH, A, AA, POS, NEG, IND. Nil: by the usual range, where there is one.
    public var interpretation: String?

    public init(_ value: String, unit: String? = nil, low: String? = nil, high: String? = nil, interpretation: String? = nil) {
        (self.value, self.unit, self.low, self.high, self.interpretation) = (value, unit, low, high, interpretation)
    }
}

public struct EnteredResult: Codable, Sendable, Equatable {
    public var result: ID<Resource>
    public var name: CodedText
    public var reading: ResultReading

    public init(result: ID<Resource>, name: CodedText, reading: ResultReading) { (self.result, self.name, self.reading) = (result, name, reading) }
}

/// Writes results by hand. Once they are final, the order they answer is completed.
public struct EnterResult: Command {
    public static let name = "records.enter-result.v1"
    public typealias Reply = ResultsEntered
    public typealias Refusal = ResultRefusal

    public var patient: ID<Patient>
    /// What they answer.
    public var order: ID<Resource>?
    /// Of the report that holds them together, where there are several.
    public var report: ID<Resource>
    /// What the report is called; nil: what was ordered.
    public var title: CodedText?
    /// FHIR code: preliminary, final.
    public var status: String
    /// FHIR dateTime.
    public var collected: String
    /// 1 to 20.
    public var results: [EnteredResult]
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, order: ID<Resource>? = nil, report: ID<Resource> = .init(), title: CodedText? = nil, status: String = "final",
        collected: String, results: [EnteredResult], key: UUID
    ) {
        self.patient = patient
        self.order = order
        self.report = report
        self.title = title
        self.status = status
        self.collected = collected
        self.results = results
        self.key = key
    }
}

public struct ResultsEntered: Codable, Sendable, Equatable {
    public var results: [ID<Resource>]
    /// Where there are several.
    public var report: ID<Resource>?

    public init(results: [ID<Resource>], report: ID<Resource>? = nil) { (self.results, self.report) = (results, report) }
}

public enum ResultRefusal: Codable, Sendable, Equatable {
    /// No such patient, order or result.
    case notFound
    /// A field of a result has its place in the list behind its name: `value-0`.
    case invalid(problems: [EntryProblem])
    /// FHIR code of its status: nothing leads from there to what was asked.
    case illegal(status: String)
    /// FHIR code of the order's status: it waits for no result.
    case orderClosed(status: String)
    /// Somebody has corrected it since it was read.
    case changedMeanwhile(version: Int)
    /// It has parts of its own, as blood pressure has: it is corrected where it came from.
    case inParts
    case idInUse
}

/// Makes a preliminary result final, corrects or amends a final one, or takes it back: always a new version, with the old one kept.
public struct CorrectResult: Command {
    public static let name = "records.correct-result.v1"
    public typealias Reply = EntryKept
    public typealias Refusal = ResultRefusal

    public var patient: ID<Patient>
    public var result: ID<Resource>
    /// What the writer saw.
    public var version: Int
    /// FHIR code: final, amended, corrected, cancelled, entered-in-error.
    public var status: String
    /// Needed where it is amended or corrected; nil: it stays as it is.
    public var reading: ResultReading?
    /// 3 to 500 characters.
    public var reason: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, result: ID<Resource>, version: Int, status: String, reading: ResultReading? = nil, reason: String, key: UUID
    ) {
        self.patient = patient
        self.result = result
        self.version = version
        self.status = status
        self.reading = reading
        self.reason = reason
        self.key = key
    }
}

/// An order is over: done, revoked or entered in error.
public struct OrderEnded: Event, Equatable {
    public static let name = "records.order-ended.v1"

    public var patient: ID<Patient>
    public var order: ID<Resource>
    /// The first that says so.
    public var version: Int

    public init(patient: ID<Patient>, order: ID<Resource>, version: Int) { (self.patient, self.order, self.version) = (patient, order, version) }
}

/// A result that could be read says something else now, or was taken back.
public struct ResultAmended: Event, Equatable {
    public static let name = "records.result-amended.v1"

    public var patient: ID<Patient>
    public var result: ID<Resource>
    /// The first that says it.
    public var version: Int
    public var at: Date

    public init(patient: ID<Patient>, result: ID<Resource>, version: Int, at: Date) {
        (self.patient, self.result, self.version, self.at) = (patient, result, version, at)
    }
}

/// Says that somebody has seen a result as it is now, and answers for it. A correction asks them again.
public struct AcknowledgeResult: Command {
    public static let name = "records.acknowledge-result.v1"
    public typealias Reply = Done
    public typealias Refusal = AcknowledgementRefusal

    public var patient: ID<Patient>
    public var result: ID<Resource>
    /// What they saw.
    public var version: Int
    /// What the patient reads beside it, 3 to 500 characters; a result that waits for it is shown to them.
    public var comment: String?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, result: ID<Resource>, version: Int, comment: String? = nil, key: UUID) {
        (self.patient, self.result, self.version, self.comment, self.key) = (patient, result, version, comment, key)
    }
}

public enum AcknowledgementRefusal: Codable, Sendable, Equatable {
    /// No such result, or none that waits for anybody.
    case notFound
    case changedMeanwhile(version: Int)
    /// The comment has less than 3 or more than 500 characters.
    case invalidComment
}

/// One result with what it said before, and who has seen it.
public struct ReadResult: Query {
    public static let name = "records.read-result.v1"
    public typealias Reply = ResultDetail
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>
    public var result: ID<Resource>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, result: ID<Resource>) { (self.patient, self.result) = (patient, result) }
}

public struct ResultDetail: Codable, Sendable, Equatable {
    public var line: ResultLine
    public var version: Int
    /// Nil where it has parts of its own.
    public var reading: ResultReading?
    public var order: ID<Resource>?
    /// Newest first.
    public var versions: [ResultVersion]
    /// Newest first.
    public var acknowledgements: [ResultAcknowledgement]
    /// Somebody has to acknowledge it as it is now.
    public var waits: Bool
    /// Set where the patient does not see it yet and waits for a comment: since when.
    public var heldSince: Date?

    public init(
        line: ResultLine, version: Int, reading: ResultReading? = nil, order: ID<Resource>? = nil, versions: [ResultVersion],
        acknowledgements: [ResultAcknowledgement] = [], waits: Bool = false, heldSince: Date? = nil
    ) {
        self.line = line
        self.version = version
        self.reading = reading
        self.order = order
        self.versions = versions
        self.acknowledgements = acknowledgements
        self.waits = waits
        self.heldSince = heldSince
    }
}

public struct ResultVersion: Codable, Sendable, Equatable {
    public var version: Int
    public var at: Date
    public var source: EntrySource
    public var practitioner: ID<Practitioner>?
    /// FHIR code.
    public var status: String
    /// With its unit.
    public var value: String?
    /// Why it was written.
    public var reason: String?

    public init(
        version: Int, at: Date, source: EntrySource, practitioner: ID<Practitioner>? = nil, status: String, value: String? = nil,
        reason: String? = nil
    ) {
        self.version = version
        self.at = at
        self.source = source
        self.practitioner = practitioner
        self.status = status
        self.value = value
        self.reason = reason
    }
}

public struct ResultAcknowledgement: Codable, Sendable, Equatable {
    /// What they saw.
    public var version: Int
    public var at: Date
    public var practitioner: ID<Practitioner>?

    public init(version: Int, at: Date, practitioner: ID<Practitioner>? = nil) {
        (self.version, self.at, self.practitioner) = (version, at, practitioner)
    }
}

/// What was begun and not brought to an end, of the patients the asker treats: orders without a result, results nobody answers for.
public struct ReadOpenLoops: Query {
    public static let name = "records.read-open-loops.v1"
    public typealias Reply = OpenLoops

    /// Of each list, from 1; nil: the first.
    public var overduePage: Int?
    public var resultsPage: Int?

    public init(overduePage: Int? = nil, resultsPage: Int? = nil) { (self.overduePage, self.resultsPage) = (overduePage, resultsPage) }
}

public struct OpenLoops: Codable, Sendable, Equatable {
    /// Past their day; the oldest first.
    public var overdue: [OverdueOrder]
    /// Those that were changed first, then the oldest.
    public var results: [WaitingResult]
    public var asOf: Date
    /// Nil from who knows no pages: what there is is all there.
    public var overduePage: PageOfList?
    public var resultsPage: PageOfList?

    public init(
        overdue: [OverdueOrder], results: [WaitingResult], asOf: Date, overduePage: PageOfList? = nil, resultsPage: PageOfList? = nil
    ) {
        self.overdue = overdue
        self.results = results
        self.asOf = asOf
        self.overduePage = overduePage
        self.resultsPage = resultsPage
    }
}

public struct OverdueOrder: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var order: OrderLine

    public init(patient: PatientSummary, order: OrderLine) { (self.patient, self.order) = (patient, order) }
}

public struct WaitingResult: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    /// With what it said before, where that was acknowledged.
    public var result: ResultLine
    public var version: Int
    /// Since when it waits.
    public var since: Date
    public var why: WaitingReason
    /// Set where the patient does not see it yet and waits for a comment: since when.
    public var heldSince: Date?

    public init(patient: PatientSummary, result: ResultLine, version: Int, since: Date, why: WaitingReason, heldSince: Date? = nil) {
        (self.patient, self.result, self.version, self.since, self.why, self.heldSince) = (patient, result, version, since, why, heldSince)
    }
}

/// Why a result is on somebody's list.
public enum WaitingReason: String, Codable, Sendable, CaseIterable {
    /// They acknowledged what it said before.
    case changed
    /// They ordered it.
    case ordered
    /// Nobody has acknowledged it for 48 hours, and it is abnormal or was changed after somebody had.
    case unanswered
}
