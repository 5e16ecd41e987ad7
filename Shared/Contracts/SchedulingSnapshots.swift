public import Foundation

/// Who has a booked visit in some days, page by page: for messaging, which writes to them.
public struct ReadVisitors: Query {
    public static let name = "scheduling.read-visitors.v1"
    public typealias Reply = Visitors

    /// Local days, both included.
    public var from: String
    public var until: String
    public var practitioner: ID<Practitioner>?
    public var service: String?
    /// The last of the page before.
    public var after: ID<Patient>?

    public init(from: String, until: String, practitioner: ID<Practitioner>? = nil, service: String? = nil, after: ID<Patient>? = nil) {
        (self.from, self.until, self.practitioner, self.service, self.after) = (from, until, practitioner, service, after)
    }
}

public struct Visitors: Codable, Sendable, Equatable {
    /// At most 500; none: it is over.
    public var patients: [ID<Patient>]

    public init(patients: [ID<Patient>]) { self.patients = patients }
}

/// Every absence that is not over, page by page: for whoever begins to hear of them.
public struct ReadLeave: Query {
    public static let name = "scheduling.read-leave.v1"
    public typealias Reply = LeaveThere

    /// The last of the page before.
    public var after: UUID?

    public init(after: UUID? = nil) { self.after = after }
}

public struct LeaveThere: Codable, Sendable, Equatable {
    /// At most 200; none: it is over.
    public var absences: [LeaveChanged]

    public init(absences: [LeaveChanged]) { self.absences = absences }
}
