public import Foundation

/// Makes the private calendar of a patient, or a new one in place of that. The patient's own: who acts for them has none, so that nobody reads on who
/// may not act any more.
public struct KeepVisitFeed: Command {
    public static let name = "scheduling.keep-visit-feed.v1"
    public typealias Reply = Done

    public var patient: ID<Patient>
    /// SHA-256 of the link's secret, 32 bytes.
    public var digest: Data
    /// Of its words, a tag as `en`.
    public var language: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, digest: Data, language: String, key: UUID) {
        (self.patient, self.digest, self.language, self.key) = (patient, digest, language, key)
    }
}

/// From then on its link leads nowhere.
public struct EndVisitFeed: Command {
    public static let name = "scheduling.end-visit-feed.v1"
    public typealias Reply = Done

    public var patient: ID<Patient>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, key: UUID) { (self.patient, self.key) = (patient, key) }
}

/// Whether a patient has a private calendar.
public struct ReadVisitFeed: Query {
    public static let name = "scheduling.read-visit-feed.v1"
    public typealias Reply = VisitFeed

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct VisitFeed: Codable, Sendable, Equatable {
    /// When its link was made; nil where there is none.
    public var madeAt: Date?

    public init(madeAt: Date?) { self.madeAt = madeAt }
}

/// What a calendar reads that has the link.
public struct FollowVisitFeed: Query {
    public static let name = "scheduling.follow-visit-feed.v1"
    public typealias Reply = FollowedVisits
    public typealias Refusal = FeedRefusal

    public var digest: Data

    public init(digest: Data) { self.digest = digest }
}

public enum FeedRefusal: Codable, Sendable, Equatable {
    /// There is no such link, or none any more.
    case unknown
}

public struct FollowedVisits: Codable, Sendable, Equatable {
    /// Those that end later than thirty days ago, in the order of their times, at most 500. Cancelled ones are among them, so that calendars take
    /// them out.
    public var visits: [AppointmentLine]
    public var language: String

    public init(visits: [AppointmentLine], language: String) { (self.visits, self.language) = (visits, language) }
}
