public import Access
public import Contracts
import Crypto
public import Foundation
public import MessageBus
import Synchronization

/// Somebody who has signed in, as identity vouches.
public struct Person: Sendable {
    public let view: SessionView
    /// What the services believe.
    public let token: ActorToken
    public let role: Role
}

/// Asks identity whose session a cookie is, and remembers the answer for at most five seconds: a session that ends elsewhere ends here no later.
public final class SessionReader: Sendable {
    private struct Known {
        let signedIn: Person?
        let until: ContinuousClock.Instant
    }

    private static let rememberedFor = Duration.seconds(5)
    private static let rememberedAtMost = 10_000

    private let bus: any Bus
    private let audience: Audience
    private let known = Mutex<[Data: Known]>([:])

    public init(_ bus: any Bus, audience: Audience) { (self.bus, self.audience) = (bus, audience) }

    /// A new session's secret, and the cookie's value that stands for it.
    public static func newHandle() -> (handle: Data, cookie: String) {
        let handle = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        return (handle, handle.base64URL)
    }

    /// - Parameter cookie: the session cookie's value. - Returns: nil when nobody is signed in with it.
    public func read(_ cookie: String?) async throws(BusError) -> Person? {
        guard let handle = cookie.flatMap({ Data(base64URL: $0) }), handle.count == 32 else { return nil }
        let now = ContinuousClock.now
        if let known = known.withLock({ $0[Self.name(handle)] }), known.until > now { return known.signedIn }
        let reply = try await bus.ask(ReadSession(audience: audience, handle: handle))
        let signedIn = reply.session.flatMap { view in
            Role(rawValue: view.role).map { Person(view: view, token: ActorToken(view.actorToken), role: $0) }
        }
        known.withLock { known in
            if known.count >= Self.rememberedAtMost { known.removeAll(keepingCapacity: true) }
            known[Self.name(handle)] = Known(signedIn: signedIn, until: now + Self.rememberedFor)
        }
        return signedIn
    }

    /// A session that ended elsewhere ends here at once.
    public func forget(_ session: ID<Session>) {
        known.withLock { known in known = known.filter { $0.value.signedIn?.view.session != session } }
    }

    /// For when news of ended sessions may have been missed.
    public func forgetAll() { known.withLock { $0.removeAll(keepingCapacity: true) } }

    /// Ends a session here and everywhere.
    public func end(_ cookie: String?) async throws(BusError) {
        guard let handle = cookie.flatMap({ Data(base64URL: $0) }), handle.count == 32 else { return }
        known.withLock { $0[Self.name(handle)] = nil }
        _ = try await bus.request(SignOut(audience: audience, handle: handle))
    }

    /// The secret itself is kept in no memory of ours longer than a request.
    private static func name(_ handle: Data) -> Data { Data(SHA256.hash(data: handle)) }
}
