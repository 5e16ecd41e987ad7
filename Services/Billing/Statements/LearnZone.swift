internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import ServiceHost

/// Due days and months go by the clinic's clocks; which those are, identity knows once the clinic is set up.
func learnZone(of service: Service) async throws {
    while !Task.isCancelled {
        let zone = try? await service.bus.ask(ReadClinic()).zone
        if let zone {
            try await service.transaction { tx in
                _ = try await tx.run(
                    """
                    INSERT INTO clinic (zone) SELECT name FROM pg_timezone_names WHERE name = \(zone)
                    ON CONFLICT (alone) DO UPDATE SET zone = excluded.zone WHERE clinic.zone <> excluded.zone
                    """)
            }
        }
        // A zone hardly ever changes; one that is not known is waited for.
        try await Task.sleep(for: .seconds(zone == nil ? 2 : 600) * Double.random(in: 0.8...1.2))
    }
}
