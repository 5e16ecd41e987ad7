internal import CRabbitMQ

/// A method the broker answers. A channel has one under way at a time: the broker may answer overlapping ones out of order.
enum Request: Sendable {
    case openChannel
    case confirmSelect
    case declareQueue(name: String, passive: Bool, durable: Bool, exclusive: Bool, autoDelete: Bool, arguments: [String: AMQPValue])
    case declareExchange(name: String, type: String, durable: Bool, autoDelete: Bool, internal: Bool, arguments: [String: AMQPValue])
    case bind(queue: String, exchange: String, routingKey: String, arguments: [String: AMQPValue])
    case unbind(queue: String, exchange: String, routingKey: String, arguments: [String: AMQPValue])
    case purge(queue: String)
    case deleteQueue(name: String, ifUnused: Bool, ifEmpty: Bool)
    case prefetch(Int)
    case consume(queue: String, tag: String, noAck: Bool, exclusive: Bool)
    case cancel(tag: String)
}

enum Reply: Sendable {
    case done
    case queue(name: String, messages: Int, consumers: Int)
    case count(Int)
}

extension Request {
    /// What AMQP cannot carry is refused before anything is sent.
    func problem(frameMax: Int) -> AMQPError? {
        var names: [String] = []
        var table: [String: AMQPValue] = [:]
        switch self {
        case .openChannel, .confirmSelect: break
        case .prefetch(let count):
            guard UInt16(exactly: count) != nil else { return AMQPError(.protocol, "a prefetch is 0 to 65535") }
        case .declareQueue(let name, _, _, _, _, let arguments): (names, table) = ([name], arguments)
        case .declareExchange(let name, let type, _, _, _, let arguments): (names, table) = ([name, type], arguments)
        case .bind(let queue, let exchange, let key, let arguments), .unbind(let queue, let exchange, let key, let arguments):
            (names, table) = ([queue, exchange, key], arguments)
        case .purge(let queue): names = [queue]
        case .deleteQueue(let name, _, _): names = [name]
        case .consume(let queue, let tag, _, _): names = [queue, tag]
        case .cancel(let tag): names = [tag]
        }
        guard names.allSatisfy({ $0.utf8.count <= 255 }) else { return AMQPError(.protocol, "a name is longer than 255 bytes") }
        guard let size = AMQPValue.encodedSize(of: table), size <= frameMax - 4096 else {
            return AMQPError(.protocol, "the arguments are too large or nest too deep")
        }
        return nil
    }

    /// - Returns: librabbitmq's status.
    func send(on channel: UInt16, of connection: OpaquePointer, _ scratch: borrowing Scratch) throws(AMQPError) -> Int32 {
        func send<Method: BitwiseCopyable>(_ id: UInt32, _ method: Method) -> Int32 {
            var method = method
            return amqp_send_method(connection, channel, id, &method)
        }
        switch self {
        case .openChannel:
            return send(AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t(out_of_band: amqp_empty_bytes))
        case .confirmSelect:
            return send(AMQP_CONFIRM_SELECT_METHOD, amqp_confirm_select_t(nowait: 0))
        case .declareQueue(let name, let passive, let durable, let exclusive, let autoDelete, let arguments):
            var method = amqp_queue_declare_t()
            method.queue = try scratch.bytes(name)
            method.passive = passive ? 1 : 0
            method.durable = durable ? 1 : 0
            method.exclusive = exclusive ? 1 : 0
            method.auto_delete = autoDelete ? 1 : 0
            method.arguments = try scratch.table(arguments)
            return send(AMQP_QUEUE_DECLARE_METHOD, method)
        case .declareExchange(let name, let type, let durable, let autoDelete, let isInternal, let arguments):
            var method = amqp_exchange_declare_t()
            method.exchange = try scratch.bytes(name)
            method.type = try scratch.bytes(type)
            method.durable = durable ? 1 : 0
            method.auto_delete = autoDelete ? 1 : 0
            method.internal = isInternal ? 1 : 0
            method.arguments = try scratch.table(arguments)
            return send(AMQP_EXCHANGE_DECLARE_METHOD, method)
        case .bind(let queue, let exchange, let routingKey, let arguments):
            var method = amqp_queue_bind_t()
            method.queue = try scratch.bytes(queue)
            method.exchange = try scratch.bytes(exchange)
            method.routing_key = try scratch.bytes(routingKey)
            method.arguments = try scratch.table(arguments)
            return send(AMQP_QUEUE_BIND_METHOD, method)
        case .unbind(let queue, let exchange, let routingKey, let arguments):
            var method = amqp_queue_unbind_t()
            method.queue = try scratch.bytes(queue)
            method.exchange = try scratch.bytes(exchange)
            method.routing_key = try scratch.bytes(routingKey)
            method.arguments = try scratch.table(arguments)
            return send(AMQP_QUEUE_UNBIND_METHOD, method)
        case .purge(let queue):
            return send(AMQP_QUEUE_PURGE_METHOD, amqp_queue_purge_t(ticket: 0, queue: try scratch.bytes(queue), nowait: 0))
        case .deleteQueue(let name, let ifUnused, let ifEmpty):
            var method = amqp_queue_delete_t()
            method.queue = try scratch.bytes(name)
            method.if_unused = ifUnused ? 1 : 0
            method.if_empty = ifEmpty ? 1 : 0
            return send(AMQP_QUEUE_DELETE_METHOD, method)
        case .prefetch(let count):
            return send(AMQP_BASIC_QOS_METHOD, amqp_basic_qos_t(prefetch_size: 0, prefetch_count: UInt16(clamping: count), global: 0))
        case .consume(let queue, let tag, let noAck, let exclusive):
            var method = amqp_basic_consume_t()
            method.queue = try scratch.bytes(queue)
            method.consumer_tag = try scratch.bytes(tag)
            method.no_ack = noAck ? 1 : 0
            method.exclusive = exclusive ? 1 : 0
            return send(AMQP_BASIC_CONSUME_METHOD, method)
        case .cancel(let tag):
            return send(AMQP_BASIC_CANCEL_METHOD, amqp_basic_cancel_t(consumer_tag: try scratch.bytes(tag), nowait: 0))
        }
    }

    /// - Returns: nil when the broker's method does not answer this request.
    func reply(_ method: amqp_method_t) -> Reply? {
        switch (self, method.id) {
        case (.openChannel, AMQP_CHANNEL_OPEN_OK_METHOD), (.confirmSelect, AMQP_CONFIRM_SELECT_OK_METHOD),
            (.declareExchange, AMQP_EXCHANGE_DECLARE_OK_METHOD), (.bind, AMQP_QUEUE_BIND_OK_METHOD), (.unbind, AMQP_QUEUE_UNBIND_OK_METHOD),
            (.prefetch, AMQP_BASIC_QOS_OK_METHOD), (.consume, AMQP_BASIC_CONSUME_OK_METHOD), (.cancel, AMQP_BASIC_CANCEL_OK_METHOD):
            return .done
        case (.declareQueue, AMQP_QUEUE_DECLARE_OK_METHOD):
            return method.decoded(as: amqp_queue_declare_ok_t.self).map {
                .queue(name: String($0.queue), messages: Int($0.message_count), consumers: Int($0.consumer_count))
            }
        case (.purge, AMQP_QUEUE_PURGE_OK_METHOD):
            return method.decoded(as: amqp_queue_purge_ok_t.self).map { .count(Int($0.message_count)) }
        case (.deleteQueue, AMQP_QUEUE_DELETE_OK_METHOD):
            return method.decoded(as: amqp_queue_delete_ok_t.self).map { .count(Int($0.message_count)) }
        default:
            return nil
        }
    }
}

extension amqp_method_t {
    func decoded<T>(as type: T.Type) -> T? { decoded?.assumingMemoryBound(to: T.self).pointee }
}
