public import Access
public import Contracts
public import Crypto
public import Foundation
internal import Logging
public import MessageBus
public import Postgres
public import Sealing

/// Keys of an installation that lives as long as a test.
public struct TestKeys: Sendable {
    public let folder: URL
    public let cipher: BusCipher
    public let verifier: ActorVerifier
    public let auditKey: SymmetricKey
    public let store: KeyStore
    private let master: SymmetricKey
    private let signers: [String: ActorSigner]

    public init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "chartline-test-\(UUID().uuidString)")
        cipher = try BusCipher(lines: "7 " + SymmetricKey(size: .bits256).withUnsafeBytes { Array($0).hex })
        auditKey = SymmetricKey(size: .bits256)
        master = SymmetricKey(size: .bits256)
        store = KeyStore(folder: folder.path, master: master)
        var signers: [String: ActorSigner] = [:]
        var publicKeys: [String: [UInt8]] = [:]
        let issuers = [
            "identity", "records", "scheduling", "notifications", "audit", "messaging", "billing", "telemedicine", "portal", "clinic", "chartline",
            "echo",
        ]
        for issuer in issuers {
            let seed = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
            signers[issuer] = try await ActorSigner(issuer: issuer, seed: seed)
            publicKeys[issuer] = try ActorSigner.publicKey(seed: seed)
        }
        self.signers = signers
        verifier = try await ActorVerifier(publicKeys: publicKeys)
    }

    /// The same keys as another process sees them.
    public func anotherStore() -> KeyStore { KeyStore(folder: folder.path, master: master) }

    public func signer(_ issuer: String) throws -> ActorSigner {
        guard let signer = signers[issuer] else { throw ActorTokenError.notGood }
        return signer
    }

    public func token(_ actor: Actor, signedBy issuer: String? = nil) async throws -> ActorToken {
        try await signer(issuer ?? actor.issuer).sign(actor)
    }

    /// A signed-in patient, for the own record and those named.
    public func patient(_ patients: ID<Patient>..., account: ID<Account> = .init()) async throws -> ActorToken {
        try await token(Actor(issuer: "identity", role: .patient, account: account, session: .init(), patients: patients, purpose: "own-record"))
    }

    /// Somebody who acts for a patient, and has no record here.
    public func proxy(
        for patient: ID<Patient>, _ level: ProxyLevel = .full, proxy: ID<Proxy> = .init(), until: Date? = nil, account: ID<Account> = .init()
    ) async throws -> ActorToken {
        try await token(
            Actor(
                issuer: "identity", role: .patient, account: account, session: .init(), patients: [patient],
                acting: [ActingFor(proxy: proxy, patient: patient, level: level, until: until)], purpose: "own-record"))
    }

    /// A signed-in member of staff; one who is a practitioner too treats who that practitioner treats.
    public func staff(
        _ role: Role = .nurse, account: ID<Account> = .init(), session: ID<Session> = .init(), practitioner: ID<Practitioner>? = nil
    ) async throws -> ActorToken {
        let actor = Actor(issuer: "identity", role: role, account: account, session: session, practitioner: practitioner, purpose: "treatment")
        return try await token(actor)
    }

    public func worker(_ service: String) async throws -> ActorToken { try await token(Actor(issuer: service, role: .worker, purpose: "operations")) }
    public func gateway(_ name: String) async throws -> ActorToken { try await token(Actor(issuer: name, role: .anonymous, purpose: "operations")) }
    public func `operator`() async throws -> ActorToken { try await token(Actor(issuer: "chartline", role: .operator, purpose: "operations")) }
}

/// A service's answers and subscribers over a real database, asked in memory.
public struct ServiceUnderTest: Sendable {
    public let bus: InMemoryBus
    public let keys: TestKeys
    public let pool: PostgresPool
    public let database: TestDatabase
    public let registry: Registry
    public let sealer: Sealer
    let dispatcher: Dispatcher

    /// The same, asked by another process. - Parameter caller: its AMQP user.
    public func bus(of caller: String) throws -> InMemoryBus {
        InMemoryBus([dispatcher], own: OwnToken(try keys.signer(caller), role: .worker), caller: caller, cipher: keys.cipher)
    }

    /// Another process of the same service, with a memory of its own. - Parameters:
    ///   - pool: of another database, such as a copy.
    ///   - build: as in the service's entry point.
    public func instance(
        pool: PostgresPool? = nil, _ build: (Registry, Sealer) throws -> Void
    ) throws -> (bus: InMemoryBus, registry: Registry, sealer: Sealer) {
        let sealer = Sealer(schema: registry.service, store: keys.anotherStore())
        let registry = Registry(service: registry.service)
        try build(registry, sealer)
        let dispatcher = Dispatcher(
            registry, pool: pool ?? self.pool, verifier: keys.verifier, cipher: keys.cipher, sealer: sealer, auditKey: keys.auditKey,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let own = OwnToken(try keys.signer(registry.service), role: .worker)
        return (InMemoryBus([dispatcher], own: own, caller: registry.service, cipher: keys.cipher), registry, sealer)
    }

    /// What seals anew in the background. - Parameter sealer: an instance's; nil for this one's.
    public func resealer(_ sealer: Sealer? = nil, services: Set<String>? = nil) -> Resealer {
        Resealer(
            service: registry.service, services: services ?? [registry.service], pool: pool, sealer: sealer ?? self.sealer, columns: registry.sealed,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// As the news that it ended does.
    public func end(_ session: ID<Session>) { dispatcher.ended.note(session) }
    public func end(_ proxy: ID<Proxy>) { dispatcher.ended.note(proxy) }

    /// What the service has told the world so far, oldest first.
    public func emitted<E: Event>(_ event: E.Type) async throws -> [E] {
        let pool = database.pool(database.superuser)
        let bodies = try await pool.all(
            """
            SELECT body FROM (SELECT body, emitted_at, id FROM outbox WHERE name = \(E.name)
                UNION ALL SELECT body, emitted_at, id FROM sent WHERE name = \(E.name)) e ORDER BY emitted_at, id
            """, as: [UInt8].self)
        await pool.close()
        return try bodies.map { try Wire.decode(E.self, from: $0) }
    }

    /// Runs a subscriber as the event's delivery would, but for the inbox.
    public func hear<E: Event>(_ event: E, handler: String, from service: String? = nil) async throws {
        let bytes = try Wire.encode(event)
        let registry = registry
        try await pool.asWorker(of: registry.service) { tx in try await registry.hear(handler, bytes, from: service, tx) }
    }
}

/// Builds `service` on a fresh database and hands it to `body`.
/// - Parameters:
///   - build: as in the service's entry point.
///   - port: where its pool finds PostgreSQL, when that is a proxy's.
///   - connections: at most so many.
public func withService<R: Sendable>(
    _ service: String, migrations: URL?, keys: TestKeys? = nil, port: Int? = nil, connections: Int? = nil,
    _ build: (Registry, Sealer) throws -> Void,
    _ body: (ServiceUnderTest) async throws -> R
) async throws -> R {
    guard let keys else {
        let keys = try await TestKeys()
        defer { try? FileManager.default.removeItem(at: keys.folder) }
        return try await withService(service, migrations: migrations, keys: keys, port: port, connections: connections, build, body)
    }
    return try await withSchema(service, migrations: [Registry.backbone] + [migrations].compactMap(\.self)) { database in
        let sealer = Sealer(schema: service, store: keys.store)
        let registry = Registry(service: service)
        try build(registry, sealer)
        var settings = database.service
        settings.port = port ?? settings.port
        settings.maximumConnections = connections ?? settings.maximumConnections
        let pool = database.pool(settings)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let dispatcher = Dispatcher(
            registry, pool: pool, verifier: keys.verifier, cipher: keys.cipher, sealer: sealer, auditKey: keys.auditKey, logger: logger)
        let own = OwnToken(try keys.signer(service), role: .worker)
        let test = ServiceUnderTest(
            bus: InMemoryBus([dispatcher], own: own, caller: service, cipher: keys.cipher), keys: keys, pool: pool, database: database,
            registry: registry, sealer: sealer, dispatcher: dispatcher)
        do {
            let result = try await body(test)
            await pool.close()
            return result
        } catch {
            await pool.close()
            throw error
        }
    }
}

extension ServiceUnderTest: WorkerTransactions {
    public func transaction<R: Sendable>(_ body: @escaping @Sendable (Transaction) async throws -> R) async throws -> R {
        try await pool.asWorker(of: registry.service, body)
    }
}
