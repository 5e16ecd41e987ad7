/// Where a database is, who signs in, and every bound that applies to it.
public struct PostgresSettings: Sendable {
    /// TLS with verification of the chain and of the host's name.
    public struct TLS: Sendable {
        public var caFile: String
        public init(caFile: String) { self.caFile = caFile }
    }

    /// A name, an address, or the folder of a unix socket.
    public var host: String
    public var port: Int
    public var user: String
    /// Never printed: `description` and mirrors leave it out.
    public var password: String
    public var database: String
    /// `search_path` becomes this schema and `public`, where the extensions live.
    public var schema: String
    /// Shown by `pg_stat_activity`.
    public var applicationName: String
    /// Of one pool; each stream of notifications has one more.
    public var maximumConnections: Int
    public var connectTimeout: Duration
    /// How long a caller waits for a free connection, unless its deadline comes first.
    public var waitTimeout: Duration = .seconds(5)
    /// Callers beyond this number are told so at once.
    public var maximumWaiting = 4096
    public var statementTimeout: Duration
    public var lockTimeout: Duration = .seconds(2)
    /// After this the server ends a transaction whose owner does nothing.
    public var idleInTransactionTimeout: Duration = .seconds(15)
    /// Nil turns TLS off: for unix sockets, and servers of tests.
    public var tls: TLS?

    public init(
        host: String, port: Int, user: String, password: String, database: String, schema: String, applicationName: String = "chartline",
        maximumConnections: Int = 8, connectTimeout: Duration = .seconds(3), statementTimeout: Duration = .seconds(10), tls: TLS? = nil
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
        self.schema = schema
        self.applicationName = applicationName
        self.maximumConnections = maximumConnections
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.tls = tls
    }

    /// libpq's keywords. Its defaults are not ours: it would fall back to plain text and wait for ever.
    func parameters(addresses: [String]) -> [(keyword: String, value: String)] {
        let options = [
            "statement_timeout=\(statementTimeout.wholeMilliseconds)",
            "lock_timeout=\(lockTimeout.wholeMilliseconds)",
            "idle_in_transaction_session_timeout=\(idleInTransactionTimeout.wholeMilliseconds)",
            // A statement whose client has gone ends within this time instead of running to its timeout.
            "client_connection_check_interval=2000",
            "search_path=\(Self.optionValue(quotedIdentifier(schema) + ",public"))",
            "TimeZone=UTC",
        ]
        var all: [(keyword: String, value: String)] = [
            ("host", addresses.isEmpty ? host : addresses.map { _ in host }.joined(separator: ",")),
            ("port", String(port)), ("user", user), ("password", password), ("dbname", database),
            ("application_name", applicationName), ("client_encoding", "UTF8"), ("gssencmode", "disable"),
            ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "15000"),
            ("options", options.map { "-c " + $0 }.joined(separator: " ")),
        ]
        if !addresses.isEmpty { all.append(("hostaddr", addresses.joined(separator: ","))) }
        if let tls {
            all += [("sslmode", "verify-full"), ("sslrootcert", tls.caFile), ("ssl_min_protocol_version", "TLSv1.2")]
        } else {
            all.append(("sslmode", "disable"))
        }
        return all
    }

    /// Spaces and backslashes separate the words of `options`.
    private static func optionValue(_ text: String) -> String {
        var escaped = ""
        for character in text {
            if character == " " || character == "\\" { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }
}

extension PostgresSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(user)@\(host):\(port)/\(database)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}

extension Duration {
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

/// `name` as SQL writes an identifier.
func quotedIdentifier(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}
