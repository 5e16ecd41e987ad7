internal import Dispatch
internal import Foundation

/// `Tests/Faults/proxy.py` between a test and a server: delays, cuts, swallows and freezes what passes. It ends with this object
/// and with the process.
public final class FaultProxy: Sendable {
    public enum Problem: Error, CustomStringConvertible {
        case ended
        case refused(String)

        public var description: String {
            switch self {
            case .ended: "the proxy has ended; it needs python3"
            case .refused(let text): "the proxy: \(text)"
            }
        }
    }

    /// What is spoken through it, as far as its rules are to understand it.
    public enum Language: String, Sendable { case raw, amqp, postgres }

    /// Where bytes are on their way to.
    public enum Way: String, Sendable, Encodable { case server, client }

    public enum Act: String, Sendable, Encodable {
        case cut, swallow, count, freeze, nack, multiple
        case cutAfter = "cut-after"
    }

    public struct Status: Decodable, Sendable {
        public let accepted: Int
        public let open: Int
        public let toServer: Int
        public let toClient: Int
        /// How often rules have acted since the last `clear`.
        public let fired: Int

        enum CodingKeys: String, CodingKey {
            case accepted, open, fired
            case toServer = "to_server"
            case toClient = "to_client"
        }
    }

    public let host = "127.0.0.1"
    public let port: Int
    private let orders: FileHandle
    private let answers: FileHandle
    /// Waits for answers here, not on the cooperative pool.
    private let queue = DispatchQueue(label: "fault-proxy")

    /// - Parameter port: the server's, on 127.0.0.1.
    public init(to port: Int, speaking language: Language = .raw) async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Tests/Faults/proxy.py").standardizedFileURL
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", script.path, String(port), "--protocol", language.rawValue]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        (orders, answers) = (input.fileHandleForWriting, output.fileHandleForReading)
        struct Greeting: Decodable { let port: Int }
        let answers = answers
        let greeting = try await Self.blocking(on: queue) { try Self.line(from: answers) }
        self.port = try JSONDecoder().decode(Greeting.self, from: greeting).port
    }

    /// No server at all: each connection gets `greeting`, and what it sends is read.
    public convenience init(greeting: String) async throws {
        try await self.init(to: 1)
        try await tell(Order("greet", text: greeting))
    }

    deinit { try? orders.close() }

    /// What passes arrives so much later.
    public func delay(_ time: Duration, jitter: Duration = .zero, toward way: Way? = nil) async throws {
        try await tell(Order("delay", toward: way, ms: time / .milliseconds(1), jitter_ms: jitter / .milliseconds(1)))
    }

    /// It arrives in pieces of so many bytes.
    public func slice(_ bytes: Int, toward way: Way? = nil) async throws { try await tell(Order("slice", toward: way, bytes: bytes)) }

    /// Cuts a connection when so many bytes have passed that way since it was opened.
    public func limit(_ bytes: Int, toward way: Way) async throws { try await tell(Order("limit", toward: way, bytes: bytes)) }

    /// Changes up to so many bytes of each chunk, beyond the first `start`.
    public func damage(_ bytes: Int, after start: Int, seed: Int, toward way: Way) async throws {
        try await tell(Order("damage", toward: way, bytes: bytes, after: start, seed: seed))
    }

    /// Connections stand, new ones too, and nothing passes: half-open.
    public func freeze() async throws { try await tell(Order("freeze")) }
    public func thaw() async throws { try await tell(Order("thaw")) }
    /// Resets every connection.
    public func cut() async throws { try await tell(Order("cut")) }
    /// Resets new connections as they come.
    public func refuse() async throws { try await tell(Order("refuse")) }
    /// Ends all of the above.
    public func clear() async throws { try await tell(Order("clear")) }

    public func status() async throws -> Status { try JSONDecoder().decode(Status.self, from: try await tell(Order("status"))) }

    /// Acts on messages that match, as the script says.
    /// - Parameters:
    ///   - match: "basic.ack"; toward a PostgreSQL server a regular expression of the statement executed, toward its client "C COMMIT".
    ///   - skip: how many to let pass first.
    ///   - times: how many to act on; 0 for all.
    ///   - chance: of acting on each, the same for the same seed.
    public func when(
        _ match: String, toward way: Way, _ act: Act, skip: Int = 0, times: Int = 1, chance: Double = 1, seed: Int = 0
    ) async throws {
        try await tell(Order("when", toward: way, seed: seed, match: match, act: act, skip: skip, times: times, chance: chance))
    }

    private struct Order: Encodable, Sendable {
        var `do`: String
        var toward: Way?
        var ms, jitter_ms: Double?
        var bytes, after, seed: Int?
        var match: String?
        var act: Act?
        var skip, times: Int?
        var chance: Double?
        var text: String?

        init(
            _ order: String, toward: Way? = nil, ms: Double? = nil, jitter_ms: Double? = nil, bytes: Int? = nil, after: Int? = nil, seed: Int? = nil,
            match: String? = nil, act: Act? = nil, skip: Int? = nil, times: Int? = nil, chance: Double? = nil, text: String? = nil
        ) {
            (`do`, self.toward, self.ms, self.jitter_ms, self.bytes, self.after) = (order, toward, ms, jitter_ms, bytes, after)
            (self.seed, self.match, self.act, self.skip, self.times, self.chance, self.text) = (seed, match, act, skip, times, chance, text)
        }
    }

    @discardableResult
    private func tell(_ order: Order) async throws -> Data {
        let line = try JSONEncoder().encode(order) + Data("\n".utf8)
        let (orders, answers) = (orders, answers)
        let answer = try await Self.blocking(on: queue) {
            try orders.write(contentsOf: line)
            return try Self.line(from: answers)
        }
        if let refusal = try? JSONDecoder().decode([String: String].self, from: answer), let text = refusal["error"] { throw Problem.refused(text) }
        return answer
    }

    private static func line(from handle: FileHandle) throws -> Data {
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            // One order is under way at a time, so nothing comes after its answer.
            let more = handle.availableData
            guard !more.isEmpty else { throw Problem.ended }
            line += more
        }
        return line
    }

    private static func blocking(on queue: DispatchQueue, _ work: @escaping @Sendable () throws -> Data) async throws -> Data {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }
}
