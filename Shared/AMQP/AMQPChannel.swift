internal import Synchronization

/// A line of work inside a connection. The broker closes a channel, not the connection, when a request on it is wrong: then everything
/// that waits on the channel fails with the broker's reason, and a new channel is opened.
///
/// Handlers run on the connection's thread, in the order of the messages, and must not block: they hand over to a task. A channel closes when
/// the last reference to it goes; a handler that refers to its channel keeps it.
public final class AMQPChannel: Sendable {
    private let connection: AMQPConnection
    private let channel: Channel
    private let consumers = Atomic<Int>(0)

    init(_ channel: Channel, of connection: AMQPConnection) {
        self.channel = channel
        self.connection = connection
    }

    deinit { _ = connection.wire.submit([.closeChannel(channel) {}]) }

    private var wire: Wire { connection.wire }

    /// Why it is closed; nil while it is open.
    public var closed: AMQPError? { channel.ended.withLock { $0 } }

    // MARK: Topology

    /// - Parameters:
    ///   - name: "" lets the broker choose one.
    ///   - passive: only looks whether it is there; the rest is ignored.
    /// - Throws: `.preconditionFailed` when it exists with other settings, `.notFound` when `passive` and missing.
    @discardableResult
    public func declareQueue(
        _ name: String, durable: Bool = false, exclusive: Bool = false, autoDelete: Bool = false, passive: Bool = false,
        arguments: [String: AMQPValue] = [:]
    ) async throws(AMQPError) -> (name: String, messages: Int, consumers: Int) {
        let request = Request.declareQueue(
            name: name, passive: passive, durable: durable, exclusive: exclusive, autoDelete: autoDelete, arguments: arguments)
        guard case .queue(let name, let messages, let consumers) = try await ask(request) else { throw .emptyMethod }
        return (name, messages, consumers)
    }

    /// - Parameter type: "direct", "fanout", "topic", "headers" or one of a plug-in.
    public func declareExchange(
        _ name: String, type: String, durable: Bool = true, autoDelete: Bool = false, internal: Bool = false, arguments: [String: AMQPValue] = [:]
    ) async throws(AMQPError) {
        _ = try await ask(
            .declareExchange(name: name, type: type, durable: durable, autoDelete: autoDelete, internal: `internal`, arguments: arguments))
    }

    public func bind(_ queue: String, to exchange: String, routingKey: String, arguments: [String: AMQPValue] = [:]) async throws(AMQPError) {
        _ = try await ask(.bind(queue: queue, exchange: exchange, routingKey: routingKey, arguments: arguments))
    }

    public func unbind(_ queue: String, from exchange: String, routingKey: String, arguments: [String: AMQPValue] = [:]) async throws(AMQPError) {
        _ = try await ask(.unbind(queue: queue, exchange: exchange, routingKey: routingKey, arguments: arguments))
    }

    /// - Returns: how many messages it dropped.
    @discardableResult
    public func purge(_ queue: String) async throws(AMQPError) -> Int { try await count(.purge(queue: queue)) }

    /// - Returns: how many messages it dropped.
    @discardableResult
    public func deleteQueue(_ name: String, ifUnused: Bool = false, ifEmpty: Bool = false) async throws(AMQPError) -> Int {
        try await count(.deleteQueue(name: name, ifUnused: ifUnused, ifEmpty: ifEmpty))
    }

    // MARK: Consuming

    /// Delivers what arrives in a queue.
    /// - Parameters:
    ///   - noAck: the broker forgets a message as soon as it is sent; it needs `true` for "amq.rabbitmq.reply-to".
    ///   - prefetch: how many unacknowledged messages this consumer may hold, 0 for no limit. It is what bounds memory.
    ///   - onCancel: called once when the deliveries end: nil when the broker cancels (the queue is gone), else why the channel ended. Not
    ///     called after `cancel` or `close`.
    ///   - handler: called on the connection's thread for each message.
    /// - Returns: the tag for `cancel`.
    @discardableResult
    public func consume(
        _ queue: String, noAck: Bool = false, exclusive: Bool = false, prefetch: Int = 0,
        onCancel: @escaping @Sendable (AMQPError?) -> Void = { _ in }, _ handler: @escaping @Sendable (Delivery) -> Void
    ) async throws(AMQPError) -> String {
        _ = try await ask(.prefetch(prefetch))
        let tag = "consumer-\(consumers.wrappingAdd(1, ordering: .relaxed).newValue)"
        let request = Request.consume(queue: queue, tag: tag, noAck: noAck, exclusive: exclusive)
        if let problem = request.problem(frameMax: wire.frameMax) { throw problem }
        let consumer = Channel.Consumer(handler: handler, onCancel: onCancel)
        let (channel, deadline) = (channel, deadline)
        _ = try await answer { .consume(channel, tag: tag, consumer, request, deadline: deadline, $0) }
        return tag
    }

    /// Ends the deliveries. Messages delivered but not acknowledged can still be acknowledged.
    public func cancel(_ consumerTag: String) async { _ = try? await ask(.cancel(tag: consumerTag)) }

    public func ack(_ tag: UInt64, multiple: Bool = false) { _ = wire.submit([.ack(channel, tag: tag, multiple: multiple)]) }

    /// - Parameter requeue: false dead-letters the message, where the queue says so, or drops it.
    public func nack(_ tag: UInt64, requeue: Bool) { _ = wire.submit([.nack(channel, tag: tag, requeue: requeue)]) }

    // MARK: Publishing

    /// Sends without waiting. Messages of one channel are sent in the order of the calls.
    /// - Parameter onReturn: called at most once, on any thread: at once with `.blocked` or `.closed` when nothing was sent; with `.notRouted`
    ///   when a mandatory message comes back. A message without a message id gets one then. Silence does not prove that it arrived, and when
    ///   the connection is lost after sending, only its `events` say so.
    public func publish(_ message: Publication, onReturn: (@Sendable (AMQPError) -> Void)? = nil) {
        if let problem = message.problem(frameMax: wire.frameMax) ?? wire.admit(message.queuedSize) {
            onReturn?(problem)
            return
        }
        if let error = wire.submit([.publish(channel, message, onReturn: onReturn)]) { onReturn?(error) }
    }

    /// Makes the broker confirm what is published on this channel from now on.
    public func confirmSelect() async throws(AMQPError) { _ = try await ask(.confirmSelect) }

    /// Returns when the broker has taken the message: persistent messages are on disk then, those to quorum queues on most members.
    /// - Throws: `.notRouted`, `.nacked` and `.blocked`: it was not taken. `.timeout`, `.closed` and the rest: it may have been. A timeout can
    ///   come up to two heartbeats late when the broker has stopped reading in the middle of a message.
    public func publishConfirmed(_ message: Publication, timeout: Duration = .seconds(10)) async throws(AMQPError) {
        for result in await publishConfirmed([message], timeout: timeout) { try result.get() }
    }

    /// Publishes all before waiting for any. - Returns: one result for each message, in their order.
    public func publishConfirmed(_ batch: [Publication], timeout: Duration = .seconds(10)) async -> [Result<Void, AMQPError>] {
        guard !batch.isEmpty else { return [] }
        let deadline = ContinuousClock.now + timeout
        return await withCheckedContinuation { continuation in
            let results = BatchResults(batch.count) { continuation.resume(returning: $0) }
            var commands: [Wire.Command] = []
            for (index, message) in batch.enumerated() {
                if let problem = message.problem(frameMax: wire.frameMax) ?? wire.admit(message.queuedSize) {
                    results.set(index, .failure(problem))
                } else {
                    commands.append(.confirmed(channel, message, deadline: deadline) { results.set(index, $0) })
                }
            }
            if let error = wire.submit(commands) { for command in commands { command.fail(error) } }
        }
    }

    // MARK: The end

    /// Takes a second at most. What waits on the channel fails with `.closed`; consumers hear nothing.
    public func close() async {
        let channel = channel
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let closed = Once { continuation.resume() }
            // The connection's thread may hang in a send; the caller must not.
            Watchdog.after(.seconds(1)) { closed() }
            if wire.submit([.closeChannel(channel) { closed() }]) != nil { closed() }
        }
    }

    // MARK: Asking

    private var deadline: ContinuousClock.Instant { .now + wire.settings.requestTimeout }

    private func ask(_ request: Request) async throws(AMQPError) -> Reply {
        if let problem = request.problem(frameMax: wire.frameMax) { throw problem }
        let (channel, deadline) = (channel, deadline)
        return try await answer { .request(channel, request, deadline: deadline, $0) }
    }

    private func count(_ request: Request) async throws(AMQPError) -> Int {
        guard case .count(let count) = try await ask(request) else { throw .emptyMethod }
        return count
    }

    private func answer(to command: (@escaping Channel.Completion) -> Wire.Command) async throws(AMQPError) -> Reply {
        try await withCheckedContinuation { (continuation: CheckedContinuation<Result<Reply, AMQPError>, Never>) in
            if let error = wire.submit([command { continuation.resume(returning: $0) }]) { continuation.resume(returning: .failure(error)) }
        }.get()
    }
}

/// Lets only the first of several calls through.
private final class Once: Sendable {
    private let action: Mutex<(@Sendable () -> Void)?>

    init(_ action: @escaping @Sendable () -> Void) { self.action = Mutex(action) }

    func callAsFunction() { action.withLock { $0.take() }?() }
}

/// Collects the outcomes of a batch, which come in any order, and hands them over when the last is in.
private final class BatchResults: Sendable {
    private struct State {
        var results: [Result<Void, AMQPError>]
        var left: Int
    }
    private let state: Mutex<State>
    private let done: @Sendable ([Result<Void, AMQPError>]) -> Void

    init(_ count: Int, _ done: @escaping @Sendable ([Result<Void, AMQPError>]) -> Void) {
        state = Mutex(State(results: Array(repeating: .success(()), count: count), left: count))
        self.done = done
    }

    /// Once for each index.
    func set(_ index: Int, _ result: Result<Void, AMQPError>) {
        let finished: [Result<Void, AMQPError>]? = state.withLock { state in
            state.results[index] = result
            state.left -= 1
            return state.left == 0 ? state.results : nil
        }
        if let finished { done(finished) }
    }
}
