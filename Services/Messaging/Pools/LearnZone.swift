internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import ServiceHost

/// Pools go by the clinic's clocks until somebody says otherwise; which those are, identity knows once the clinic is set up.
func learnZone(of service: Service) async throws {
    while !Task.isCancelled {
        if let zone = try? await service.bus.ask(ReadClinic()).zone {
            try await service.transaction { tx in
                _ = try await tx.run(
                    """
                    UPDATE pool SET zone = \(zone) WHERE zone IS NULL AND EXISTS (SELECT FROM pg_timezone_names WHERE name = \(zone))
                    """)
            }
            return try await waitForTheEnd()
        }
        try await Task.sleep(for: .seconds(2) * Double.random(in: 0.8...1.2))
    }
}

/// A worker that returns is begun again.
private func waitForTheEnd() async throws {
    while !Task.isCancelled { try await Task.sleep(for: .seconds(3_600)) }
}
