/// How handing a message to a provider ended.
enum Delivery: Sendable, Equatable {
    /// The provider has it. - Parameter provider: the provider's own id, when it gave one.
    case accepted(provider: String?)
    /// Definitely not taken; another try may do.
    case later(Reason)
    /// Definitely not taken, and no other try will do.
    case refused(Reason)
    /// It did not leave: it was withdrawn meanwhile, or is another sender's, or there was no time left to hand it over.
    case notHanded
    /// Whether it was taken nobody here knows: the connection ended between the message's end and the answer to it.
    case unknown

    /// For logs and metrics.
    var name: String {
        switch self {
        case .accepted: "accepted"
        case .later(let reason), .refused(let reason): reason.rawValue
        case .notHanded: "not-handed"
        case .unknown: Reason.outcomeUnknown.rawValue
        }
    }
}
