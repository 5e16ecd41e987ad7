internal import Synchronization

/// What happens to a connection as a whole.
public enum ConnectionEvent: Sendable, Equatable {
    /// The broker is short of memory or disk and reads nothing we publish. Publishing fails until `unblocked`.
    case blocked
    case unblocked
    /// Always the last.
    case closed(AMQPError)
}

/// A connection to a RabbitMQ broker. One thread of its own does all the work; every method may be called from anywhere.
///
/// A connection that is lost stays lost: everything waiting fails with `.closed`, and a new one is opened. Close it when done; dropping the
/// last reference to it and its channels closes it too.
public final class AMQPConnection: Sendable {
    let wire: Wire

    private init(_ wire: Wire) { self.wire = wire }

    deinit { _ = wire.submit([.close]) }

    /// Connects and logs in, in about twice the connect timeout at most.
    /// - Throws: `.unavailable`, `.timeout`, `.tls`, `.refused`.
    public static func open(_ settings: AMQPSettings) async throws(AMQPError) -> AMQPConnection {
        let wire = Wire(settings)
        try await wire.open().get()
        return AMQPConnection(wire)
    }

    public func channel() async throws(AMQPError) -> AMQPChannel {
        let deadline = ContinuousClock.now + wire.settings.requestTimeout
        let opened = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Channel, AMQPError>, Never>) in
            let error = wire.submit([.openChannel(deadline: deadline) { continuation.resume(returning: $0) }])
            if let error { continuation.resume(returning: .failure(error)) }
        }
        return AMQPChannel(try opened.get(), of: self)
    }

    /// A new stream for each reader, from now on; it ends after `.closed`, which also comes when the connection is closed already.
    public var events: AsyncStream<ConnectionEvent> { wire.subscribe() }

    public var isBlocked: Bool { wire.isBlocked.load(ordering: .relaxed) }

    /// Why it is closed; nil while it is open.
    public var closed: AMQPError? { wire.ended }

    /// Sends what was handed in before, then says goodbye. Takes a second at most, also when the broker hangs. What is unconfirmed fails with
    /// `.closed`; consumers hear nothing.
    public func close() async { await wire.close() }
}
