import Foundation
import PollLoop
import Postgres
import TestSupport
import Testing

/// With TLS asked for, nothing but the right server will do. One server of its own: its certificate is its own.
@Suite struct TLSTests {
    private func connect(_ settings: PostgresSettings, _ loop: PollLoop) async -> Result<String?, DatabaseError> {
        let pool = PostgresPool(settings, loop: loop)
        defer { Task { await pool.close() } }
        do throws(DatabaseError) {
            return .success(try await pool.first("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()", as: String.self))
        } catch {
            return .failure(error)
        }
    }

    @Test func onlyAServerWithTheRightCertificateAndNameIsTrusted() async throws {
        let server = try await PrivatePostgres.start()
        let loop = PollLoop(name: "test")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }

        // The server makes the certificate itself: it must own the key.
        let superuser = PostgresPool(server.settings(), loop: loop)
        let make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        try await superuser.run(SQL(trusted: "COPY (SELECT 1) TO PROGRAM '\(make) -keyout server.key -out server.crt && chmod 600 server.key'"))
        let certificate = try await superuser.first("SELECT pg_read_file('server.crt')", as: String.self)
        let right = folder.appendingPathComponent("right.pem")
        try Data((certificate ?? "").utf8).write(to: right)
        try await superuser.run(SQL(trusted: "COPY (SELECT 1) TO PROGRAM '\(make) -keyout other.key -out other.crt'"))
        let other = try await superuser.first("SELECT pg_read_file('other.crt')", as: String.self)
        let wrong = folder.appendingPathComponent("wrong.pem")
        try Data((other ?? "").utf8).write(to: wrong)

        var settings = server.settings()
        settings.host = "localhost"
        settings.waitTimeout = .seconds(1)
        settings.tls = .init(caFile: right.path)
        // Before the server speaks TLS: no falling back to plain text.
        guard case .failure(let plain) = await connect(settings, loop) else {
            Issue.record("fell back to plain text")
            return
        }
        #expect(plain.kind == .unavailable)

        try await superuser.run("ALTER SYSTEM SET ssl = on")
        try await superuser.run("SELECT pg_reload_conf()")
        try await eventually { try await superuser.first("SHOW ssl", as: String.self) == "on" }
        await superuser.close()
        #expect(try await connect(settings, loop).get()?.hasPrefix("TLSv1.") == true)

        settings.tls = .init(caFile: wrong.path)
        guard case .failure = await connect(settings, loop) else {
            Issue.record("trusted a certificate of somebody else")
            return
        }
        settings.tls = .init(caFile: right.path)
        settings.host = "127.0.0.1"
        guard case .failure = await connect(settings, loop) else {
            Issue.record("trusted a certificate for another name")
            return
        }
        loop.stop()
    }
}
