public import AMQP
internal import Faults
public import Logging
internal import Synchronization

/// What lives on a connection: opens its channels on each new one, and forgets them when it is gone.
public protocol LinkUser: Sendable {
    /// - Throws: when the connection is of no use; it is closed and another is tried.
    func connected(_ connection: AMQPConnection) async throws
    func disconnected()
    /// The broker takes messages again.
    func unblocked()
}

extension LinkUser {
    public func unblocked() {}
}

/// One of a process's three connections: `rpc` carries requests and replies, `hear` consumes events and never publishes, `emit` publishes with
/// confirms. Apart, because a broker under alarm stops reading from a connection that has published, its acks included.
///
/// There is no reconnecting: connect, set up and serve is one function that runs again, with jitter, on a new connection.
public final class AMQPLink: Sendable {
    private let settings: AMQPSettings
    private let users: [any LinkUser]
    private let logger: Logger
    private let connection = Mutex<AMQPConnection?>(nil)

    public init(_ settings: AMQPSettings, _ users: [any LinkUser], logger: Logger) {
        (self.settings, self.users, self.logger) = (settings, users, logger)
    }

    /// True while a connection is up and the broker takes what is published on it.
    public var isReady: Bool { connection.withLock { $0.map { !$0.isBlocked } ?? false } }

    /// Serves until the task is cancelled.
    public func run() async {
        guard !users.isEmpty else { return }
        var failures = 0
        while !Task.isCancelled {
            do {
                let connection = try await AMQPConnection.open(settings)
                await serve(connection) { failures = 0 }
            } catch { note("broker cannot be reached", error) }
            guard !Task.isCancelled, !Fault.linkGivesUp.isOn else { return }
            failures += 1
            try? await Task.sleep(for: Backoff.reconnect(afterFailures: failures))
        }
    }

    private func serve(_ connection: AMQPConnection, _ isUp: () -> Void) async {
        do {
            for user in users { try await user.connected(connection) }
            self.connection.withLock { $0 = connection }
            isUp()
            logger.info("broker connected", metadata: ["link": "\(settings.connectionName)"])
            for await event in connection.events {
                switch event {
                case .blocked: logger.warning("broker blocks publishing", metadata: ["link": "\(settings.connectionName)"])
                case .unblocked:
                    logger.info("broker takes messages again", metadata: ["link": "\(settings.connectionName)"])
                    for user in users { user.unblocked() }
                case .closed(let error): note("broker connection lost", error)
                }
            }
        } catch { note("broker set-up failed", error) }
        self.connection.withLock { $0 = nil }
        for user in users { user.disconnected() }
        await connection.close()
    }

    private func note(_ what: Logger.Message, _ error: any Error) {
        guard !Task.isCancelled else { return }
        // Of TLS the text is ours, and says what to mend.
        let reason = (error as? AMQPError).map { $0.kind == .tls ? $0.description : "\($0.kind)" } ?? "\(type(of: error))"
        logger.warning(what, metadata: ["link": "\(settings.connectionName)", "reason": "\(reason)"])
    }
}

/// How long to wait before trying again. All waits are jittered, so that a hundred processes do not come back at once.
enum Backoff {
    /// 0.1 s, 0.2 s, 0.4 s … 5 s.
    static func reconnect(afterFailures failures: Int) -> Duration {
        jittered(.milliseconds(min(5_000, 100 << min(failures - 1, 6))))
    }

    /// 5 s, 15 s, 45 s, 2 min, 7 min, 20 min, then every hour.
    static func retry(attempt: Int) -> Duration {
        var seconds = 5
        for _ in 1..<max(1, min(attempt, 8)) { seconds *= 3 }
        return jittered(.seconds(min(3_600, seconds)))
    }

    private static func jittered(_ duration: Duration) -> Duration {
        Fault.retriesInStep.isOn ? duration : duration * Double.random(in: 0.75...1.25)
    }
}
