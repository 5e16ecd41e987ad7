public import Foundation

/// Adds a kind of visit, or words it anew. Visits that are booked keep their length.
public struct KeepVisitType: Command {
    public static let name = "scheduling.keep-visit-type.v1"
    public typealias Reply = SettingKept
    public typealias Refusal = VisitTypeRefusal

    /// Names in English and Spanish of 1 to 100 characters; 5 to 480 minutes.
    public var type: VisitService
    /// What the writer read; 0 for a new one.
    public var version: Int
    public var key: UUID

    public init(type: VisitService, version: Int, key: UUID) { (self.type, self.version, self.key) = (type, version, key) }
}

public enum VisitTypeRefusal: Codable, Sendable, Equatable {
    case notFound
    /// Fields are `code`, `en`, `es`, `minutes`, and those of `VisitRules`.
    case invalid(problems: [EntryProblem])
    /// Somebody else changed it since.
    case changedMeanwhile(version: Int)
    /// A new one has the code of one that is there.
    case codeTaken
    /// There are 50.
    case tooMany
}

/// Every kind of visit.
public struct ReadVisitTypes: Query {
    public static let name = "scheduling.read-visit-types.v1"
    public typealias Reply = VisitTypes

    public init() {}
}

public struct VisitTypes: Codable, Sendable, Equatable {
    /// By code.
    public var types: [VisitTypeLine]

    public init(types: [VisitTypeLine]) { self.types = types }
}

public struct VisitTypeLine: Codable, Sendable, Equatable {
    public var type: VisitService
    public var version: Int

    public init(type: VisitService, version: Int) { (self.type, self.version) = (type, version) }
}

/// Who changed a kind of visit when, and what one of the changes did.
public struct ReadVisitTypeHistory: Query {
    public static let name = "scheduling.read-visit-type-history.v1"
    public typealias Reply = VisitTypeHistory
    public typealias Refusal = SettingRefusal

    public var code: String
    /// The change to show; the newest when it is not named.
    public var version: Int?

    public init(code: String, version: Int? = nil) { (self.code, self.version) = (code, version) }
}

public struct VisitTypeHistory: Codable, Sendable, Equatable {
    /// Newest first, at most 100.
    public var changes: [SettingChange]
    public var total: Int
    /// The change that is shown.
    public var shown: Int
    /// Nil for the first.
    public var before: VisitService?
    public var after: VisitService

    public init(changes: [SettingChange], total: Int, shown: Int, before: VisitService? = nil, after: VisitService) {
        (self.changes, self.total, self.shown, self.before, self.after) = (changes, total, shown, before, after)
    }
}

/// When a clinician sees patients at a place, from a day on.
public struct Hours: Codable, Sendable, Equatable {
    /// IANA name; hours are wall times in it.
    public var zone: String
    /// Codes of the kinds of visit.
    public var services: [String]
    public var weekly: [WeeklyHours]
    /// First local day, `2026-11-23`.
    public var from: String
    /// Last local day.
    public var until: String
    public var minimumNoticeMinutes: Int

    public init(zone: String, services: [String], weekly: [WeeklyHours], from: String, until: String, minimumNoticeMinutes: Int = 60) {
        self.zone = zone
        self.services = services
        self.weekly = weekly
        self.from = from
        self.until = until
        self.minimumNoticeMinutes = minimumNoticeMinutes
    }
}

/// Changes the hours from a day on. Booked visits keep their times: those that would lie outside are named first, and have to be known to the writer.
public struct KeepHours: Command {
    public static let name = "scheduling.keep-hours.v1"
    public typealias Reply = SettingKept
    public typealias Refusal = HoursRefusal

    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    /// What the writer read; 0 where there are none.
    public var version: Int
    public var hours: Hours
    /// How many booked visits outside the new hours the writer was told of.
    public var outside: Int
    public var key: UUID

    public init(practitioner: ID<Practitioner>, location: ID<Location>, version: Int, hours: Hours, outside: Int = 0, key: UUID) {
        self.practitioner = practitioner
        self.location = location
        self.version = version
        self.hours = hours
        self.outside = outside
        self.key = key
    }
}

public enum HoursRefusal: Codable, Sendable, Equatable {
    case unknownZone
    case invalidHours
    case invalidDays
    /// None, or one that is not there.
    case invalidServices
    /// Somebody else changed them since.
    case changedMeanwhile(version: Int)
    /// So many booked visits lie outside, the first of them these. Asked again with that number the change is made, and they stay where they are.
    case visitsOutside(count: Int, first: [OutsideVisit])
}

/// A booked visit that a change leaves where it is. It says nothing of the patient.
public struct OutsideVisit: Codable, Sendable, Equatable {
    public var start: ZonedTime
    public var service: String

    public init(start: ZonedTime, service: String) { (self.start, self.service) = (start, service) }
}

/// Booked visits at a place from now on: what is named before the zone of the place changes. They keep their instants.
public struct ReadVisitsAhead: Query {
    public static let name = "scheduling.read-visits-ahead.v1"
    public typealias Reply = VisitsAhead

    public var location: ID<Location>

    public init(location: ID<Location>) { self.location = location }
}

public struct VisitsAhead: Codable, Sendable, Equatable {
    public var count: Int
    /// The next, at most five.
    public var first: [OutsideVisit]

    public init(count: Int, first: [OutsideVisit]) { (self.count, self.first) = (count, first) }
}

/// The hours of every clinician at every place, as they were set last.
public struct ReadHours: Query {
    public static let name = "scheduling.read-hours.v1"
    public typealias Reply = HoursOfAll

    public init() {}
}

public struct HoursOfAll: Codable, Sendable, Equatable {
    /// At most 200.
    public var hours: [HoursLine]
    public var services: [VisitService]

    public init(hours: [HoursLine], services: [VisitService]) { (self.hours, self.services) = (hours, services) }
}

public struct HoursLine: Codable, Sendable, Equatable {
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var version: Int
    public var hours: Hours

    public init(practitioner: ID<Practitioner>, location: ID<Location>, version: Int, hours: Hours) {
        (self.practitioner, self.location, self.version, self.hours) = (practitioner, location, version, hours)
    }
}

/// Who changed the hours when, and what one of the changes did.
public struct ReadHoursHistory: Query {
    public static let name = "scheduling.read-hours-history.v1"
    public typealias Reply = HoursHistory
    public typealias Refusal = SettingRefusal

    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    /// The change to show; the newest when it is not named.
    public var version: Int?

    public init(practitioner: ID<Practitioner>, location: ID<Location>, version: Int? = nil) {
        (self.practitioner, self.location, self.version) = (practitioner, location, version)
    }
}

public struct HoursHistory: Codable, Sendable, Equatable {
    /// Newest first, at most 100.
    public var changes: [SettingChange]
    public var total: Int
    /// The change that is shown.
    public var shown: Int
    /// Nil for the first.
    public var before: Hours?
    public var after: Hours

    public init(changes: [SettingChange], total: Int, shown: Int, before: Hours? = nil, after: Hours) {
        (self.changes, self.total, self.shown, self.before, self.after) = (changes, total, shown, before, after)
    }
}
