internal import AMQP
internal import Access
internal import Contracts
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres
internal import Sealing
internal import ServiceLifecycle
internal import Synchronization

/// The schema's migrations failed for a reason that waiting does not mend.
struct SchemaNotOurs: Error {
    let reason: String
}

/// The part every process has: migrations, the bus, the relay, the subscribers and the workers, started in that order and ended in reverse.
final class Backbone: ServiceLifecycle.Service {
    private struct State {
        var migrated = false
        var stopping = false
    }

    private let service: Service
    private let migrations: URL?
    private let requests: RequestConsumer?
    private let events: EventConsumer?
    private let rpc: AMQPLink
    private let hear: AMQPLink
    private let emit: AMQPLink
    private let sweeper: Sweeper?
    private let trail: TrailSealer?
    private let resealer: Resealer?
    private let state = Mutex(State())

    init(service: Service, migrations: URL?, verifier: ActorVerifier, cipher: BusCipher) {
        self.service = service
        self.migrations = migrations
        let common = service.common
        func link(_ name: String, _ users: [any LinkUser]) -> AMQPLink {
            var settings = common.amqp
            settings.connectionName = "\(service.name) \(name)"
            return AMQPLink(settings, users, logger: service.logger)
        }
        guard let pool = service.database, let relay = service.relay, let signer = common.trailSigner, let file = common.trailFile else {
            let fanOut: [any LinkUser] = service.fanOut.hearsAnything ? [service.fanOut] : []
            (requests, events, sweeper, trail, resealer) = (nil, nil, nil, nil, nil)
            rpc = link("rpc", [service.bus])
            hear = link("hear", fanOut)
            emit = link("emit", [])
            return
        }
        let committed: @Sendable () -> Void = { relay.poke() }
        let dispatcher = Dispatcher(
            service.registry, pool: pool, verifier: verifier, cipher: cipher, sealer: service.sealer, auditKey: common.auditKey,
            logger: service.logger, committed: committed)
        service.fanOut.hear(SessionEnded.self, missed: {}) { dispatcher.ended.note($0.session) }
        service.fanOut.hear(ProxyChanged.self, missed: {}) { if $0.state.hasEnded { dispatcher.ended.note($0.proxy) } }
        let requests = RequestConsumer(user: common.amqp.user, dispatcher: dispatcher, logger: service.logger)
        let deadLetters = DeadLetters(user: common.amqp.user)
        let events = EventConsumer(service.registry, pool: pool, deadLetters: deadLetters, logger: service.logger, committed: committed)
        (self.requests, self.events) = (requests, events)
        rpc = link("rpc", [service.bus, requests])
        hear = link("hear", (service.registry.hearsAnything ? [events] : []) + [service.fanOut])
        emit = link("emit", [relay, deadLetters])
        sweeper = Sweeper(service: service.name, pool: pool, logger: service.logger)
        resealer = Resealer(
            service: service.name, pool: pool, sealer: service.sealer, columns: service.registry.sealed, logger: service.logger)
        trail = TrailSealer(
            service: service.name, pool: pool, key: common.auditKey, signer: signer, file: file, logger: service.logger, sealed: committed)
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await self.migrate() }
        guard !state.withLock({ $0.stopping }) else { return }
        try await withThrowingTaskGroup { group in
            for link in [self.rpc, self.hear, self.emit] { group.addTask { await link.run() } }
            group.addTask { await self.service.bus.clocks.run(with: self.service.database, logger: self.service.logger) }
            if let relay = service.relay { group.addTask { await relay.run() } }
            if let events { group.addTask { await events.retryDue() } }
            if let sweeper { group.addTask { await sweeper.run() } }
            if let trail { group.addTask { await trail.run() } }
            if let resealer { group.addTask { await resealer.run() } }
            for worker in service.workers { group.addTask { await self.keepRunning(worker.name, worker.run) } }
            try await gracefulShutdown()
            state.withLock { $0.stopping = true }
            await requests?.drain()
            await events?.drain()
            // What the last requests emitted goes out now rather than after the restart.
            service.relay?.poke()
            try? await Task.sleep(for: .milliseconds(200))
            group.cancelAll()
        }
        await service.database?.close()
    }

    private func keepRunning(_ name: String, _ run: @Sendable () async throws -> Void) async {
        while !Task.isCancelled {
            do {
                try await run()
                return
            } catch {
                guard !Task.isCancelled else { return }
                service.logger.warning("worker starts again", metadata: ["worker": "\(name)", "reason": "\(type(of: error))"])
                try? await Task.sleep(for: .seconds(1) * Double.random(in: 0.5...2))
            }
        }
    }

    /// Waits for the database as long as it takes: services start in any order.
    private func migrate() async throws {
        guard let migrations, let owner = service.common.owner else {
            state.withLock { $0.migrated = true }
            return
        }
        let all = try Migrations(folders: [Registry.backbone, migrations])
        while true {
            do {
                try await all.apply(to: owner, schema: service.name)
                state.withLock { $0.migrated = true }
                return
            } catch let error as DatabaseError where [.unavailable, .timeout, .serialization, .outcomeUnknown].contains(error.kind) {
                service.logger.warning("waiting for the database", metadata: ["reason": "\(error)"])
                try await Task.sleep(for: .seconds(1) * Double.random(in: 0.3...1))
            } catch let error as CancellationError {
                throw error
            } catch { throw SchemaNotOurs(reason: "\(error)") }
        }
    }

    /// What is missing, as codes; empty when the process can do its work.
    func readiness() async -> [String] {
        let (migrated, stopping) = state.withLock { ($0.migrated, $0.stopping) }
        var missing: [String] = []
        if stopping { missing.append("stopping") }
        if !migrated { missing.append("migrations") }
        if let database = service.database, await !database.ping() { missing.append("database") }
        if !rpc.isReady { missing.append("broker") }
        if let requests, !requests.isReady { missing.append("requests") }
        if let events, !events.isReady { missing.append("events") }
        return missing
    }
}
