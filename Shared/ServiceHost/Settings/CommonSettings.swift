internal import AMQP
internal import AuditTrail
internal import Crypto
internal import Foundation
internal import Postgres
internal import Sealing

/// What every process needs to know. Settings (all with the prefix `CHARTLINE_`):
/// - `AMQP_HOST`, `AMQP_PORT`, `AMQP_USER`, `AMQP_PASSWORD_FILE`, `AMQP_VHOST`, `AMQP_CA_FILE`, `AMQP_SERVER_NAME`
/// - `BUS_KEYS_FILE`, `ACTOR_KEY_FILE`, `ACTOR_KEYS` (a folder of `<issuer>.pub`), `MASTER_KEY_FILE`, `KEY_STORE`
/// - `HEALTH_HOST`, `HEALTH_PORT`
/// - with a schema: `POSTGRES_HOST`, `POSTGRES_PORT`, `POSTGRES_DATABASE`, `POSTGRES_USER`, `POSTGRES_PASSWORD_FILE`, `POSTGRES_OWNER`,
///   `POSTGRES_OWNER_PASSWORD_FILE`, `POSTGRES_CA_FILE` (but for a socket's folder), `POSTGRES_CONNECTIONS`; for its audit trail
///   `AUDIT_KEY_FILE`, `AUDIT_SIGNING_KEY_FILE`, `AUDIT_FOLDER`
struct CommonSettings: Sendable {
    var amqp: AMQPSettings
    var busCipher: BusCipher?
    var actorSeed: [UInt8]
    var actorKeys: [String: [UInt8]]
    var masters: MasterKeys
    var keyStore: String
    var auditKey: SymmetricKey
    /// Signs the heads of the audit trail; nil in a gateway.
    var trailSigner: TrailSigner?
    /// The copy of the trail outside the database; nil in a gateway.
    var trailFile: TrailFile?
    var healthHost: String
    var healthPort: Int
    var database: PostgresSettings?
    var owner: PostgresSettings?

    /// - Parameter listens: false for a command that ends by itself and shows no health pages.
    init(_ settings: Settings, name: String, hasSchema: Bool, listens: Bool = true) {
        amqp = AMQPSettings(
            host: settings.string("amqp.host", "address of the broker"),
            port: settings.port("amqp.port", "port of the broker", default: 5671),
            user: settings.string("amqp.user", "user at the broker", default: name),
            password: settings.secret("amqp.password.file", "file with the broker user's password"),
            virtualHost: settings.string("amqp.vhost", "virtual host", default: "/"), connectionName: name,
            tls: .init(
                caFile: settings.string("amqp.ca.file", "file with the authorities that may have signed the broker's certificate"),
                serverName: settings.optionalString("amqp.server.name", "name in the broker's certificate, if not the host")))
        let keysFile = settings.string("bus.keys.file", "file with the keys that seal requests")
        do { busCipher = try BusCipher(file: keysFile) } catch { settings.problem("bus.keys.file", "\(error)") }
        actorSeed = [UInt8](hex: settings.secret("actor.key.file", "file with this process's signing key")) ?? []
        if actorSeed.count != 32 { settings.problem("actor.key.file", "does not hold 64 hexadecimal digits") }
        let folder = settings.string("actor.keys", "folder with the public keys of those who sign, <issuer>.pub")
        actorKeys = [:]
        for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where file.hasSuffix(".pub") {
            guard let text = try? SecretFile.text("\(folder)/\(file)"), let key = [UInt8](hex: text), key.count == 32 else {
                settings.problem("actor.keys", "holds \(file), which is not 64 hexadecimal digits")
                continue
            }
            actorKeys[String(file.dropLast(4))] = key
        }
        if actorKeys.isEmpty { settings.problem("actor.keys", "names a folder without any .pub file") }
        healthHost = listens ? settings.string("health.host", "address of the health pages", default: "127.0.0.1") : ""
        healthPort = listens ? settings.port("health.port", "port of the health pages") : 0
        masters = MasterKeys(SymmetricKey(data: []))
        auditKey = SymmetricKey(data: [])
        keyStore = ""
        guard hasSchema else { return }
        let masterFile = settings.string("master.key.file", "file with the keys that wrap patients' keys; the first wraps")
        do { masters = try MasterKeys(file: masterFile) } catch { settings.problem("master.key.file", "\(error)") }
        auditKey = Self.key(settings, "audit.key.file", "file with the key of the audit entries' MACs")
        let seed = [UInt8](hex: settings.secret("audit.signing.key.file", "file with the key that signs the audit trail"))
        trailSigner = seed.flatMap { TrailSigner(of: name, seed: $0) }
        if trailSigner == nil { settings.problem("audit.signing.key.file", "does not hold 64 hexadecimal digits") }
        let auditFolder = settings.string("audit.folder", "folder of the audit trail's file, which is only ever appended to")
        trailFile = TrailFile(folder: auditFolder, service: name)
        if !auditFolder.isEmpty, !FileManager.default.isWritableFile(atPath: auditFolder) {
            settings.problem("audit.folder", "names no folder that can be written to")
        }
        keyStore = settings.string("key.store", "folder of patients' keys")
        let host = settings.string("postgres.host", "address or socket folder of PostgreSQL")
        let tls = settings.optionalString("postgres.ca.file", "file with the authorities that may have signed the database's certificate")
        if tls == nil, !host.hasPrefix("/") { settings.problem("postgres.ca.file", "is missing: only a socket's folder is reached without it") }
        let port = settings.port("postgres.port", "port of PostgreSQL", default: 5432)
        let databaseName = settings.string("postgres.database", "database", default: "chartline")
        let connections = settings.int("postgres.connections", "connections at most", default: 8, in: 2...100)
        let user = settings.string("postgres.user", "the role this service signs in as", default: name)
        database = PostgresSettings(
            host: host, port: port, user: user, password: settings.secret("postgres.password.file", "file with that role's password"),
            database: databaseName, schema: name, applicationName: name, maximumConnections: connections, tls: tls.map { .init(caFile: $0) })
        owner = PostgresSettings(
            host: host, port: port, user: settings.string("postgres.owner", "the role that owns the schema", default: "\(name)_owner"),
            password: settings.secret("postgres.owner.password.file", "file with that role's password"), database: databaseName, schema: name,
            applicationName: "\(name) migrations", maximumConnections: 2, tls: tls.map { .init(caFile: $0) })
    }

    private static func key(_ settings: Settings, _ name: String, _ about: String) -> SymmetricKey {
        guard let bytes = [UInt8](hex: settings.secret(name, about)), bytes.count == 32 else {
            settings.problem(name, "does not hold 64 hexadecimal digits")
            return SymmetricKey(data: [])
        }
        return SymmetricKey(data: bytes)
    }
}
