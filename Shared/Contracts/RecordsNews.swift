public import Foundation

/// What others wrote in a record, or changed, since this account last said that it had looked.
public struct ReadNews: Query {
    public static let name = "records.read-news.v1"
    public typealias Reply = RecordNews
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct RecordNews: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    /// Nil: never yet. Then the last 30 days count, without what was imported.
    public var since: Date?
    /// Newest first, at most 50.
    public var lines: [NewsLine]
    public var total: Int
    public var asOf: Date

    public init(patient: PatientSummary, since: Date? = nil, lines: [NewsLine], total: Int, asOf: Date) {
        (self.patient, self.since, self.lines, self.total, self.asOf) = (patient, since, lines, total, asOf)
    }
}

public struct NewsLine: Codable, Sendable, Equatable {
    public var line: RecordLine
    public var at: Date
    /// It was there before and says something else now.
    public var changed: Bool

    public init(line: RecordLine, at: Date, changed: Bool) { (self.line, self.at, self.changed) = (line, at, changed) }
}

/// Says that this account has looked at everything up to a time.
public struct SeeNews: Command {
    public static let name = "records.see-news.v1"
    public typealias Reply = Done

    public var patient: ID<Patient>
    /// `RecordNews.asOf` of what was shown; never moves back.
    public var until: Date
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, until: Date, key: UUID) { (self.patient, self.until, self.key) = (patient, until, key) }
}
