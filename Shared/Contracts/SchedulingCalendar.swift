public import Foundation

/// Visits and hours of some local days, for a calendar.
public struct ReadCalendar: Query {
    public static let name = "scheduling.read-calendar.v1"
    public typealias Reply = CalendarDays

    /// The first local day, `2026-11-24`.
    public var from: String
    /// 1 to 7.
    public var days: Int
    public var location: ID<Location>?
    public var practitioner: ID<Practitioner>?
    /// Whether the rooms and devices are asked for too.
    public var withResources: Bool?

    public init(
        from: String, days: Int, location: ID<Location>? = nil, practitioner: ID<Practitioner>? = nil, withResources: Bool? = nil
    ) {
        (self.from, self.days, self.location, self.practitioner) = (from, days, location, practitioner)
        self.withResources = withResources
    }
}

public struct CalendarDays: Codable, Sendable, Equatable {
    /// In the order of their times, at most 2,000; what was cancelled is left out.
    public var appointments: [AppointmentLine]
    public var hours: [CalendarHour]
    public var services: [VisitService]
    /// Rooms and devices, by place and name, where they were asked for. One that is given to no visit any more is there while a visit has it.
    public var resources: [CalendarResource]?
    public var asOf: Date

    public init(
        appointments: [AppointmentLine], hours: [CalendarHour], services: [VisitService], resources: [CalendarResource]? = nil, asOf: Date
    ) {
        (self.appointments, self.hours, self.services, self.resources, self.asOf) = (appointments, hours, services, resources, asOf)
    }
}

/// A room or a device, and which of the visits have it.
public struct CalendarResource: Codable, Sendable, Equatable {
    public var id: UUID
    public var location: ID<Location>
    public var kind: PlaceResource.Kind
    public var name: String
    /// Of those that the asker is shown.
    public var appointments: [ID<Appointment>]

    public init(id: UUID, location: ID<Location>, kind: PlaceResource.Kind, name: String, appointments: [ID<Appointment>]) {
        (self.id, self.location, self.kind, self.name, self.appointments) = (id, location, kind, name, appointments)
    }
}

/// An hour of a clinician's day in which they see patients.
public struct CalendarHour: Codable, Sendable, Equatable {
    public var practitioner: ID<Practitioner>
    public var day: String
    /// By the clocks of the place, 0 to 23.
    public var hour: Int
    /// Minutes in which patients are seen, and those of them that nobody has.
    public var minutes: Int
    public var free: Int

    public init(practitioner: ID<Practitioner>, day: String, hour: Int, minutes: Int, free: Int) {
        self.practitioner = practitioner
        self.day = day
        self.hour = hour
        self.minutes = minutes
        self.free = free
    }
}
