/// Where a broker is and who we are to it.
public struct AMQPSettings: Sendable {
    /// A TLS connection. The floor is TLS 1.2, and the broker's certificate is always verified.
    public struct TLS: Sendable {
        /// A PEM file with the authorities that are trusted; no others are.
        public var caFile: String
        /// The DNS name or IP address the certificate must be for, when it is not `host`.
        public var serverName: String?

        public init(caFile: String, serverName: String? = nil) {
            self.caFile = caFile
            self.serverName = serverName
        }
    }

    public var host: String
    public var port: Int
    public var user: String
    public var password: String
    public var virtualHost: String
    /// Silence of two heartbeats ends the connection. Whole seconds, at least one.
    public var heartbeat: Duration
    /// For the TCP connection and the TLS handshake together, and once more for the login.
    public var connectTimeout: Duration
    /// For each declaration, binding, consumer and the like. When it passes, the channel is closed.
    public var requestTimeout: Duration
    /// Shown by the broker's tools.
    public var connectionName: String
    public var tls: TLS?

    public init(
        host: String, port: Int = 5672, user: String, password: String, virtualHost: String = "/", heartbeat: Duration = .seconds(10),
        connectTimeout: Duration = .seconds(3), requestTimeout: Duration = .seconds(10), connectionName: String, tls: TLS? = nil
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.virtualHost = virtualHost
        self.heartbeat = heartbeat
        self.connectTimeout = connectTimeout
        self.requestTimeout = requestTimeout
        self.connectionName = connectionName
        self.tls = tls
    }
}

extension AMQPSettings: CustomStringConvertible, CustomReflectable {
    /// Without the password, so that printing or dumping the settings gives nothing away.
    public var description: String { "\(tls == nil ? "amqp" : "amqps")://\(user)@\(host):\(port) virtual host \(virtualHost)" }
    public var customMirror: Mirror { Mirror(self, children: ["broker": description]) }
}
