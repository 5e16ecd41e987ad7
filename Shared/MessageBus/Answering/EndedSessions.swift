public import Contracts
internal import Faults
internal import Foundation
internal import Synchronization

/// Sessions that ended while tokens signed in them may still be about: those tokens are refused for as long as they last. In memory, and in every
/// process: what is missed while there is no broker ends with the token, within five minutes, and at the gateways before.
public final class EndedSessions: Sendable {
    private static let keptFor = Duration.seconds(310)
    private static let keptAtMost = 100_000

    private let ended = Mutex<[ID<Session>: ContinuousClock.Instant]>([:])

    init() {}

    public func note(_ session: ID<Session>) {
        let now = ContinuousClock.now
        ended.withLock { ended in
            if ended.count >= Self.keptAtMost { ended = ended.filter { $0.value > now } }
            ended[session] = now + Self.keptFor
        }
    }

    func contains(_ session: ID<Session>?) -> Bool {
        guard let session, !Fault.sessionsLastForEver.isOn else { return false }
        return ended.withLock { $0[session].map { $0 > .now } ?? false }
    }
}
