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

/// Cancels a visit of a series and those after it; those before, and those that were moved to before it, stay.
public struct CancelSeries: Command {
    public static let name = "scheduling.cancel-series.v1"
    public typealias Reply = SeriesCancelled
    public typealias Refusal = CancelRefusal

    public var series: UUID
    public var patient: ID<Patient>
    /// The first that is cancelled.
    public var from: ID<Appointment>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(series: UUID, patient: ID<Patient>, from: ID<Appointment>, key: UUID) {
        (self.series, self.patient, self.from, self.key) = (series, patient, from, key)
    }
}

public struct SeriesCancelled: Codable, Sendable, Equatable {
    public var cancelled: [ID<Appointment>]

    public init(cancelled: [ID<Appointment>]) { self.cancelled = cancelled }
}
