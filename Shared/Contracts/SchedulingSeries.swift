public import Foundation

/// Books a visit every so many weeks at the same wall time, whatever clocks do between. Each is a visit of its own, moved and cancelled by itself; a
/// time that is not free is left out and named.
public struct BookSeries: Command {
    public static let name = "scheduling.book-series.v1"
    public typealias Reply = SeriesBooked
    public typealias Refusal = SeriesRefusal

    public var series: UUID
    public var patient: ID<Patient>
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var service: String
    /// The first one.
    public var start: Date
    /// From one to the next, 1 to 12.
    public var weeks: Int
    /// How many, 2 to 60.
    public var count: Int

    public var patients: [ID<Patient>] { [patient] }
    public var key: UUID { series }

    public init(
        series: UUID, patient: ID<Patient>, practitioner: ID<Practitioner>, location: ID<Location>, service: String, start: Date, weeks: Int,
        count: Int
    ) {
        self.series = series
        self.patient = patient
        self.practitioner = practitioner
        self.location = location
        self.service = service
        self.start = start
        self.weeks = weeks
        self.count = count
    }
}

public struct SeriesBooked: Codable, Sendable, Equatable {
    /// In the order of their times.
    public var booked: [Booked]
    /// Wall times that are not free, `2026-12-01T08:00`.
    public var missed: [String]

    public init(booked: [Booked], missed: [String]) { (self.booked, self.missed) = (booked, missed) }
}

public enum SeriesRefusal: String, Codable, Sendable {
    /// Weeks or count are out of their ranges.
    case invalid
    /// The first time is not free, or not offered.
    case firstNotFree
}

/// Cancels a visit of a series and those after it; those before, and those that were moved to before it, stay. Or all that are to come.
public struct CancelSeries: Command {
    public static let name = "scheduling.cancel-series.v1"
    public typealias Reply = SeriesCancelled
    public typealias Refusal = CancelRefusal

    public var series: UUID
    public var patient: ID<Patient>
    /// The first that is cancelled.
    public var from: ID<Appointment>
    /// True for every one that is to come, also those before it.
    public var all: Bool?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(series: UUID, patient: ID<Patient>, from: ID<Appointment>, all: Bool? = nil, key: UUID) {
        (self.series, self.patient, self.from, self.all, self.key) = (series, patient, from, all, key)
    }
}

public struct SeriesCancelled: Codable, Sendable, Equatable {
    public var cancelled: [ID<Appointment>]

    public init(cancelled: [ID<Appointment>]) { self.cancelled = cancelled }
}

/// Moves a visit of a series to a time that is offered, and by as many days and minutes of the wall clock those after it, or all that are to come.
/// What was moved by itself before stays where it is. All are moved or none: what cannot be is named first, and left where it is only when that is
/// said.
public struct MoveSeries: Command {
    public static let name = "scheduling.move-series.v1"
    public typealias Reply = SeriesMoved
    public typealias Refusal = SeriesMoveRefusal

    public var series: UUID
    public var patient: ID<Patient>
    /// The one that is moved to `start`.
    public var from: ID<Appointment>
    /// What the asker saw of it.
    public var version: Int
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var start: Date
    /// Also those before it that are to come.
    public var all: Bool
    /// Those that stay, of which the asker knows why.
    public var leaving: [ID<Appointment>]
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        series: UUID, patient: ID<Patient>, from: ID<Appointment>, version: Int, practitioner: ID<Practitioner>, location: ID<Location>,
        start: Date, all: Bool, leaving: [ID<Appointment>] = [], key: UUID
    ) {
        self.series = series
        self.patient = patient
        self.from = from
        self.version = version
        self.practitioner = practitioner
        self.location = location
        self.start = start
        self.all = all
        self.leaving = leaving
        self.key = key
    }
}

public struct SeriesMoved: Codable, Sendable, Equatable {
    /// In the order of their times.
    public var moved: [Booked]
    /// Those among them that stay where they are: moved by themselves before, or left.
    public var kept: [ID<Appointment>]

    public init(moved: [Booked], kept: [ID<Appointment>]) { (self.moved, self.kept) = (moved, kept) }
}

/// A visit of a series that cannot be at its new time.
public struct SeriesConflict: Codable, Sendable, Equatable {
    public enum Reason: String, Codable, Sendable {
        /// Not a time that is offered; somebody has it, or a room or a device it needs; the patient has another visit then.
        case notOffered, taken, patientBusy
    }

    public var appointment: ID<Appointment>
    /// When it is now.
    public var start: ZonedTime
    /// The wall time it would be at, `2026-12-01T08:00`.
    public var wanted: String
    public var reason: Reason

    public init(appointment: ID<Appointment>, start: ZonedTime, wanted: String, reason: Reason) {
        (self.appointment, self.start, self.wanted, self.reason) = (appointment, start, wanted, reason)
    }
}

public enum SeriesMoveRefusal: Codable, Sendable, Equatable {
    case notFound
    /// The visit has begun, or is no longer booked.
    case tooLate
    /// Somebody moved it since.
    case changedMeanwhile(version: Int)
    /// Nothing was moved.
    case conflicts([SeriesConflict])
}
