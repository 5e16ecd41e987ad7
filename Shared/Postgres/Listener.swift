internal import PollLoop

/// LISTEN on a connection of its own. Lives on the loop's thread until its stream is dropped.
final class Listener: ConnectionOwner, @unchecked Sendable {
    /// Payloads kept for a reader that is busy.
    private static let bufferSize = 1024

    private let settings: PostgresSettings
    private let loop: PollLoop
    private let channel: String
    private let continuation: AsyncStream<String>.Continuation
    private var connection: Connection?
    private var failures = 0
    private var ended = false

    private init(on channel: String, settings: PostgresSettings, loop: PollLoop, _ continuation: AsyncStream<String>.Continuation) {
        self.channel = channel
        self.settings = settings
        self.loop = loop
        self.continuation = continuation
    }

    static func stream(on channel: String, settings: PostgresSettings, loop: PollLoop) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(bufferSize))
        let listener = Listener(on: channel, settings: settings, loop: loop, continuation)
        continuation.onTermination = { _ in loop.run { listener.end() } }
        loop.run { listener.connect() }
        return stream
    }

    private func connect() {
        guard !ended else { return }
        let connection = Connection(settings, loop: loop, owner: self)
        self.connection = connection
        connection.connect()
    }

    private func end() {
        ended = true
        connection?.close(DatabaseError(.cancelled))
        connection = nil
    }

    func ready(_ connection: Connection) {
        connection.start(Operation(.statements([SQL(trusted: "LISTEN " + quotedIdentifier(channel))]), lease: nil, commit: .never, deadline: nil))
    }

    func finished(_ operation: Operation, on connection: Connection) {
        guard operation.failure == nil else { return connection.close(DatabaseError(.unavailable, reason: "LISTEN was refused")) }
        failures = 0
        yield("")
    }

    func notified(_ payload: String, on connection: Connection) { yield(payload) }

    private func yield(_ payload: String) {
        if case .dropped = continuation.yield(payload) { continuation.yield("") }
    }

    func lost(_ connection: Connection, _ error: DatabaseError) {
        self.connection = nil
        guard !ended else { return }
        failures += 1
        let base = min(2000, 50 << min(failures - 1, 6))
        loop.after(.milliseconds(Int.random(in: base / 2...base))) { [self] in connect() }
    }
}
