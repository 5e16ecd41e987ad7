public import Foundation

/// What the next changes of clocks do to hours and visits, by the rules of zones as the database knows them now: asked before they happen, and when
/// those rules were replaced.
public struct RehearseClockChanges: Query {
    public static let name = "scheduling.rehearse-clock-changes.v1"
    public typealias Reply = ClockRehearsal

    /// Days ahead, 1 to 1,000.
    public var days: Int

    public init(days: Int = 548) { self.days = days }
}

public struct ClockRehearsal: Codable, Sendable, Equatable {
    /// Zones of hours that hold and of visits to come, by name.
    public var zones: [String]
    /// Of those zones, by day.
    public var changes: [ClockChange]
    /// Visits to come whose agreed wall time is no longer the instant that is kept, at most 100 of them.
    public var moved: [MovedVisit]
    public var movedCount: Int
    /// Times that would be offered although the one before still runs.
    public var overlaps: Int
    public var asOf: Date

    public init(zones: [String], changes: [ClockChange], moved: [MovedVisit], movedCount: Int, overlaps: Int, asOf: Date) {
        (self.zones, self.changes, self.moved, self.movedCount, self.overlaps, self.asOf) = (zones, changes, moved, movedCount, overlaps, asOf)
    }
}

public struct ClockChange: Codable, Sendable, Equatable {
    public var zone: String
    /// Local day.
    public var day: String
    /// Seconds that clocks go ahead; less than 0 when they go back.
    public var seconds: Int
    /// Wall times of the hours that do not exist that day, `02:30`; they are not offered.
    public var skipped: [String]

    public init(zone: String, day: String, seconds: Int, skipped: [String]) {
        (self.zone, self.day, self.seconds, self.skipped) = (zone, day, seconds, skipped)
    }
}

/// It says nothing of the patient.
public struct MovedVisit: Codable, Sendable, Equatable {
    public var appointment: ID<Appointment>
    /// As it was agreed, with the instant that is kept.
    public var start: ZonedTime
    /// What clocks show at that instant by the rules of now.
    public var shown: String

    public init(appointment: ID<Appointment>, start: ZonedTime, shown: String) {
        (self.appointment, self.start, self.shown) = (appointment, start, shown)
    }
}
