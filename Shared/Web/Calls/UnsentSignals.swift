import Contracts
import Synchronization

/// A browser says more than a call ever needs.
struct TooMuchSaid: Error {}

/// What a window has said and telemedicine has not heard yet, in order.
final class UnsentSignals: Sendable {
    /// Bytes that wait at most, and that are sent at once at most: telemedicine takes no more.
    private static let (longest, longestAtOnce) = (256 << 10, 32 << 10)

    private let waiting = Mutex<(signals: [(to: ID<CallWindow>?, body: String)], bytes: Int)>(([], 0))
    /// Something waits.
    let stream: AsyncStream<Void>
    private let feed: AsyncStream<Void>.Continuation

    init() { (stream, feed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    /// - Parameter to: whose window; nil for the other side's.
    func add(_ body: String, to: ID<CallWindow>? = nil) throws(TooMuchSaid) {
        let fits = waiting.withLock { waiting in
            waiting.bytes += body.utf8.count
            waiting.signals.append((to, body))
            return waiting.bytes <= Self.longest
        }
        guard fits else { throw TooMuchSaid() }
        feed.yield()
    }

    /// As many of the first as go at once, to one window; one that is too long goes alone, to be refused alone. - Returns: nil where nothing waits.
    func take() -> (to: ID<CallWindow>?, bodies: [String])? {
        waiting.withLock { waiting in
            guard let first = waiting.signals.first else { return nil }
            var (count, bytes) = (0, 0)
            for signal in waiting.signals {
                guard signal.to == first.to, count == 0 || bytes + signal.body.utf8.count <= Self.longestAtOnce else { break }
                (count, bytes) = (count + 1, bytes + signal.body.utf8.count)
            }
            defer {
                waiting.signals.removeFirst(count)
                waiting.bytes -= bytes
            }
            return (first.to, waiting.signals.prefix(count).map(\.body))
        }
    }
}
