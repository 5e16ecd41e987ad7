/// How patients get a kind of visit by themselves.
public enum SelfScheduling: String, Codable, Sendable, CaseIterable {
    /// They do not see it.
    case off
    /// They see when there are times, and call.
    case view
    /// They book it.
    case direct
}

/// What a kind of visit asks of those who book it.
public struct VisitRules: Codable, Sendable, Equatable {
    public var mode: SelfScheduling
    /// Minutes the clinician keeps free before it, 0 to 120.
    public var minutesBefore: Int
    /// The same after it.
    public var minutesAfter: Int
    /// How many patients come at one time, 1 to 30; more than one is a group.
    public var capacity: Int
    /// Minutes ahead it is booked at least, up to 30 days; hours may ask for more.
    public var noticeMinutes: Int
    /// Days ahead it is booked at most, 1 to 730; nil for what the clinic allows.
    public var horizonDays: Int?
    /// Patients move and cancel it themselves until so many minutes before it begins, up to 30 days.
    public var cutOffMinutes: Int
    /// Who has one to come books no other of this kind by themselves.
    public var onlyOne: Bool
    /// Beside `view`: patients ask for it with their wishes, and the clinic books it.
    public var byRequest: Bool?
    /// Beside `view`: patients book it with an order, once an order.
    public var byOrder: Bool?
    /// Sorts of rooms and devices of which it takes one each, up to 5; nil for none.
    public var needs: [String]?

    public init(
        mode: SelfScheduling = .direct, minutesBefore: Int = 0, minutesAfter: Int = 0, capacity: Int = 1, noticeMinutes: Int = 0,
        horizonDays: Int? = nil, cutOffMinutes: Int = 0, onlyOne: Bool = false, byRequest: Bool? = nil, byOrder: Bool? = nil,
        needs: [String]? = nil
    ) {
        self.mode = mode
        self.minutesBefore = minutesBefore
        self.minutesAfter = minutesAfter
        self.capacity = capacity
        self.noticeMinutes = noticeMinutes
        self.horizonDays = horizonDays
        self.cutOffMinutes = cutOffMinutes
        self.onlyOne = onlyOne
        self.byRequest = byRequest
        self.byOrder = byOrder
        self.needs = needs
    }

    /// Whether patients ask for it.
    public var isByRequest: Bool { mode == .view && byRequest == true }
    /// Whether they book it with an order.
    public var isByOrder: Bool { mode == .view && byOrder == true }
}
