public import Foundation

/// Which of these the asker has done, by the trail, and whether they have put their list of first steps away.
public struct ReadFirstSteps: Query {
    public static let name = "audit.read-first-steps.v1"
    public struct Reply: Codable, Sendable, Equatable {
        public struct Step: Codable, Sendable, Equatable {
            public var action: String
            /// The first time.
            public var at: Date

            public init(action: String, at: Date) { (self.action, self.at) = (action, at) }
        }

        public var done: [Step]
        public var isAway: Bool

        public init(done: [Step], isAway: Bool) { (self.done, self.isAway) = (done, isAway) }
    }

    /// Wire names of what was asked of a service; at most 20 are looked at.
    public var actions: [String]

    public init(actions: [String]) { self.actions = actions }
}

/// Puts the asker's list of first steps away, or brings it back.
public struct PutAwayFirstSteps: Command {
    public static let name = "audit.put-away-first-steps.v1"
    public typealias Reply = Done

    /// False: it is to come back.
    public var isAway: Bool
    public var key: UUID

    public init(isAway: Bool, key: UUID) { (self.isAway, self.key) = (isAway, key) }
}
