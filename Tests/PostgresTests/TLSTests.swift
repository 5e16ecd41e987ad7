import Foundation
import PollLoop
import Postgres
import TestSupport
import Testing

/// With TLS asked for, nothing but the right server will do, and the error says what is wrong with another. One server of its own.
@Suite struct TLSTests {
    /// Makes, in the server's folder: an authority, another one, and of the first certificates for this machine, for another, and one that has ended.
    private static let certificates = """
        new() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "$@"; }
        for name in ca other; do new -subj /CN=$name -keyout $name.key -out $name.pem || exit 1; done
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out server.key && chmod 600 server.key || exit 1
        sign() {
            echo subjectAltName=$3 >extensions
            openssl req -new -subj /CN=server -key server.key |
                openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days "$2" -extfile extensions -out "$1"
        }
        sign right.pem 2 DNS:localhost,IP:127.0.0.1 && sign elsewhere.pem 2 DNS:elsewhere.example && sign expired.pem -1 DNS:localhost
        """

    /// The version of TLS that is spoken, or why it is not.
    private func connect(_ settings: PostgresSettings, _ loop: PollLoop) async -> String? {
        let pool = PostgresPool(settings, loop: loop)
        defer { Task { await pool.close() } }
        do throws(DatabaseError) {
            return try await pool.first("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()", as: String.self)
        } catch {
            #expect(error.kind == .unavailable)
            return error.reason
        }
    }

    @Test(.timeLimit(.minutes(1))) func onlyTheRightServerIsTrusted() async throws {
        let server = try await PrivatePostgres.start()
        let loop = PollLoop(name: "test")
        defer { loop.stop() }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }

        // The server makes them itself: it must own the key.
        let superuser = PostgresPool(server.settings(), loop: loop)
        let script = Self.certificates.replacing("'", with: "''")
        try await superuser.run(SQL(trusted: "COPY (SELECT 1) TO PROGRAM '{ \(script); } >log 2>&1'"))
        for name in ["ca.pem", "other.pem"] {
            let text = try await superuser.first("SELECT pg_read_file(\(name))", as: String.self)
            try Data((text ?? "").utf8).write(to: folder.appendingPathComponent(name))
        }
        func settings(_ host: String, trusting file: String) -> PostgresSettings {
            var settings = server.settings()
            (settings.host, settings.waitTimeout) = (host, .seconds(1))
            settings.tls = .init(caFile: folder.appendingPathComponent(file).path)
            return settings
        }
        // No falling back to plain text.
        try await eventually { await connect(settings("localhost", trusting: "ca.pem"), loop) == "the server does not speak TLS" }

        func serve(_ certificate: String, _ others: [SQL] = []) async throws {
            let changes =
                others + [SQL(trusted: "ALTER SYSTEM SET ssl_cert_file = '\(certificate)'"), "ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"]
            for change in changes { try await superuser.run(change) }
        }
        try await serve("right.pem")
        try await eventually { await connect(settings("localhost", trusting: "ca.pem"), loop) == "TLSv1.3" }
        try await eventually { await connect(settings("127.0.0.1", trusting: "ca.pem"), loop) == "TLSv1.3" }
        for (file, reason) in [
            ("other.pem", "the server's certificate is from no authority that is trusted"),
            ("missing.pem", "the file of trusted authorities cannot be used"),
        ] {
            // On a busy machine the wait may end before the handshake does.
            try await eventually {
                let said = await connect(settings("localhost", trusting: file), loop)
                #expect(said?.hasPrefix("TLS") != true)
                return said == reason
            }
        }

        try await serve("elsewhere.pem")
        for host in ["localhost", "127.0.0.1"] {
            try await eventually {
                await connect(settings(host, trusting: "ca.pem"), loop) == "the server's certificate is for another name"
            }
        }
        try await serve("expired.pem")
        try await eventually { await connect(settings("localhost", trusting: "ca.pem"), loop) == "the server's certificate has expired" }
        try await serve(
            "right.pem",
            [
                "ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.1'", "ALTER SYSTEM SET ssl_max_protocol_version = 'TLSv1.1'",
                "ALTER SYSTEM SET ssl_ciphers = 'ALL:@SECLEVEL=0'",
            ])
        try await eventually {
            await connect(settings("localhost", trusting: "ca.pem"), loop) == "the server speaks no TLS that is accepted: 1.2 or newer"
        }
        await superuser.close()
    }
}
