internal import AMQP
internal import Access
internal import AuditTrail
public import Foundation
internal import Glibc
internal import Hummingbird
internal import Logging
public import MessageBus
internal import Metrics
internal import NIOCore
internal import PollLoop
public import Postgres
internal import Sealing
internal import ServiceLifecycle
internal import UnixSignals

/// Starts a process of Chartline: settings, telemetry, health, database, bus, then what the service answers and hears; and ends it without
/// losing anything.
public enum ServiceHost {
    /// Exit status for settings that are wrong (`EX_CONFIG`).
    static let badSettings: Int32 = 78

    /// Runs until SIGTERM or SIGINT. - Parameters:
    ///   - name: of the executable, the schema, the role and the AMQP user.
    ///   - migrations: folder of the schema's migrations; nil for a gateway, which owns no schema.
    ///   - verifying: what `--verify-audit` verifies beside this service's own trail.
    ///   - build: says what the service answers, hears and runs.
    public static func run(
        _ name: String, migrations: URL?, verifying: (@Sendable (Settings, PostgresPool) async throws -> [TrailReport])? = nil,
        _ build: @Sendable (Service) async throws -> Void
    ) async throws {
        signal(SIGPIPE, SIG_IGN)  // C libraries write to sockets that may be gone
        LoggingSystem.bootstrap { JSONLogHandler(service: name, label: $0) }
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let logger = Logger(label: name)

        let settings = Settings(environment: ProcessInfo.processInfo.environment)
        let common = CommonSettings(settings, name: name, hasSchema: migrations != nil)
        let onlyLists = CommandLine.arguments.contains("--settings")
        guard let cipher = try common.busCipher ?? (onlyLists ? BusCipher(lines: "1 " + String(repeating: "0", count: 64)) : nil),
            common.actorSeed.count == 32 || onlyLists
        else { stop(settings) }
        let signer = try await ActorSigner(issuer: name, seed: onlyLists ? [UInt8](repeating: 0, count: 32) : common.actorSeed)
        let own = OwnToken(signer, role: migrations == nil ? .anonymous : .worker)
        let loop = PollLoop(name: "postgres")
        let pool = common.database.map { PostgresPool($0, loop: loop) }
        let sealer = Sealer(schema: name, store: KeyStore(folder: common.keyStore, masters: common.masters))
        let bus = RabbitBus(user: common.amqp.user, own: own, cipher: cipher)
        let relay = pool.map { Relay(user: common.amqp.user, service: name, pool: $0, logger: logger) }
        if CommandLine.arguments.contains("--verify-audit"), let pool, let file = common.trailFile, let trailSigner = common.trailSigner {
            let own = TrailVerification(service: name, pool: pool, key: common.auditKey, verifier: trailSigner.verifier, file: file)
            for report in try await [own.run()] + (verifying?(settings, pool) ?? []) {
                print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
            }
            return
        }
        let service = Service(
            name: name, settings: settings, common: common, logger: logger, sealer: sealer, bus: bus, database: pool, signer: signer, relay: relay)
        try await build(service)
        if onlyLists {
            print(settings.listing)
            return
        }
        guard settings.problems.isEmpty else { stop(settings) }

        let backbone = Backbone(
            service: service, migrations: migrations, verifier: try await ActorVerifier(publicKeys: common.actorKeys), cipher: cipher)
        let health = Health(host: common.healthHost, port: common.healthPort, metrics: metrics, logger: logger) { await backbone.readiness() }
        logger.info("starting")
        let group = ServiceGroup(
            configuration: .init(
                // Stopped from the last to the first: the web server, then the bus, then health.
                services: [health.application, backbone] + service.applications,
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do { try await group.run() } catch let error as SchemaNotOurs {
            logger.critical("the schema is not one this version knows", metadata: ["reason": "\(error.reason)"])
            exit(1)
        } catch let error as IOError {
            let health = "health listens at \(common.healthHost):\(common.healthPort)"
            logger.critical("a port cannot be had", metadata: ["reason": "\(error)", "ports": "\(health)"])
            exit(1)
        }
        logger.info("stopped")
    }

    private static func stop(_ settings: Settings) -> Never {
        FileHandle.standardError.write(Data((["The settings are wrong:"] + settings.problems.map { "  \($0)" }).joined(separator: "\n").utf8 + [10]))
        exit(badSettings)
    }
}
