public import Foundation

/// What AMQP says about a message besides its content.
public struct Properties: Sendable, Equatable {
    public var contentType: String?
    public var messageID: String?
    public var correlationID: String?
    public var replyTo: String?
    public var type: String?
    /// The broker refuses a user other than the connection's.
    public var userID: String?
    public var appID: String?
    /// After this time in a queue the message is dropped. Whole milliseconds, at most 2^32 - 1.
    public var expiration: Duration?
    /// Whole seconds.
    public var timestamp: Date?
    /// Survives a restart of the broker in a durable queue.
    public var persistent: Bool
    public var headers: [String: AMQPValue]

    public init(
        contentType: String? = nil, messageID: String? = nil, correlationID: String? = nil, replyTo: String? = nil, type: String? = nil,
        userID: String? = nil, appID: String? = nil, expiration: Duration? = nil, timestamp: Date? = nil, persistent: Bool = false,
        headers: [String: AMQPValue] = [:]
    ) {
        self.contentType = contentType
        self.messageID = messageID
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.type = type
        self.userID = userID
        self.appID = appID
        self.expiration = expiration
        self.timestamp = timestamp
        self.persistent = persistent
        self.headers = headers
    }
}

/// A message to send.
public struct Publication: Sendable {
    /// Longer bodies are not sent, and close the connection when received: 16 MiB.
    public static let maximumBody = 16 << 20

    /// "" is the default exchange: the routing key is the queue's name.
    public var exchange: String
    public var routingKey: String
    /// Come back when no queue takes it.
    public var mandatory: Bool
    public var properties: Properties
    public var body: [UInt8]

    public init(exchange: String = "", routingKey: String, mandatory: Bool = false, properties: Properties = Properties(), body: [UInt8]) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
        self.properties = properties
        self.body = body
    }
}

/// A message that came.
public struct Delivery: Sendable {
    /// For `ack` and `nack`, on the channel it came on.
    public let tag: UInt64
    /// The broker may have delivered it before.
    public let redelivered: Bool
    public let exchange: String
    public let routingKey: String
    public let properties: Properties
    public let body: [UInt8]

    public init(tag: UInt64, redelivered: Bool, exchange: String, routingKey: String, properties: Properties, body: [UInt8]) {
        self.tag = tag
        self.redelivered = redelivered
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
    }
}

extension Publication {
    /// The short strings AMQP counts in one byte, and the properties, which must fit one frame: a message that breaks these rules would
    /// break the connection halfway through being sent.
    func problem(frameMax: Int) -> AMQPError? {
        let short = [
            exchange, routingKey, properties.contentType, properties.messageID, properties.correlationID, properties.replyTo, properties.type,
            properties.userID, properties.appID,
        ]
        guard short.allSatisfy({ ($0?.utf8.count ?? 0) <= 255 }) else { return AMQPError(.protocol, "a name or property is longer than 255 bytes") }
        guard let headers = AMQPValue.encodedSize(of: properties.headers), headers <= frameMax - 4096 else {
            return AMQPError(.protocol, "the headers are too large or nest too deep")
        }
        guard body.count <= Self.maximumBody else { return AMQPError(.protocol, "the body is longer than 16 MiB") }
        return nil
    }
}
