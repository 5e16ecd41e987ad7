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
    /// False while identity does not answer and an earlier answer of its stands in.
    public var isConfirmed = true
}

/// What a cookie stands for.
public enum SignInState: Sendable {
    case nobody
    /// The password was right, and something is missing: good for giving it and for nothing else.
    case unfinished(UnfinishedSession)
    case signedIn(Person)
}

extension SignInStep {
    /// Where it is done.
    public var path: String {
        switch self {
        case .code: "/sign-in/code"
        case .enrolment: "/sign-in/second-factor"
        }
    }
}

/// Asks identity whose session a cookie is, and remembers the answer for at most five seconds: a session that ends elsewhere ends here no later.
///
/// While identity does not answer nobody can end a session either: who was signed in stays so for as long as the token lasts that identity gave
/// them, at most four minutes.
public final class SessionReader: Sendable {
    private struct Known {
        let state: SignInState
        let until: ContinuousClock.Instant
        /// How long it may stand in when identity is away.
        let lasts: ContinuousClock.Instant
        /// Whether the session has been used by it.
        let isUse: Bool
    }

    private static let rememberedAtMost = 10_000
    /// Below the five minutes of a token, by what a request may take.
    private static let standsInFor = 240.0
    /// How long identity is waited for when an earlier answer can stand in, and how long it is not asked again after that.
    private static let (shortWait, pause) = (Duration.milliseconds(500), Duration.seconds(2))

    private let bus: any Bus
    private let audience: Audience
    private let rememberedFor: Duration
    private let known = Mutex<[Data: Known]>([:])

    public convenience init(_ bus: any Bus, audience: Audience) { self.init(bus, audience: audience, rememberedFor: .seconds(5)) }

    init(_ bus: any Bus, audience: Audience, rememberedFor: Duration) {
        (self.bus, self.audience, self.rememberedFor) = (bus, audience, rememberedFor)
    }

    /// A new session's secret, and the cookie's value that stands for it.
    public static func newHandle() -> (handle: Data, cookie: String) {
        let secret = BrowserSecret()
        return (secret.bytes, secret.text)
    }

    /// The secret a cookie's value stands for; nil when it is none of ours.
    public static func handle(_ cookie: String?) -> Data? {
        cookie.flatMap { BrowserSecret($0)?.bytes }
    }

    /// - Parameter cookie: the session cookie's value. - Returns: nil when nobody is signed in with it.
    public func read(_ cookie: String?, isUse: Bool = true) async throws(BusError) -> Person? {
        if case .signedIn(let person) = try await state(cookie, isUse: isUse) { person } else { nil }
    }

    /// - Parameters:
    ///   - cookie: the session cookie's value.
    ///   - isUse: false where nobody did anything: the session ends when it would have.
    public func state(_ cookie: String?, isUse: Bool = true) async throws(BusError) -> SignInState {
        guard let handle = Self.handle(cookie) else { return .nobody }
        let name = Self.name(handle)
        let now = ContinuousClock.now
        let before = known.withLock { $0[name] }
        if let before, before.until > now, before.isUse || !isUse { return before.state }
        let query = ReadSession(audience: audience, handle: handle, isUse: isUse ? nil : false)
        if let before, case .signedIn(var person) = before.state, before.lasts > now {
            do { return remember(try await bus.ask(query, within: Self.shortWait), as: name, at: now, isUse) } catch .unavailable, .timeout {
                person.isConfirmed = false
                let standIn = Known(state: .signedIn(person), until: .now + Self.pause, lasts: before.lasts, isUse: isUse)
                let isStillKnown = known.withLock { known in
                    guard known[name] != nil else { return false }
                    known[name] = standIn
                    return true
                }
                guard isStillKnown else { throw .unavailable }  // news came meanwhile that it has ended, or may have
                return standIn.state
            }
        }
        return remember(try await bus.ask(query), as: name, at: now, isUse)
    }

    private func remember(_ reply: SessionReply, as name: Data, at now: ContinuousClock.Instant, _ isUse: Bool) -> SignInState {
        let signedIn = reply.session.flatMap { view in
            Role(rawValue: view.role).map { Person(view: view, token: ActorToken(view.actorToken), role: $0) }
        }
        let lasts = signedIn.map { now + .seconds(min(Self.standsInFor, $0.view.expires.timeIntervalSinceNow)) } ?? now
        let state = signedIn.map { SignInState.signedIn($0) } ?? reply.unfinished.map { .unfinished($0) } ?? .nobody
        known.withLock { known in
            if known.count >= Self.rememberedAtMost { known.removeAll(keepingCapacity: true) }
            known[name] = Known(state: state, until: now + rememberedFor, lasts: lasts, isUse: isUse)
        }
        return state
    }

    /// A session that ended elsewhere ends here at once.
    public func forget(_ session: ID<Session>) {
        known.withLock { known in known = known.filter { $0.value.state.session != session } }
    }

    /// Somebody may act for more or fewer people: what was known of their sessions is asked for anew.
    public func forget(_ account: ID<Account>) {
        known.withLock { known in known = known.filter { $0.value.state.account != account } }
    }

    /// For when news of ended sessions may have been missed.
    public func forgetAll() { known.withLock { $0.removeAll(keepingCapacity: true) } }

    /// Ends a session here and everywhere.
    public func end(_ cookie: String?) async throws(BusError) {
        guard let handle = Self.handle(cookie) else { return }
        known.withLock { $0[Self.name(handle)] = nil }
        _ = try await bus.request(SignOut(audience: audience, handle: handle))
    }

    /// The secret itself is kept in no memory of ours longer than a request.
    private static func name(_ handle: Data) -> Data { Data(SHA256.hash(data: handle)) }
}

extension SignInState {
    fileprivate var account: ID<Account>? { if case .signedIn(let person) = self { person.view.account } else { nil } }

    fileprivate var session: ID<Session>? {
        switch self {
        case .nobody: nil
        case .unfinished(let unfinished): unfinished.session
        case .signedIn(let person): person.view.session
        }
    }
}
