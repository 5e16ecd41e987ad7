public import Foundation

/// Those who answer questions of some kinds, and when they do.
public struct PoolLine: Codable, Sendable, Equatable {
    public struct Member: Codable, Sendable, Equatable {
        public var practitioner: ID<Practitioner>
        /// Who answers while they are away.
        public var cover: ID<Practitioner>?

        public init(practitioner: ID<Practitioner>, cover: ID<Practitioner>? = nil) { (self.practitioner, self.cover) = (practitioner, cover) }
    }

    /// `care`, `desk`.
    public var code: String
    public var version: Int
    /// IANA name; nil until the clinic's is known.
    public var zone: String?
    /// Minutes of its hours in which an answer is there; it is promised for the end of that day.
    public var answerMinutes: Int
    public var hours: [WeeklyHours]
    /// The place whose holidays are its own; nil: any place's.
    public var location: ID<Location>?
    /// None: everybody who works somewhere and has a role of the pool's.
    public var members: [Member]
    /// Gets what nobody answered in time, and what nobody is there for.
    public var lead: ID<Practitioner>?

    public init(
        code: String, version: Int, zone: String? = nil, answerMinutes: Int, hours: [WeeklyHours], location: ID<Location>? = nil, members: [Member],
        lead: ID<Practitioner>? = nil
    ) {
        (self.code, self.version, self.zone, self.answerMinutes) = (code, version, zone, answerMinutes)
        (self.hours, self.location, self.members, self.lead) = (hours, location, members, lead)
    }
}

public struct ReadPools: Query {
    public static let name = "messaging.read-pools.v1"
    public struct Reply: Codable, Sendable, Equatable {
        public var pools: [PoolLine]
        /// Of those with answers in the last 30 days.
        public var answered: [AnswerTimes]?

        public init(pools: [PoolLine], answered: [AnswerTimes]? = nil) { (self.pools, self.answered) = (pools, answered) }
    }

    public init() {}
}

/// How long patients waited for answers in the last 30 days, by the clock on the wall.
public struct AnswerTimes: Codable, Sendable, Equatable {
    public var pool: String
    public var count: Int
    /// Minutes in which half of them came, and 95 of 100.
    public var median: Int
    public var p95: Int

    public init(pool: String, count: Int, median: Int, p95: Int) {
        (self.pool, self.count, self.median, self.p95) = (pool, count, median, p95)
    }
}

/// Sets a pool anew over the version that was read.
public struct KeepPool: Command {
    public static let name = "messaging.keep-pool.v1"
    public typealias Reply = SettingKept
    public typealias Refusal = PoolRefusal

    public var pool: PoolLine
    public var key: UUID

    public init(pool: PoolLine, key: UUID) { (self.pool, self.key) = (pool, key) }
}

public enum PoolRefusal: String, Codable, Sendable {
    case notFound, unknownZone, invalidHours, invalidMembers, changedMeanwhile
}
