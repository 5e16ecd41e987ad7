internal import CRabbitMQ
internal import Synchronization

/// A channel as the connection's loop sees it. Touched by the loop's thread only, but for `ended`.
final class Channel: @unchecked Sendable {
    typealias Completion = @Sendable (Result<Reply, AMQPError>) -> Void

    struct Waiting {
        let request: Request
        let deadline: ContinuousClock.Instant
        let done: Completion
    }

    struct Consumer {
        let handler: @Sendable (Delivery) -> Void
        let onCancel: @Sendable (AMQPError?) -> Void
        /// Until the broker agrees, a failure is the answer to `consume`, not the end of a consumer. False again once it is to be cancelled.
        var isStarted = false
    }

    /// A message whose method has come and whose header and body have not, or not whole.
    struct Incoming {
        enum Method {
            case delivery(consumer: String, tag: UInt64, redelivered: Bool, exchange: String, routingKey: String)
            case returned(AMQPError)
        }
        let method: Method
        var properties: Properties?
        var size = 0
        var body: [UInt8] = []
    }

    let number: UInt16
    /// Why it is closed; nil while it is open.
    let ended = Mutex<AMQPError?>(nil)
    /// The first is under way when `isAsking`.
    var waiting: [Waiting] = []
    var isAsking = false
    var isConfirming = false
    var consumers: [String: Consumer] = [:]
    var confirms = Confirms()
    var returns = Returns()
    var incoming: Incoming?

    init(number: UInt16) { self.number = number }

    /// Fails everything that waits. - Parameter tellConsumers: false when our own side asked for the end.
    func end(_ error: AMQPError, tellConsumers: Bool) {
        let isFirst = ended.withLock { ended in
            defer { ended = ended ?? error }
            return ended == nil
        }
        guard isFirst else { return }
        let (waiting, consumers) = (waiting, consumers)
        self.waiting = []
        self.consumers = [:]
        incoming = nil
        returns = Returns()
        for waiter in waiting { waiter.done(.failure(error)) }
        confirms.failAll(error)
        if tellConsumers { for consumer in consumers.values where consumer.isStarted { consumer.onCancel(error) } }
    }

    // MARK: Messages in pieces

    func begin(_ method: Incoming.Method) throws(AMQPError) {
        guard incoming == nil else { throw AMQPError(.protocol, "a message began inside another") }
        incoming = Incoming(method: method)
    }

    func header(_ frame: amqp_frame_t) throws(AMQPError) {
        let header = frame.payload.properties
        guard var message = incoming, message.properties == nil, header.class_id == UInt16(AMQP_BASIC_CLASS),
            let raw = header.decoded?.assumingMemoryBound(to: amqp_basic_properties_t.self)
        else { throw AMQPError(.protocol, "a header without its message") }
        guard header.body_size <= UInt64(Publication.maximumBody) else { throw AMQPError(.protocol, "a body longer than 16 MiB") }
        message.properties = try Properties(raw.pointee)
        message.size = Int(header.body_size)
        message.body.reserveCapacity(message.size)
        incoming = message
        finishMessage()
    }

    func body(_ frame: amqp_frame_t) throws(AMQPError) {
        let fragment = frame.payload.body_fragment
        // The message stays in place: a copy of it would make each append copy the body.
        guard incoming?.properties != nil, let size = incoming?.size, let count = incoming?.body.count, count + fragment.len <= size else {
            throw AMQPError(.protocol, "a body without its header, or longer than it said")
        }
        incoming?.body.append(contentsOf: UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len))
        finishMessage()
    }

    private func finishMessage() {
        guard let message = incoming, let properties = message.properties, message.body.count == message.size else { return }
        incoming = nil
        switch message.method {
        case .delivery(let consumer, let tag, let redelivered, let exchange, let routingKey):
            consumers[consumer]?.handler(
                Delivery(tag: tag, redelivered: redelivered, exchange: exchange, routingKey: routingKey, properties: properties, body: message.body))
        case .returned(let error):
            guard let messageID = properties.messageID else { return }
            if !confirms.returned(messageID: messageID, error) { returns.take(messageID: messageID)?(error) }
        }
    }
}
