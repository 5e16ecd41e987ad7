import AMQP
import Foundation
import Glibc
import PollLoop
import Postgres
import Sealing
import Synchronization

/// `Bridges MODE SECONDS AT-ONCE`: one way of using a bridge, kept busy by so many tasks. The last line printed is a JSON object.
///
/// - `echo`: answers what arrives in the queue `bridges.rpc`, until it is killed
/// - `rpc`: requests to it over direct reply-to, 256 bytes each way
/// - `publish`: persistent messages of 256 bytes to a quorum queue, each waited for until it is confirmed
/// - `select`: one row by its key
/// - `transaction`: two INSERTs, committed, in one round trip
/// - `ask`: requests as services get them, one after another out of the file `REQUESTS` of the frames to seal (length in four bytes, then so many);
///   every answer has to be a yes
@main enum Bridges {
    static let body = [UInt8](repeating: UInt8(ascii: "x"), count: 256)

    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let seconds = Double(arguments[2]), let atOnce = Int(arguments[3]) else { throw Problem("MODE SECONDS AT-ONCE") }
        let run = Run(seconds: seconds, atOnce: atOnce)
        switch arguments[1] {
        case "echo": try await echo()
        case "rpc": try await rpc(run)
        case "publish": try await publish(run)
        case "select": try await select(run)
        case "transaction": try await transaction(run)
        case "ask": try await ask(run)
        default: throw Problem("there is no mode \(arguments[1])")
        }
    }

    // MARK: RabbitMQ

    private static func connection(_ name: String) async throws -> AMQPConnection {
        try await AMQPConnection.open(
            AMQPSettings(
                host: "127.0.0.1", port: try number("AMQP_PORT"), user: try setting("AMQP_USER"), password: try setting("AMQP_PASSWORD"),
                virtualHost: try setting("AMQP_VHOST"), connectionName: name, tls: .init(caFile: try setting("AUTHORITY"))))
    }

    private static func echo() async throws {
        let connection = try await connection("echo")
        let channel = try await connection.channel()
        try await channel.declareQueue("bridges.rpc", durable: true)
        try await channel.purge("bridges.rpc")
        try await channel.consume("bridges.rpc", noAck: true) { delivery in
            guard let replyTo = delivery.properties.replyTo else { return }
            channel.publish(
                Publication(routingKey: replyTo, properties: Properties(correlationID: delivery.properties.correlationID), body: delivery.body))
        }
        print("ready")
        fflush(nil)
        for await case .closed in connection.events { return }
    }

    private static func rpc(_ run: Run) async throws {
        let connection = try await connection("rpc")
        let channel = try await connection.channel()
        let waiting = Mutex<[String: CheckedContinuation<Void, Never>]>([:])
        try await channel.consume("amq.rabbitmq.reply-to", noAck: true) { delivery in
            guard let id = delivery.properties.correlationID else { return }
            waiting.withLock { $0.removeValue(forKey: id) }?.resume()
        }
        try await run.measure { number in
            let id = String(number)
            await withCheckedContinuation { continuation in
                waiting.withLock { $0[id] = continuation }
                channel.publish(
                    Publication(
                        routingKey: "bridges.rpc",
                        properties: Properties(contentType: "application/json", correlationID: id, replyTo: "amq.rabbitmq.reply-to"), body: body))
            }
        }
        await connection.close()
    }

    private static func publish(_ run: Run) async throws {
        let connection = try await connection("publish")
        let channel = try await connection.channel()
        let queue = "bridges.publish"
        try await channel.declareQueue(
            queue, durable: true, arguments: ["x-queue-type": .string("quorum"), "x-max-length": .int(100_000), "x-overflow": .string("drop-head")])
        try await channel.confirmSelect()
        try await run.measure { _ in
            try await channel.publishConfirmed(
                Publication(routingKey: queue, properties: Properties(contentType: "application/json", persistent: true), body: body))
        }
        try await channel.deleteQueue(queue)
        await connection.close()
    }

    private static func ask(_ run: Run) async throws {
        let (name, user, cipher) = (try setting("MESSAGE"), try setting("AMQP_USER"), try BusCipher(file: try setting("BUS_KEYS")))
        let frames = try frames(of: try setting("REQUESTS"))
        let connection = try await connection("ask")
        let channel = try await connection.channel()
        let waiting = Mutex<[String: CheckedContinuation<[UInt8], any Error>]>([:])
        try await channel.consume("amq.rabbitmq.reply-to", noAck: true) { delivery in
            guard let id = delivery.properties.correlationID else { return }
            waiting.withLock { $0.removeValue(forKey: id) }?.resume(returning: delivery.body)
        }
        try await run.measure { number in
            guard number <= frames.count else { throw Problem("\(frames.count) requests are not enough") }
            let id = UUID().uuidString.lowercased()
            let request = Publication(
                routingKey: name.prefix { $0 != "." } + ".requests", mandatory: true,
                properties: Properties(
                    messageID: id, correlationID: id, replyTo: "amq.rabbitmq.reply-to", type: name, userID: user, expiration: .seconds(20),
                    headers: ["deadline": .int(Int64((Date().timeIntervalSince1970 + 20) * 1000))]),
                body: try cipher.seal(frames[number - 1], context: "request/\(name)/\(id)"))
            let sealed = try await withCheckedThrowingContinuation { continuation in
                waiting.withLock { $0[id] = continuation }
                channel.publish(request) { error in waiting.withLock { $0.removeValue(forKey: id) }?.resume(throwing: error) }
            }
            let answer = try cipher.open(sealed, context: "reply/\(name)/\(id)")
            guard answer.first == 0 else { throw Problem("answered \(answer.first ?? 0): \(String(decoding: answer.dropFirst(), as: UTF8.self))") }
        }
        await connection.close()
    }

    private static func frames(of path: String) throws -> [[UInt8]] {
        guard let file = FileManager.default.contents(atPath: path) else { throw Problem("\(path) cannot be read") }
        var (rest, frames) = (file[...], [[UInt8]]())
        while rest.count >= 4 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            frames.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return frames
    }

    // MARK: PostgreSQL

    private static func pool() throws -> PostgresPool {
        let settings = PostgresSettings(
            host: "127.0.0.1", port: try number("POSTGRES_PORT"), user: try setting("PGUSER"), password: try setting("PGPASSWORD"),
            database: try setting("PGDATABASE"), schema: "public", tls: .init(caFile: try setting("AUTHORITY")))
        return PostgresPool(settings, loop: PollLoop(name: "postgres"))
    }

    private static func select(_ run: Run) async throws {
        let pool = try pool()
        try await run.measure(on: pool.tasks) { number in
            // As if drawn; the system's generator costs a system call, which pgbench's does not.
            let key = Int32(truncatingIfNeeded: number &* 48_271 % 100_003 % 100_000 + 1)
            guard try await pool.first("SELECT filler FROM entry WHERE id = \(key)", as: String.self) != nil else { throw Problem("no entry \(key)") }
        }
        await pool.close()
    }

    private static func transaction(_ run: Run) async throws {
        let pool = try pool()
        try await run.measure(on: pool.tasks) { number in
            try await pool.run([
                "INSERT INTO written (entry, filler) VALUES (\(Int32(truncatingIfNeeded: number % 100_000)), \("a row of some text"))",
                "INSERT INTO told (entry, filler) VALUES (\(Int32(truncatingIfNeeded: number % 100_000)), \("a row of some text"))",
            ])
        }
        await pool.close()
    }

    // MARK: Settings

    private static func setting(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { throw Problem("\(name) is not set") }
        return value
    }

    private static func number(_ name: String) throws -> Int {
        guard let number = Int(try setting(name)) else { throw Problem("\(name) is not a number") }
        return number
    }
}

struct Problem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A round: so many tasks, each doing one thing after the other.
struct Run {
    let seconds: Double
    let atOnce: Int

    /// Half a second to warm up, then counts.
    /// - Parameters:
    ///   - tasks: where the tasks run; nil for the cooperative pool.
    ///   - once: gets a number of its own.
    func measure(on tasks: (any TaskExecutor)? = nil, _ once: @escaping @Sendable (Int) async throws -> Void) async throws {
        let numbers = Atomic<Int>(0)
        try await repeated(for: .seconds(0.5), on: tasks) { try await once(numbers.add(1, ordering: .relaxed).newValue) }
        let (before, started) = (Self.cpu, ContinuousClock.now)
        var latencies = try await repeated(for: .seconds(seconds), on: tasks) { try await once(numbers.add(1, ordering: .relaxed).newValue) }
        let lasted = (ContinuousClock.now - started) / .seconds(1)
        let used = Self.cpu - before
        latencies.sort()
        func percentile(_ part: Double) -> Double { latencies.isEmpty ? 0 : latencies[Int(Double(latencies.count - 1) * part)] * 1000 }
        print(
            String(
                format: "{\"done\": %d, \"rps\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"cpu_s\": %.3f}", latencies.count,
                Double(latencies.count) / lasted, percentile(0.5), percentile(0.99), used))
    }

    @discardableResult
    private func repeated(
        for time: Duration, on tasks: (any TaskExecutor)?, _ once: @escaping @Sendable () async throws -> Void
    ) async throws -> [Double] {
        let end = ContinuousClock.now + time
        return try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<atOnce {
                group.addTask(executorPreference: tasks) {
                    var latencies: [Double] = []
                    var now = ContinuousClock.now
                    while now < end {
                        let began = now
                        try await once()
                        now = ContinuousClock.now
                        latencies.append((now - began) / .seconds(1))
                    }
                    return latencies
                }
            }
            var all: [Double] = []
            for try await latencies in group { all += latencies }
            return all
        }
    }

    /// Seconds of CPU this process has used.
    private static var cpu: Double {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
