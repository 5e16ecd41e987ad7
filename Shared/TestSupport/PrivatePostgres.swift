internal import Foundation
internal import Glibc
public import Postgres
internal import Synchronization

/// A PostgreSQL server of the test process's own: free port, temporary folder, no durability. It dies with the process, however that ends.
public final class PrivatePostgres: Sendable {
    public enum Problem: Error, CustomStringConvertible {
        case notInstalled
        case didNotStart(log: String)

        public var description: String {
            switch self {
            case .notInstalled: "PostgreSQL's server is not installed: apt-get install postgresql"
            case .didNotStart(let log): "the private PostgreSQL did not start: \(log)"
            }
        }
    }

    public let host = "127.0.0.1"
    public let port: Int
    public let superuser = "postgres"
    public let superuserPassword: String

    private let folder: URL
    private let binaries: URL
    private let guardian = Mutex<(process: Process, lifeline: Pipe)?>(nil)

    private static let starting = Mutex<Task<PrivatePostgres, any Error>?>(nil)

    /// The one server all suites of this process share.
    public static func shared() async throws -> PrivatePostgres {
        try await starting.withLock { task in
            if let task { return task }
            let new = Task { try await start() }
            task = new
            return new
        }.value
    }

    /// A server of its own, for tests that stop and start it.
    public static func start() async throws -> PrivatePostgres {
        let server = try PrivatePostgres()
        try await blocking { try server.initialize() }
        try await server.start()
        return server
    }

    /// A superuser's settings for `database`.
    public func settings(database: String = "postgres", schema: String = "public") -> PostgresSettings {
        PostgresSettings(
            host: host, port: port, user: superuser, password: superuserPassword, database: database, schema: schema, applicationName: "tests")
    }

    private init() throws {
        guard let binaries = Self.findBinaries() else { throw Problem.notInstalled }
        self.binaries = binaries
        port = try Self.freePort()
        superuserPassword = UUID().uuidString
        // Short: a unix socket's path ends at 107 bytes.
        folder = URL(fileURLWithPath: "\(Self.place)/chartline-pg-\(getpid())-\(port)")
    }

    deinit {
        if let (_, lifeline) = guardian.withLock({ $0.take() }) {
            try? lifeline.fileHandleForWriting.close()
        } else {
            try? FileManager.default.removeItem(at: folder)
        }
    }

    /// Memory, where there is plenty: a database is some thousand small files, and a disk's file system is slow to make and forget them.
    private static var place: String {
        var memory = statvfs()
        guard statvfs("/dev/shm", &memory) == 0, memory.f_bavail * memory.f_frsize > 4 << 30 else { return "/tmp" }
        return "/dev/shm"
    }

    private static func findBinaries() -> URL? {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newest = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        return (newest.map { "/usr/lib/postgresql/\($0)/bin" } + ["/usr/local/bin", "/usr/bin"])
            .first { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") && FileManager.default.isExecutableFile(atPath: $0 + "/postgres") }
            .map { URL(fileURLWithPath: $0) }
    }

    public static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && getsockname(descriptor, address, &size) == 0
            } ? Int(UInt16(bigEndian: address.pointee.sin_port)) : 0
        }
        guard port > 0 else { throw Problem.didNotStart(log: "no port is free") }
        return port
    }

    /// PostgreSQL refuses to run as root; Debian's package brings a user for it.
    private static func unprivileged(_ command: [String]) -> [String] {
        geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + command : command
    }

    private static func process(_ command: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: "/tmp")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }

    private func initialize() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let password = folder.appendingPathComponent("password")
        try Data(superuserPassword.utf8).write(to: password)
        if geteuid() == 0, let user = getpwnam("postgres") {
            chown(folder.path, user.pointee.pw_uid, user.pointee.pw_gid)
            chown(password.path, user.pointee.pw_uid, user.pointee.pw_gid)
        }
        let process = Self.process(
            Self.unprivileged([
                binaries.appendingPathComponent("initdb").path, "-D", folder.appendingPathComponent("data").path, "-U", superuser, "-A",
                "scram-sha-256",
                "--pwfile", password.path, "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync",
            ]))
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let log = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Problem.didNotStart(log: String(decoding: log, as: UTF8.self)) }
    }

    /// Starts the server again after `stop`, on the same port with the same data.
    public func start() async throws {
        // The shell waits for the end of its input: when this process dies in any way, the pipe closes and the server goes with it.
        let script = """
            folder=$1; shift
            "$@" >"$folder/log" 2>&1 </dev/null & server=$!
            read -r word
            kill -QUIT $server
            # Foundation starts children with every signal blocked, SIGCHLD too: `wait` would never return.
            while [ -e "$folder/data/postmaster.pid" ]; do sleep 0.05; done
            [ "$word" = keep ] || rm -rf "$folder"
            """
        let options = [
            "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=\(folder.path)", "fsync=off", "synchronous_commit=off",
            "full_page_writes=off", "max_connections=200", "shared_buffers=64MB", "timezone=UTC",
            // As in an installation.
            "jit=off", "max_parallel_workers_per_gather=0",
        ]
        let server =
            [binaries.appendingPathComponent("postgres").path, "-D", folder.appendingPathComponent("data").path] + options.flatMap { ["-c", $0] }
        let process = Self.process(Self.unprivileged(["/bin/sh", "-c", script, "sh", folder.path] + server))
        let lifeline = Pipe()
        process.standardInput = lifeline
        try process.run()
        guardian.withLock { $0 = (process, lifeline) }
        let end = ContinuousClock.now + .seconds(30)
        while await !isAccepting() {
            guard process.isRunning, ContinuousClock.now < end else {
                let log = try? String(contentsOf: folder.appendingPathComponent("log"), encoding: .utf8)
                throw Problem.didNotStart(log: String((log ?? "").suffix(2000)))
            }
            try await Task.sleep(for: .milliseconds(30))
        }
    }

    /// Ends the server at once, as a crash would; the data stay for `start`.
    public func stop() async {
        guard let (process, lifeline) = guardian.withLock({ $0.take() }) else { return }
        try? lifeline.fileHandleForWriting.write(contentsOf: Data("keep\n".utf8))
        try? lifeline.fileHandleForWriting.close()
        await blocking { process.waitUntilExit() }
    }

    private func isAccepting() async -> Bool {
        let process = Self.process([binaries.appendingPathComponent("pg_isready").path, "-q", "-h", host, "-p", String(port)])
        guard (try? process.run()) != nil else { return false }
        await blocking { process.waitUntilExit() }
        return process.terminationStatus == 0
    }
}

/// Runs `work` on a thread that may block: the cooperative pool has one for each core, and tests measure time.
private func blocking<R: Sendable, Failure: Error>(_ work: @escaping @Sendable () throws(Failure) -> R) async throws(Failure) -> R {
    try await withCheckedContinuation { (continuation: CheckedContinuation<Result<R, Failure>, Never>) in
        Thread.detachNewThread { continuation.resume(returning: Result { () throws(Failure) in try work() }) }
    }.get()
}
