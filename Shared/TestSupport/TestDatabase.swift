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

/// Makes a database for `body`, applies `migrations` as the schema's owner, and drops it afterwards. Tests may run side by side.
public func withSchema<R: Sendable>(
    _ schema: String, migrations: URL? = nil, _ body: (TestDatabase) async throws -> R
) async throws -> R {
    let server = try await PrivatePostgres.shared()
    let cluster = try await TestCluster.shared(on: server)
    try await cluster.makeRoles(of: schema)
    let database = try await cluster.makeDatabase(schema: schema)
    let loop = PollLoop(name: "test")
    let inside = PostgresPool(server.settings(database: database), loop: loop)
    func settings(_ user: String) -> PostgresSettings {
        PostgresSettings(
            host: server.host, port: server.port, user: user, password: TestCluster.password, database: database, schema: schema,
            applicationName: "tests")
    }
    let test = TestDatabase(
        database: database, schema: schema, owner: settings("\(schema)_owner"), service: settings(schema),
        superuser: server.settings(database: database, schema: schema), loop: loop)
    let outcome: Result<R, any Error>
    do {
        try await cluster.makeSchema(schema, in: inside)
        await inside.close()
        if let migrations { try await Migrations(folder: migrations).apply(to: test.owner, schema: schema) }
        outcome = .success(try await body(test))
    } catch {
        outcome = .failure(error)
    }
    try await cluster.drop(database)
    loop.stop()
    return try outcome.get()
}

/// What the databases of one server share: the roles and the template.
private actor TestCluster {
    static let password = "only for tests"
    private static let template = "chartline_template"
    private static let opening = Mutex<Task<TestCluster, any Error>?>(nil)

    private let pool: PostgresPool
    private var roles: [String: Task<Void, any Error>] = [:]
    private var databases = 0

    private init(_ pool: PostgresPool) { self.pool = pool }

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
        try await pool.run(SQL(trusted: "CREATE DATABASE \(template)"))
        let inside = PostgresPool(server.settings(database: template), loop: loop)
        try await inside.run([
            "REVOKE ALL ON SCHEMA public FROM PUBLIC", "GRANT USAGE ON SCHEMA public TO PUBLIC", "CREATE EXTENSION btree_gist SCHEMA public",
            "CREATE EXTENSION pg_trgm SCHEMA public", "CREATE EXTENSION fuzzystrmatch SCHEMA public",
        ])
        // A database somebody is connected to cannot be copied.
        await inside.close()
        return TestCluster(pool)
    }

    /// As `deploy/postgres/roles.sql`, but for the connection limits: the tests of a process share the roles.
    func makeRoles(of service: String) async throws {
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

    func makeDatabase(schema: String) async throws -> String {
        databases += 1
        let name = "\(schema)_\(databases)"
        try await pool.run(SQL(trusted: "CREATE DATABASE \(name) TEMPLATE \(Self.template)"))
        return name
    }

    func makeSchema(_ schema: String, in pool: PostgresPool) async throws {
        try await pool.run(
            [
                "CREATE SCHEMA \(schema) AUTHORIZATION \(schema)_owner", "REVOKE ALL ON SCHEMA \(schema) FROM PUBLIC",
                "GRANT USAGE ON SCHEMA \(schema) TO \(schema), \(schema)_limited, \(schema)_staff, \(schema)_worker, \(schema)_backup",
            ].map { SQL(trusted: $0) })
    }

    func drop(_ database: String) async throws { try await pool.run(SQL(trusted: "DROP DATABASE \(database) WITH (FORCE)")) }
}
