internal import AMQP
internal import Access
public import Foundation
internal import Glibc
public import MessageBus
internal import Logging
internal import Sealing

/// The operator's way onto the bus: one connection, requests in the name of whoever holds the operator's key file, every one audited.
public enum OperatorSession {
    /// What is wrong with the settings, a line each.
    public struct BadSettings: Error, CustomStringConvertible {
        public let problems: [String]
        public var description: String { (["The settings are wrong:"] + problems.map { "  \($0)" }).joined(separator: "\n") }
    }

    /// What this command can be told, a line each; see `Settings.listing`.
    public static var listing: String { read([:]).0.listing }

    private static func read(_ environment: [String: String]) -> (Settings, CommonSettings) {
        let settings = Settings(environment: environment)
        let common = CommonSettings(settings, name: "chartline", hasSchema: false, listens: false)
        for (key, gateway) in [("portal.url", "portal"), ("clinic.url", "clinic"), ("fhir.url", "FHIR API")] {
            _ = settings.optionalString(key, "address people reach the \(gateway) at, for the links this command prints")
        }
        return (settings, common)
    }

    /// Connects, runs `body` and disconnects. Settings are those of every process without a schema, from `environment`.
    public static func run<R: Sendable>(
        environment: [String: String] = ProcessInfo.processInfo.environment, _ body: @escaping @Sendable (RabbitBus) async throws -> R
    ) async throws -> R {
        signal(SIGPIPE, SIG_IGN)
        let (settings, common) = read(environment)
        guard let cipher = common.busCipher, common.actorSeed.count == 32, settings.problems.isEmpty else {
            throw BadSettings(problems: settings.problems)
        }
        let own = OwnToken(try await ActorSigner(issuer: "chartline", seed: common.actorSeed), role: .operator)
        let bus = RabbitBus(user: common.amqp.user, own: own, cipher: cipher)
        var amqp = common.amqp
        amqp.connectionName = "chartline"
        let link = AMQPLink(amqp, [bus], logger: Logger(label: "chartline") { _ in SwiftLogNoOpLogHandler() })
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask {
                await link.run()
                return nil
            }
            group.addTask { try await body(bus) }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let result = finished { return result }
            }
            throw CancellationError()
        }
    }
}
