/// How a month went at the desk: what was booked over others, and what became of its times that were offered to who waits.
public struct ReadScheduleMonth: Query {
    public static let name = "scheduling.read-schedule-month.v1"
    public typealias Reply = ScheduleMonth

    /// `2026-11`, by the clocks of each place.
    public var month: String

    public init(month: String) { self.month = month }
}

public struct ScheduleMonth: Codable, Sendable, Equatable {
    /// Soonest first, at most 200.
    public var overrides: [Override]
    public var total: Int
    public var services: [VisitService]
    public var offers: OfferOutcomes

    public init(overrides: [Override], total: Int, services: [VisitService], offers: OfferOutcomes) {
        (self.overrides, self.total, self.services, self.offers) = (overrides, total, services, offers)
    }
}

/// A visit that was booked over others, or at a time that was not offered.
public struct Override: Codable, Sendable, Equatable {
    public var visit: AppointmentLine
    /// In the words of who booked it.
    public var reason: String

    public init(visit: AppointmentLine, reason: String) { (self.visit, self.reason) = (visit, reason) }
}

/// How many times were offered from the waiting list, by what became of them. What the clinic took back is not among them.
public struct OfferOutcomes: Codable, Sendable, Equatable {
    public var taken: Int
    public var declined: Int
    /// Nobody answered.
    public var lapsed: Int

    public init(taken: Int, declined: Int, lapsed: Int) { (self.taken, self.declined, self.lapsed) = (taken, declined, lapsed) }
}
