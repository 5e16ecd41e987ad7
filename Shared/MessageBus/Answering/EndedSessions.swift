internal import Access
public import Contracts
internal import Faults
internal import Foundation
internal import Synchronization

/// Sessions, and proxies, that ended while tokens that name them may still be about: those tokens are refused, or good for less, for as long as
/// they last. In memory, and in every process: what is missed while there is no broker ends with the token, within five minutes, and at the gateways
/// before.
public final class EndedSessions: Sendable {
    private static let keptFor = Duration.seconds(310)
    private static let keptAtMost = 100_000

    private let ended = Mutex<[ID<Session>: ContinuousClock.Instant]>([:])

    private let proxies = Mutex<[ID<Proxy>: ContinuousClock.Instant]>([:])

    init() {}

    public func note(_ session: ID<Session>) {
        let now = ContinuousClock.now
        ended.withLock { ended in
            if ended.count >= Self.keptAtMost { ended = ended.filter { $0.value > now } }
            ended[session] = now + Self.keptFor
        }
    }

    /// Somebody does not act for a patient any more.
    public func note(_ proxy: ID<Proxy>) {
        let now = ContinuousClock.now
        proxies.withLock { proxies in
            if proxies.count >= Self.keptAtMost { proxies = proxies.filter { $0.value > now } }
            proxies[proxy] = now + Self.keptFor
        }
    }

    /// The actor without the records of those they acted for, and do not any more: because it was withdrawn, or by its own time.
    func withoutEndedProxies(_ actor: Actor) -> Actor {
        guard actor.acting?.isEmpty == false, !Fault.proxiesLastForEver.isOn else { return actor }
        let (now, today) = (ContinuousClock.now, Date())
        return proxies.withLock { proxies in
            actor.without { acting in proxies[acting.proxy].map { $0 > now } ?? false || acting.until.map { $0 <= today } ?? false }
        }
    }

    func contains(_ session: ID<Session>?) -> Bool {
        guard let session, !Fault.sessionsLastForEver.isOn else { return false }
        return ended.withLock { $0[session].map { $0 > .now } ?? false }
    }
}
