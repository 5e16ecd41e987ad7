public import Foundation

/// What travels between services. The wire name is a constant, `<service>.<message>.v<N>`; within a version only optional fields are added.
public protocol Message: Codable, Sendable {
    static var name: String { get }
}

/// Asks the service its name starts with for an answer, before a deadline.
public protocol Request: Message {
    associatedtype Reply: Codable & Sendable
    /// Why the owner may definitely say no. A refusal is an answer, not a failure.
    associatedtype Refusal: Codable & Sendable & Equatable = Never
    /// Whose records this touches: what access is decided on and the audit trail says. Empty when it is about no patient.
    var patients: [ID<Patient>] { get }
    /// The document it opens, which somebody who does not treat the patient may open too, if it was shared with them. Nil for everything else.
    var sharedDocument: ID<Resource>? { get }
    /// The bill, payment or statement it opens, which whoever it was issued to may open too. Nil for everything else.
    var bill: UUID? { get }
}

extension Request {
    public var patients: [ID<Patient>] { [] }
    public var sharedDocument: ID<Resource>? { nil }
    public var bill: UUID? { nil }
    /// The service that answers, and its request queue's owner.
    public static var service: String { String(name.prefix { $0 != "." }) }
}

/// Reads.
public protocol Query: Request {}

/// Changes something. Sent again with the same key it gets the first answer and does nothing.
public protocol Command: Request {
    /// Made by the sender, unique for the attempt.
    var key: UUID { get }
}

/// Something that happened, told by its owner. Carries ids, versions, times and codes of state or reason; never names, contact data or free text.
public protocol Event: Message {}

extension Event {
    /// Whether every service tells it about itself.
    public static var isOfEveryService: Bool { name.hasPrefix("every.") }

    /// The wire name when `service` tells it.
    public static func name(of service: String) -> String { isOfEveryService ? "\(service).\(name.dropFirst("every.".count))" : name }
}

/// What a request comes back with.
public enum Answer<R: Request>: Sendable {
    case done(R.Reply)
    case refused(R.Refusal)
}

extension Answer: Equatable where R.Reply: Equatable {}

/// The reply of a command that has nothing to say but that it is done.
public struct Done: Codable, Sendable, Equatable {
    public init() {}
}
