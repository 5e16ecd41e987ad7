public import Foundation

/// What the link in a message about a visit leads to. It is good for that visit at that time alone, and looking at it changes nothing.
public struct ReadVisitLink: Query {
    public static let name = "notifications.read-visit-link.v1"
    public typealias Reply = VisitLink
    public typealias Refusal = VisitLinkRefusal

    /// The last part of the link's address.
    public var link: String

    public init(link: String) { self.link = link }
}

/// A visit as whoever holds the message knows it already: when it is, and what was answered.
public struct VisitLink: Codable, Sendable, Equatable {
    public var start: ZonedTime
    /// A `VisitLinkState`, as far as this version knows it.
    public var code: String

    public var state: VisitLinkState { VisitLinkState(rawValue: code) ?? .refused }

    public init(start: ZonedTime, state: VisitLinkState) { (self.start, code) = (start, state.rawValue) }
}

public enum VisitLinkState: String, Sendable {
    /// Nobody has answered yet.
    case open
    /// They come; they may still cancel.
    case accepted
    /// They do not come.
    case declined
    /// They could not cancel any more.
    case refused
    /// The visit has another time by now.
    case moved
    case cancelled, past

    /// Whether an answer is taken.
    public var takesAnswers: Bool { self == .open || self == .accepted }
}

public enum VisitLinkRefusal: String, Codable, Sendable {
    /// No link of ours.
    case unknown
    /// The visit is over, cancelled, or at another time.
    case closed
}

/// Whoever holds the message says that they come, or do not.
public struct AnswerVisit: Command {
    public static let name = "notifications.answer-visit.v1"
    public typealias Reply = Done
    public typealias Refusal = VisitLinkRefusal

    public var link: String
    public var accepts: Bool
    public var key: UUID

    public init(link: String, accepts: Bool, key: UUID) { (self.link, self.accepts, self.key) = (link, accepts, key) }
}
