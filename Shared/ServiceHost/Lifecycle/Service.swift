internal import AMQP
public import Access
public import Contracts
public import Crypto
internal import Foundation
public import Logging
public import MessageBus
public import Postgres
public import Sealing
public import ServiceLifecycle

/// One process of Chartline while it is being put together: what it answers, hears and runs.
public final class Service: WorkerTransactions, @unchecked Sendable {  // built by one task before anything runs, read-only from then on
    public let name: String
    public let settings: Settings
    public let logger: Logger
    /// Seals what this service stores.
    public let sealer: Sealer
    /// Asks other services, as this process itself or as whom a token names.
    public let bus: RabbitBus
    /// Nil in a gateway: it owns no schema.
    public let database: PostgresPool?
    /// Signs with this process's key; identity signs people's tokens with it.
    public let signer: ActorSigner
    /// What this service answers and hears.
    public let registry: Registry
    let fanOut: FanOut
    let relay: Relay?
    let common: CommonSettings
    private(set) var workers: [(name: String, run: @Sendable () async throws -> Void)] = []
    private(set) var applications: [any ServiceLifecycle.Service] = []

    init(
        name: String, settings: Settings, common: CommonSettings, logger: Logger, sealer: Sealer, bus: RabbitBus, database: PostgresPool?,
        signer: ActorSigner, relay: Relay?
    ) {
        self.name = name
        self.settings = settings
        self.common = common
        self.logger = logger
        self.sealer = sealer
        self.bus = bus
        self.database = database
        self.signer = signer
        self.relay = relay
        registry = Registry(service: name)
        fanOut = FanOut(process: common.amqp.user, logger: logger)
    }

    /// See `Registry.worksBesideDatabase`. Call it before anything runs.
    public func workBesideDatabase() { registry.worksBesideDatabase = true }

    /// Answers a query. - Parameter rule: who may ask; checked before the handler runs, and every refusal is in the audit trail.
    public func answer<Q: Query>(
        _ query: Q.Type, to rule: Rule, with handler: @escaping @Sendable (Q, Actor, Transaction) async throws -> Answer<Q>
    ) { registry.answer(query, to: rule, with: handler) }

    /// Carries out a command once a key. - Parameter refusing: see `Registry.answer`.
    public func answer<C: Command>(
        _ command: C.Type, to rule: Rule, with handler: @escaping @Sendable (C, Actor, Transaction) async throws -> Answer<C>,
        refusing: (@Sendable (C, _ constraint: String, Actor, Transaction) async throws -> C.Refusal?)? = nil
    ) { registry.answer(command, to: rule, with: handler, refusing: refusing) }

    /// Carries out a command whose first step is long, or must outlast a refusal. - Parameter first: see `Registry.answer(_:to:preparing:refusing:)`.
    public func answer<C: Command>(
        _ command: C.Type, to rule: Rule, preparing first: @escaping @Sendable (C, Actor, Transactions) async throws -> LastStep<C>,
        refusing: (@Sendable (C, _ constraint: String, Actor, Transaction) async throws -> C.Refusal?)? = nil
    ) { registry.answer(command, to: rule, preparing: first, refusing: refusing) }

    /// Hears an event, from the queue `<service>.<handler>`.
    public func on<E: Event>(_ event: E.Type, _ handler: String, do act: @escaping @Sendable (E, Transaction) async throws -> Void) {
        registry.on(event, handler, do: act)
    }

    /// Hears what every service tells about itself, from the queue `<service>.<handler>`.
    public func onEvery<E: Event>(_ event: E.Type, _ handler: String, do act: @escaping @Sendable (E, String, Transaction) async throws -> Void) {
        registry.onEvery(event, handler, do: act)
    }

    /// Hears an event in every instance of this process; nothing is kept and nothing acknowledged. - Parameter missed: see `FanOut.hear`.
    public func onEveryInstance<E: Event>(
        _ event: E.Type, missed: @escaping @Sendable () async -> Void, do act: @escaping @Sendable (E) async -> Void
    ) { fanOut.hear(event, missed: missed, do: act) }

    /// Runs beside the answering: a sender, a sweep. Started after the migrations, again (with jitter) when it throws, cancelled at the end.
    public func work(_ name: String, _ run: @escaping @Sendable () async throws -> Void) { workers.append((name, run)) }

    /// Runs a long-lived part of its own, such as a web server; it stops first.
    public func run(_ application: any ServiceLifecycle.Service) { applications.append(application) }

    /// A key of this service's own for `purpose`, the same in every instance: derived from the key store's root, in a gateway from its signing key.
    public func derivedKey(_ purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: database == nil ? SymmetricKey(data: common.actorSeed) : root, info: Array("\(name)/\(purpose)/1".utf8),
            outputByteCount: 32)
    }

    private var root: SymmetricKey {
        // Not named: only the list of settings is asked for, or the service will not start.
        guard !common.keyStore.isEmpty else { return SymmetricKey(data: []) }
        do { return try sealer.store.root() } catch {
            settings.problem("key.store", "\(error)")
            return SymmetricKey(data: [])
        }
    }

    /// A transaction of this service itself: sees every row of its schema and emits events.
    public func transaction<R: Sendable>(_ body: @escaping @Sendable (Transaction) async throws -> R) async throws -> R {
        guard let database else { throw TryLater("no-database") }
        let result = try await database.asWorker(of: name, body)
        relay?.poke()
        return result
    }
}
