public import Foundation

/// Why nobody is seen although the hours say otherwise.
public enum Absence: Codable, Sendable, Equatable {
    /// A clinician is away. Wall times in the zone, `2026-12-01T08:00`; the end is the first moment they are back.
    case leave(practitioner: ID<Practitioner>, from: String, until: String, zone: String)
    /// A place is closed on a local day, `2026-12-25`.
    case holiday(location: ID<Location>, day: String)
}

/// Takes times out of what is offered. What is booked stays; it is for the desk to look after.
public struct KeepAbsence: Command {
    public static let name = "scheduling.keep-absence.v1"
    public typealias Reply = AbsenceKept
    public typealias Refusal = AbsenceRefusal

    public var id: UUID
    public var what: Absence
    /// For colleagues, up to 100 characters; a holiday's name.
    public var note: String

    public var key: UUID { id }

    public init(id: UUID, what: Absence, note: String) { (self.id, self.what, self.note) = (id, what, note) }
}

public struct AbsenceKept: Codable, Sendable, Equatable {
    /// Booked visits that cannot be as they are.
    public var affected: Int

    public init(affected: Int) { self.affected = affected }
}

public enum AbsenceRefusal: Codable, Sendable, Equatable {
    /// Fields are `from`, `until`, `day`, `note`.
    case invalid(problems: [EntryProblem])
    case unknownZone
    /// The place is closed that day already.
    case known
}

/// Offers the times again.
public struct EndAbsence: Command {
    public static let name = "scheduling.end-absence.v1"
    public typealias Reply = Done
    public typealias Refusal = SettingRefusal

    public var id: UUID
    public var key: UUID

    public init(id: UUID, key: UUID) { (self.id, self.key) = (id, key) }
}

/// Absences that are not over, soonest first.
public struct ReadAbsences: Query {
    public static let name = "scheduling.read-absences.v1"
    public typealias Reply = Absences

    public init() {}
}

public struct Absences: Codable, Sendable, Equatable {
    /// At most 200.
    public var absences: [AbsenceLine]
    public var total: Int

    public init(absences: [AbsenceLine], total: Int) { (self.absences, self.total) = (absences, total) }
}

public struct AbsenceLine: Codable, Sendable, Equatable {
    public var id: UUID
    public var what: Absence
    public var note: String
    /// Booked visits that nobody has moved or cancelled yet.
    public var affected: Int

    public init(id: UUID, what: Absence, note: String, affected: Int) {
        (self.id, self.what, self.note, self.affected) = (id, what, note, affected)
    }
}

/// The booked visits an absence leaves without a clinician or a place.
public struct ReadAffected: Query {
    public static let name = "scheduling.read-affected.v1"
    public typealias Reply = AffectedVisits
    public typealias Refusal = SettingRefusal

    public var id: UUID

    public init(id: UUID) { self.id = id }
}

public struct AffectedVisits: Codable, Sendable, Equatable {
    public var absence: AbsenceLine
    /// Of those the asker may know of, soonest first.
    public var appointments: [AppointmentLine]
    public var services: [VisitService]
    public var asOf: Date
    /// Of those to whom another time is or was offered, how that stands. Nil from before there were such offers.
    public var offers: [OtherTime]?

    public init(absence: AbsenceLine, appointments: [AppointmentLine], services: [VisitService], asOf: Date, offers: [OtherTime]? = nil) {
        (self.absence, self.appointments, self.services, self.asOf, self.offers) = (absence, appointments, services, asOf, offers)
    }
}

/// Offers everybody whom an absence leaves without their visit another time, which is kept for them. Nothing is moved until they take it.
public struct OfferOtherTimes: Command {
    public static let name = "scheduling.offer-other-times.v1"
    public typealias Reply = OtherTimesSought
    public typealias Refusal = SettingRefusal

    public var absence: UUID
    public var key: UUID

    public init(absence: UUID, key: UUID) { (self.absence, self.key) = (absence, key) }
}

public struct OtherTimesSought: Codable, Sendable, Equatable {
    /// Visits for which a time is looked for from now on; those that were before are not counted.
    public var visits: Int

    public init(visits: Int) { self.visits = visits }
}

/// How it stands with the other time of a visit.
public struct OtherTime: Codable, Sendable, Equatable {
    public var visit: ID<Appointment>
    /// The time that is kept now; nil while none is.
    public var start: ZonedTime?
    public var until: Date?
    /// Times that were declined, or kept in vain.
    public var declined: Int
    /// Whether another is still looked for: no more when they have left the list or let too many go by.
    public var isOpen: Bool

    public init(visit: ID<Appointment>, start: ZonedTime? = nil, until: Date? = nil, declined: Int, isOpen: Bool) {
        (self.visit, self.start, self.until, self.declined, self.isOpen) = (visit, start, until, declined, isOpen)
    }
}

/// Somebody is away, a place is closed, or what was said of that holds no more. Once ended an absence stays ended.
public struct LeaveChanged: Event, Equatable {
    public static let name = "scheduling.leave-changed.v1"

    public var absence: UUID
    /// Of a leave, with its first moment and the first moment they are back.
    public var practitioner: ID<Practitioner>?
    public var from: Date?
    public var until: Date?
    /// Of a holiday, with its local day.
    public var location: ID<Location>?
    public var day: String?
    public var ended: Bool

    public init(
        absence: UUID, practitioner: ID<Practitioner>? = nil, from: Date? = nil, until: Date? = nil, location: ID<Location>? = nil,
        day: String? = nil, ended: Bool = false
    ) {
        (self.absence, self.practitioner, self.from, self.until) = (absence, practitioner, from, until)
        (self.location, self.day, self.ended) = (location, day, ended)
    }
}
