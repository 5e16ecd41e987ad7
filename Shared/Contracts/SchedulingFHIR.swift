public import Foundation

// Live visits, and the times at which there could be one, as FHIR R4 writes them.

/// Resources that were searched for, a page of them.
public struct FoundResources: Codable, Sendable, Equatable {
    public var resources: [FoundResource]
    /// On all pages.
    public var total: Int
    /// The id after which the next page begins; nil on the last one.
    public var next: String?

    public init(resources: [FoundResource], total: Int, next: String? = nil) {
        (self.resources, self.total, self.next) = (resources, total, next)
    }
}

public struct FoundResource: Codable, Sendable, Equatable {
    /// Appointment, Slot, Schedule.
    public var type: String
    public var id: String
    /// `meta.versionId`; nil of what is computed and has no versions.
    public var version: Int?
    public var json: String

    public init(type: String, id: String, version: Int? = nil, json: String) {
        (self.type, self.id, self.version, self.json) = (type, id, version, json)
    }
}

/// A patient's visits, soonest first; holds that lapsed were never any. `Appointment?patient=…&date=…&status=…`
public struct SearchAppointments: Query {
    public static let name = "scheduling.search-appointments.v1"
    public typealias Reply = FoundResources
    public typealias Refusal = SearchRefusal

    public var patient: ID<Patient>
    /// This one alone: `Appointment/<id>`.
    public var only: ID<Appointment>?
    /// Beginning then or later.
    public var from: Date?
    /// Beginning before.
    public var until: Date?
    /// FHIR codes; none for any.
    public var statuses: [String]
    /// At most 200.
    public var count: Int
    /// `FoundResources.next` of the page before.
    public var after: String?

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, only: ID<Appointment>? = nil, from: Date? = nil, until: Date? = nil, statuses: [String] = [], count: Int = 50,
        after: String? = nil
    ) {
        self.patient = patient
        self.only = only
        self.from = from
        self.until = until
        self.statuses = statuses
        self.count = count
        self.after = after
    }
}

/// The times of a schedule, taken or not, soonest first. `Slot?schedule=…&start=…&status=…`
public struct SearchSlots: Query {
    public static let name = "scheduling.search-slots.v1"
    public typealias Reply = FoundResources
    public typealias Refusal = SearchRefusal

    /// Id of a Schedule.
    public var schedule: UUID
    /// This one alone: `Slot/<id>`, whose first 32 digits are its schedule.
    public var only: String?
    /// Now when nil.
    public var from: Date?
    /// Two weeks on when nil; at most 31 days on.
    public var until: Date?
    /// free, busy, busy-tentative, busy-unavailable; none for any. A patient is told of free and busy ones only.
    public var statuses: [String]
    /// `VisitService.code`
    public var service: String?
    /// At most 200.
    public var count: Int
    /// `FoundResources.next` of the page before.
    public var after: String?

    public init(
        schedule: UUID, only: String? = nil, from: Date? = nil, until: Date? = nil, statuses: [String] = [], service: String? = nil,
        count: Int = 50, after: String? = nil
    ) {
        self.schedule = schedule
        self.only = only
        self.from = from
        self.until = until
        self.statuses = statuses
        self.service = service
        self.count = count
        self.after = after
    }
}

/// Which clinicians have hours at which places. `Schedule?actor=Practitioner/…&actor=Location/…`
public struct SearchSchedules: Query {
    public static let name = "scheduling.search-schedules.v1"
    public typealias Reply = FoundResources
    public typealias Refusal = SearchRefusal

    public var practitioner: ID<Practitioner>?
    public var location: ID<Location>?
    /// This one alone: `Schedule/<id>`.
    public var only: UUID?
    /// At most 200.
    public var count: Int
    /// `FoundResources.next` of the page before.
    public var after: String?

    public init(
        practitioner: ID<Practitioner>? = nil, location: ID<Location>? = nil, only: UUID? = nil, count: Int = 50, after: String? = nil
    ) {
        self.practitioner = practitioner
        self.location = location
        self.only = only
        self.count = count
        self.after = after
    }
}

public enum SearchRefusal: String, Codable, Sendable {
    /// `after` or `only` is no id that was given out.
    case unknownID
    /// FHIR has no such status.
    case unknownStatus
    /// It ends before it begins, or goes over more than 31 days.
    case wrongPeriod
}
