import AMQP
import Foundation
import TestSupport
import Testing

/// Whose certificates are accepted, by name and by address. `openssl` makes them.
@Suite(.serialized, .enabled(if: PrivateRabbitMQ.isInstalled, "apt-get install rabbitmq-server")) struct TLSTests {
    /// A folder with an authority `ca.pem`, a certificate it signed for localhost and 127.0.0.1, one like it that has ended, `expired.pem`, and an
    /// authority nobody used, `other.pem`.
    private static let certificates = Task { () throws -> URL in
        let folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("certificates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["ca", "other"] {
            try await openssl("\(request) -subj /CN=\(name) -keyout \(name).key -out \(name).pem", in: folder)
        }
        try await openssl(
            "\(request) -subj /CN=broker -CA ca.pem -CAkey ca.key -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
                + " -addext basicConstraints=critical,CA:FALSE -keyout server.key -out server.pem", in: folder)
        try Data("subjectAltName=DNS:localhost,IP:127.0.0.1".utf8).write(to: folder.appendingPathComponent("extensions"))
        try await openssl("req -new -subj /CN=broker -key server.key -out expired.csr", in: folder)
        try await openssl(
            "x509 -req -in expired.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days -1 -extfile extensions -out expired.pem", in: folder)
        return folder
    }
    private static let broker = Task { try await PrivateRabbitMQ.start(certificates: try await certificates.value) }

    private static let request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"

    private static func openssl(_ arguments: String, in folder: URL) async throws {
        let tool = Process()
        tool.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        tool.arguments = arguments.split(separator: " ").map(String.init)
        tool.currentDirectoryURL = folder
        tool.standardError = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            tool.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try tool.run() } catch { continuation.resume(throwing: error) }
        }
        try #require(status == 0)
    }

    private func tls(_ host: String, ca: String = "ca.pem", serverName: String? = nil, port: Int? = nil) async throws -> AMQPSettings {
        let folder = try await Self.certificates.value
        let broker = try await Self.broker.value
        return AMQPSettings(
            host: host, port: try port ?? #require(broker.tlsPort), user: broker.user, password: broker.password, connectionName: "test",
            tls: AMQPSettings.TLS(caFile: folder.appendingPathComponent(ca).path, serverName: serverName))
    }

    @Test(.timeLimit(.minutes(1)), arguments: [("localhost", nil), ("127.0.0.1", nil), ("127.0.0.1", "localhost"), ("localhost", "127.0.0.1")])
    func theRightNameOrAddressIsAccepted(host: String, serverName: String?) async throws {
        let connection = try await AMQPConnection.open(try await tls(host, serverName: serverName))
        let channel = try await connection.channel()
        try await channel.confirmSelect()
        let queue = try await channel.declareQueue("", exclusive: true).name
        let got = Box<[UInt8]>()
        try await channel.consume(queue, noAck: true) { got.add($0.body) }
        let bodies = (0..<200).map { Array(repeating: UInt8($0), count: $0 * 1000) }
        let results = await channel.publishConfirmed(bodies.map { Publication(routingKey: queue, body: $0) }, timeout: .seconds(20))
        #expect(results.allSatisfy { $0.error == nil })
        #expect(await got.wait(for: 200) == bodies)
        await connection.close()
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["other.example", "127.0.0.2", "::1", "ocalhost", "localhost.example", "broker"])
    func aWrongNameOrAddressIsRefused(serverName: String) async throws {
        let wrong = try await tls("127.0.0.1", serverName: serverName)
        #expect(await refusal(wrong) == "the server's certificate is for another name")
    }

    @Test(.timeLimit(.minutes(1))) func anUnknownAuthorityIsRefused() async throws {
        #expect(await refusal(try await tls("localhost", ca: "other.pem")) == "the server's certificate is from no authority that is trusted")
        for ca in ["missing.pem", "server.key"] {
            #expect(await refusal(try await tls("localhost", ca: ca)) == "the file of trusted authorities cannot be used")
        }
    }

    @Test(.timeLimit(.minutes(1))) func aBrokerWithoutTLSIsRefused() async throws {
        #expect(await refusal(try await tls("127.0.0.1", port: try await Self.broker.value.port)) == "the server does not speak TLS")
    }

    @Test(.timeLimit(.minutes(1))) func anExpiredCertificateIsRefused() async throws {
        let error = try await failureAt(certificate: "expired.pem", "-tls1_3")
        #expect(error == AMQPError(.tls, "the server's certificate has expired"))
    }

    @Test(.timeLimit(.minutes(1))) func versionsBelow12AreRefused() async throws {
        let error = try await failureAt(certificate: "server.pem", "-tls1_1")
        #expect(error == AMQPError(.tls, "the server speaks no TLS that is accepted: 1.2 or newer"))
        // The server is no broker: with a version that is accepted the login gets no answer.
        for version in ["-tls1_2", "-tls1_3"] { #expect(try await failureAt(certificate: "server.pem", version)?.kind == .timeout) }
    }

    /// Why TLS with this broker fails.
    private func refusal(_ settings: AMQPSettings) async -> String? {
        let error = await failure { () throws(AMQPError) in _ = try await AMQPConnection.open(settings) }
        #expect(error?.kind == .tls, "\(String(describing: error))")
        return error?.text
    }

    /// Connects to a server with this certificate that speaks one version only.
    private func failureAt(certificate: String, _ version: String) async throws -> AMQPError? {
        let folder = try await Self.certificates.value
        let reserved = try PrivatePostgres.freePort()
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        server.arguments = [
            "s_server", "-accept", "127.0.0.1:\(reserved)", "-cert", certificate, "-key", "server.key", version, "-quiet",
            "-cipher", "ALL:@SECLEVEL=0",
        ]
        server.currentDirectoryURL = folder
        server.standardInput = Pipe()
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        defer { kill(server.processIdentifier, SIGKILL) }  // it inherits blocked signals
        var wanted = try await tls("127.0.0.1", port: reserved)
        wanted.connectTimeout = .seconds(1)
        var error: AMQPError?
        for _ in 0..<50 {
            error = await failure { () throws(AMQPError) in _ = try await AMQPConnection.open(wanted) }
            guard error?.kind == .unavailable else { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        return error
    }
}
