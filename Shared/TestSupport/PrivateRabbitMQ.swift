public import Foundation
internal import Glibc
internal import Synchronization

/// A RabbitMQ broker of the test process's own: files in a temporary folder, ports of its own, everything on 127.0.0.1. It is started by the
/// first suite that asks and ends with the process.
public enum PrivateRabbitMQ {
    public enum Failure: Error, CustomStringConvertible {
        /// There is no RabbitMQ on this machine.
        case notInstalled
        case failed(String)

        public var description: String {
            switch self {
            case .notInstalled: "RabbitMQ is not installed: apt-get install rabbitmq-server"
            case .failed(let text): text
            }
        }
    }

    /// True when the suites that need a broker can run.
    public static var isInstalled: Bool { scripts != nil }

    /// The broker all suites of the process share. Suites keep apart by virtual hosts or by names of their own.
    public static func shared() async throws -> Broker { try await sharedBroker.value }

    private static let sharedBroker = Task { try await start() }

    /// A broker for one test that stops, kills or alarms it. - Parameter extraConfiguration: lines for rabbitmq.conf.
    /// Certificates, when wanted: a folder with `ca.pem`, `server.pem` and `server.key`.
    public static func start(certificates: URL? = nil, extraConfiguration: String = "") async throws -> Broker {
        guard let scripts else { throw Failure.notInstalled }
        let broker = try Broker(scripts: scripts, certificates: certificates, extraConfiguration: extraConfiguration)
        try await broker.start()
        return broker
    }

    /// Debian's wrappers in /usr/sbin change user and cookie, so the scripts themselves are called.
    private static let scripts: String? = {
        let library = "/usr/lib/rabbitmq/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        let version = versions.filter { $0.hasPrefix("rabbitmq_server-") }.max { $0.compare($1, options: .numeric) == .orderedAscending }
        return version.map { "\(library)/\($0)/sbin" }
    }()
}

/// A running broker.
public final class Broker: Sendable {
    public let host = "127.0.0.1"
    public let port: Int
    /// Set when it was started with certificates.
    public let tlsPort: Int?
    public let user = "guest"
    public let password = "guest"
    public let folder: URL

    private let scripts: String
    private let epmdPort: Int
    private let distributionPort: Int
    private let processes = Mutex<(server: pid_t, epmd: pid_t)>((0, 0))

    fileprivate init(scripts: String, certificates: URL?, extraConfiguration: String) throws {
        self.scripts = scripts
        let ports = try Self.freePorts(4)
        port = ports[0]
        tlsPort = certificates == nil ? nil : ports[3]
        epmdPort = ports[1]
        distributionPort = ports[2]
        folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("rabbitmq-\(getpid())-\(port)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var configuration = """
            vm_memory_high_watermark.absolute = 1GB
            disk_free_limit.absolute = 50MB
            log.console = false

            """
        if let tlsPort, let certificates {
            configuration += """
                listeners.ssl.default = 127.0.0.1:\(tlsPort)
                ssl_options.cacertfile = \(certificates.path)/ca.pem
                ssl_options.certfile = \(certificates.path)/server.pem
                ssl_options.keyfile = \(certificates.path)/server.key
                ssl_options.verify = verify_none

                """
        }
        try write("rabbitmq.conf", configuration + extraConfiguration + "\n")
        try write("enabled_plugins", "[].\n")
        try write("env.conf", "")
        try write(".erlang.cookie", UUID().uuidString)
        chmod(folder.appendingPathComponent(".erlang.cookie").path, 0o400)
    }

    deinit { end() }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    private var environment: [String] {
        let folder = folder.path
        let values = [
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": "chartline-\(port)@localhost", "RABBITMQ_NODE_IP_ADDRESS": host, "RABBITMQ_NODE_PORT": "\(port)",
            "RABBITMQ_DIST_PORT": "\(distributionPort)", "RABBITMQ_CONF_ENV_FILE": "\(folder)/env.conf",
            "RABBITMQ_CONFIG_FILE": "\(folder)/rabbitmq.conf", "RABBITMQ_ENABLED_PLUGINS_FILE": "\(folder)/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": "\(folder)/data", "RABBITMQ_LOG_BASE": "\(folder)/log", "RABBITMQ_PID_FILE": "\(folder)/pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none",
            "RABBITMQ_CTL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}", "ERL_EPMD_ADDRESS": host, "ERL_EPMD_PORT": "\(epmdPort)",
        ]
        return values.map { "\($0.key)=\($0.value)" }
    }

    // MARK: Running it

    fileprivate func start() async throws {
        // epmd first and as our own child: one the server starts would outlive it.
        let epmd = try launchKept("/usr/bin/epmd", ["-address", host, "-port", "\(epmdPort)"])
        processes.withLock { $0.epmd = epmd }
        try await startServer()
    }

    /// Starts the server again after `kill`, on the same files and ports.
    public func startServer() async throws {
        let server = try launchKept("\(scripts)/rabbitmq-server", [])
        processes.withLock { $0.server = server }
        for _ in 0..<600 {
            if isListening { return }
            guard waitpid(server, nil, WNOHANG) == 0 else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        let log = (try? String(contentsOf: folder.appendingPathComponent("output.log"), encoding: .utf8)) ?? ""
        throw PrivateRabbitMQ.Failure.failed("the private RabbitMQ did not start: \(log.suffix(2000))")
    }

    /// Whether the whole node is up: its listeners come last.
    private var isListening: Bool {
        let log = try? String(contentsOf: folder.appendingPathComponent("output.log"), encoding: .utf8)
        guard let log, log.contains("completed with") else { return false }
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = Self.loopback(port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
    }

    /// Sends a signal to the server, its Erlang machine included: SIGSTOP, SIGCONT, SIGKILL.
    public func signal(_ number: Int32) {
        let server = processes.withLock { $0.server }
        if server > 0 { Glibc.kill(-server, number) }
    }

    /// Ends the server as if its machine had lost power.
    public func kill() {
        signal(SIGKILL)
        let server = processes.withLock { processes in
            defer { processes.server = 0 }
            return processes.server
        }
        if server > 0 {
            waitpid(server, nil, 0)
            // The output of the next start is looked at from its beginning.
            truncate(folder.appendingPathComponent("output.log").path, 0)
        }
    }

    /// Ends it for good and removes its files. Also done when the last reference goes, and when this process ends.
    public func end() {
        kill()
        let epmd = processes.withLock { processes in
            defer { processes.epmd = 0 }
            return processes.epmd
        }
        if epmd > 0 {
            Glibc.kill(-epmd, SIGKILL)
            waitpid(epmd, nil, 0)
        }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Runs the broker's tool; half a second of CPU each. - Returns: what it prints.
    @discardableResult
    public func rabbitmqctl(_ arguments: [String]) async throws -> String {
        let output = folder.appendingPathComponent("ctl-\(UUID().uuidString).log")
        let tool = try launch("\(scripts)/rabbitmqctl", ["-q"] + arguments, output: output.lastPathComponent)
        var status: Int32 = 0
        while waitpid(tool, &status, WNOHANG) == 0 { try await Task.sleep(for: .milliseconds(20)) }
        let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
        try? FileManager.default.removeItem(at: output)
        guard status == 0 else { throw PrivateRabbitMQ.Failure.failed("rabbitmqctl \(arguments.first ?? ""): \(text)") }
        return text
    }

    /// A new, empty virtual host the user may do everything in.
    public func makeVirtualHost() async throws -> String {
        let name = "test-\(UUID().uuidString.prefix(8).lowercased())"
        try await rabbitmqctl(["add_vhost", name])
        try await rabbitmqctl(["set_permissions", "-p", name, user, ".*", ".*", ".*"])
        return name
    }

    /// Starts a program that cannot outlive this process, however that ends: a shell in its group waits for the other end of our pipe to close.
    private func launchKept(_ path: String, _ arguments: [String]) throws -> pid_t {
        let script = #"("$@"; kill -KILL 0) & cat <&3 >/dev/null; rm -rf "$HOME"; kill -KILL 0"#
        return try launch("/bin/sh", ["-c", script, "sh", path] + arguments, lifeline: Self.lifeline)
    }

    /// The reading end of a pipe whose writing end only this process holds.
    private static let lifeline: Int32 = {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return ends[0]
    }()

    /// Starts a program in a process group of its own, with nothing of our environment. - Returns: its process id.
    private func launch(_ path: String, _ arguments: [String], output: String = "output.log", lifeline: Int32 = -1) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder.appendingPathComponent(output).path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        if lifeline >= 0 { posix_spawn_file_actions_adddup2(&actions, lifeline, 3) }
        // Foundation's Process takes a program as running while anyone holds a descriptor it was given.
        for descriptor in Int32(lifeline >= 0 ? 4 : 3)..<1024 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var process: pid_t = 0
        let words = ([path] + arguments).map { strdup($0) }
        let variables = environment.map { strdup($0) }
        defer { for string in words + variables { free(string) } }
        let failed = posix_spawn(&process, path, &actions, &attributes, words + [nil], variables + [nil])
        guard failed == 0 else { throw PrivateRabbitMQ.Failure.failed("\(path) cannot be started: \(String(cString: strerror(failed)))") }
        return process
    }

    // MARK: Ports

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    /// Different ports nobody listens on now.
    private static func freePorts(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(socket)
            var address = loopback(0)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let bound = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0 }
            }
            guard bound else { throw PrivateRabbitMQ.Failure.failed("no free port") }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}
