import Synchronization

/// A browser says more than a call ever needs.
struct TooMuchSaid: Error {}

/// What a window has said and telemedicine has not heard yet, in order.
final class UnsentSignals: Sendable {
    /// Bytes that wait at most, and that are sent at once at most: telemedicine takes no more.
    private static let (longest, longestAtOnce) = (256 << 10, 32 << 10)

    private let waiting = Mutex<(bodies: [String], bytes: Int)>(([], 0))
    /// Something waits.
    let stream: AsyncStream<Void>
    private let feed: AsyncStream<Void>.Continuation

    init() { (stream, feed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    func add(_ body: String) throws(TooMuchSaid) {
        let fits = waiting.withLock { waiting in
            waiting.bytes += body.utf8.count
            waiting.bodies.append(body)
            return waiting.bytes <= Self.longest
        }
        guard fits else { throw TooMuchSaid() }
        feed.yield()
    }

    /// As many of the first as go at once; one that is too long goes alone, to be refused alone. - Returns: nil where nothing waits.
    func take() -> [String]? {
        waiting.withLock { waiting in
            var (count, bytes) = (0, 0)
            for body in waiting.bodies {
                guard count == 0 || bytes + body.utf8.count <= Self.longestAtOnce else { break }
                (count, bytes) = (count + 1, bytes + body.utf8.count)
            }
            guard count > 0 else { return nil }
            defer {
                waiting.bodies.removeFirst(count)
                waiting.bytes -= bytes
            }
            return Array(waiting.bodies.prefix(count))
        }
    }
}
