public import Foundation
public import PollLoop
public import Postgres
internal import Synchronization

/// A database with one service's schema and roles, as a deployment makes them, for one test.
public struct TestDatabase: Sendable {
    public let database: String
    public let schema: String
    /// Migrates.
    public let owner: PostgresSettings
    /// What the service signs in as: owns nothing, may `SET LOCAL ROLE` to `<schema>_limited`, `_staff` and `_worker`.
    public let service: PostgresSettings
    public let superuser: PostgresSettings
    /// The loop of this test's pools.
    public let loop: PollLoop

    public func pool(_ settings: PostgresSettings) -> PostgresPool { PostgresPool(settings, loop: loop) }
}

/// Makes a database for `body`, in which the schema's owner has applied the migrations of `folders`, and drops it afterwards. Tests may run side by
/// side.
public func withSchema<R: Sendable>(
    _ schema: String, migrations folders: [URL] = [], _ body: (TestDatabase) async throws -> R
) async throws -> R {
    let server = try await PrivatePostgres.shared()
    let database = try await TestCluster.shared(on: server).makeDatabase(schema, migrations: folders)
    let loop = PollLoop(name: "test")
    let test = TestDatabase(
        database: database, schema: schema, owner: server.settings(of: "\(schema)_owner", in: database, schema),
        service: server.settings(of: schema, in: database, schema), superuser: server.settings(database: database, schema: schema), loop: loop)
    let outcome: Result<R, any Error>
    do {
        outcome = .success(try await body(test))
    } catch {
        outcome = .failure(error)
    }
    try await TestCluster.shared(on: server).drop(database)
    loop.stop()
    return try outcome.get()
}

extension PrivatePostgres {
    fileprivate func settings(of user: String, in database: String, _ schema: String) -> PostgresSettings {
        PostgresSettings(
            host: host, port: port, user: user, password: TestCluster.password, database: database, schema: schema, applicationName: "tests")
    }
}

/// What the databases of one server share: the roles, and what they are copied from. A copy costs a fraction of what applying a hundred migrations
/// does.
private actor TestCluster {
    static let password = "only for tests"
    private static let empty = "chartline_template"
    private static let opening = Mutex<Task<TestCluster, any Error>?>(nil)

    private struct Shape: Hashable {
        let schema: String
        let migrations: [URL]
    }

    private let server: PrivatePostgres
    private let loop: PollLoop
    private let pool: PostgresPool
    private var roles: [String: Task<Void, any Error>] = [:]
    private var templates: [Shape: Task<String, any Error>] = [:]
    private var databases = 0

    private init(_ server: PrivatePostgres, _ loop: PollLoop, _ pool: PostgresPool) { (self.server, self.loop, self.pool) = (server, loop, pool) }

    static func shared(on server: PrivatePostgres) async throws -> TestCluster {
        try await opening.withLock { task in
            if let task { return task }
            let new = Task { try await open(server) }
            task = new
            return new
        }.value
    }

    private static func open(_ server: PrivatePostgres) async throws -> TestCluster {
        let loop = PollLoop(name: "test-cluster")
        var settings = server.settings()
        // All tests of a process come here at once for their databases.
        settings.waitTimeout = .seconds(120)
        settings.statementTimeout = .seconds(60)
        settings.maximumConnections = 4
        let pool = PostgresPool(settings, loop: loop)
        try await pool.run(SQL(trusted: "CREATE DATABASE \(empty)"))
        let inside = PostgresPool(server.settings(database: empty), loop: loop)
        try await inside.run([
            "REVOKE ALL ON SCHEMA public FROM PUBLIC", "GRANT USAGE ON SCHEMA public TO PUBLIC", "CREATE EXTENSION btree_gist SCHEMA public",
            "CREATE EXTENSION pg_trgm SCHEMA public", "CREATE EXTENSION fuzzystrmatch SCHEMA public",
        ])
        // A database somebody is connected to cannot be copied.
        await inside.close()
        return TestCluster(server, loop, pool)
    }

    /// As `deploy/postgres/roles.sql`, but for the connection limits: the tests of a process share the roles.
    private func makeRoles(of service: String) async throws {
        if let task = roles[service] { return try await task.value }
        let pool = pool
        let task = Task {
            let signsIn = "LOGIN PASSWORD '\(Self.password)'"
            let kinds = [
                ("_owner", signsIn), ("", "\(signsIn) NOINHERIT"), ("_limited", "NOLOGIN"), ("_staff", "NOLOGIN"), ("_worker", "NOLOGIN"),
                ("_backup", "NOLOGIN BYPASSRLS"),
            ]
            try await pool.run(
                kinds.map { SQL(trusted: "CREATE ROLE \(service)\($0.0) \($0.1)") }
                    + [SQL(trusted: "GRANT \(service)_limited, \(service)_staff, \(service)_worker TO \(service)")])
        }
        roles[service] = task
        try await task.value
    }

    func makeDatabase(_ schema: String, migrations: [URL]) async throws -> String {
        let shape = Shape(schema: schema, migrations: migrations)
        let template = templates[shape] ?? Task { try await makeTemplate(shape) }
        templates[shape] = template
        return try await copy(template.value, schema)
    }

    private func copy(_ template: String, _ schema: String) async throws -> String {
        databases += 1
        let name = "\(schema)_\(databases)"
        try await pool.run(SQL(trusted: "CREATE DATABASE \(name) TEMPLATE \(template)"))
        return name
    }

    private func makeTemplate(_ shape: Shape) async throws -> String {
        let schema = shape.schema
        try await makeRoles(of: schema)
        let name = try await copy(Self.empty, schema)
        let inside = PostgresPool(server.settings(database: name), loop: loop)
        try await inside.run(
            [
                "CREATE SCHEMA \(schema) AUTHORIZATION \(schema)_owner", "REVOKE ALL ON SCHEMA \(schema) FROM PUBLIC",
                "GRANT USAGE ON SCHEMA \(schema) TO \(schema), \(schema)_limited, \(schema)_staff, \(schema)_worker, \(schema)_backup",
            ].map { SQL(trusted: $0) })
        await inside.close()
        if !shape.migrations.isEmpty {
            try await Migrations(folders: shape.migrations).apply(to: server.settings(of: "\(schema)_owner", in: name, schema), schema: schema)
        }
        return name
    }

    func drop(_ database: String) async throws { try await pool.run(SQL(trusted: "DROP DATABASE \(database) WITH (FORCE)")) }
}
