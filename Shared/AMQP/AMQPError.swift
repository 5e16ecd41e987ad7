internal import CRabbitMQ

/// Why the broker or the connection to it did not do what was asked. Never carries a message's content.
public struct AMQPError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// There is no broker at that address.
        case unavailable
        /// The connection or channel is closed. What was unconfirmed then may or may not have arrived.
        case closed
        /// Not allowed: access (403), an exclusive queue (405), a virtual host (530).
        case refused
        /// 404
        case notFound
        /// 406
        case preconditionFailed
        /// 312: a mandatory message no queue takes.
        case notRouted
        /// The broker did not take the message.
        case nacked
        /// No answer in time. The request may still have been carried out.
        case timeout
        /// The broker takes no messages now, or too many wait to be sent. Nothing was sent.
        case blocked
        /// The broker's certificate or TLS version is not acceptable.
        case tls
        /// A side broke the rules of AMQP, or a value does not fit them.
        case `protocol`
    }

    public let kind: Kind
    /// AMQP's number for it, when the broker gave one.
    public let replyCode: Int?
    public let text: String

    public init(_ kind: Kind, replyCode: Int? = nil, _ text: String) {
        self.kind = kind
        self.replyCode = replyCode
        self.text = text
    }

    public var description: String { replyCode.map { "\(kind) (\($0)): \(text)" } ?? "\(kind): \(text)" }
}

extension AMQPError {
    /// What the broker said when it closed a channel or connection, or returned a message.
    init(replyCode: Int, text: String) {
        let kind: Kind =
            switch replyCode {
            case 312: .notRouted
            case 403, 405, 530: .refused
            case 404: .notFound
            case 406: .preconditionFailed
            case 200, 320, 541: .closed
            default: .protocol
            }
        self.init(kind, replyCode: replyCode, text)
    }

    /// A status of librabbitmq.
    init(status: Int32, doing: String) {
        let kind: Kind =
            switch amqp_status_enum(rawValue: status) {
            case AMQP_STATUS_TIMEOUT: .timeout
            case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED: .unavailable
            case AMQP_STATUS_SSL_ERROR, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED, AMQP_STATUS_SSL_PEER_VERIFY_FAILED,
                AMQP_STATUS_SSL_CONNECTION_FAILED, AMQP_STATUS_SSL_SET_ENGINE_FAILED:
                .tls
            case AMQP_STATUS_BAD_AMQP_DATA, AMQP_STATUS_UNKNOWN_CLASS, AMQP_STATUS_UNKNOWN_METHOD, AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION,
                AMQP_STATUS_TABLE_TOO_BIG, AMQP_STATUS_WRONG_METHOD, AMQP_STATUS_UNEXPECTED_STATE,
                AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
                .protocol
            default: .closed
            }
        self.init(kind, "\(doing): \(String(cString: amqp_error_string2(status)))")
    }

    static let outOfMemory = AMQPError(.closed, "out of memory")
}
