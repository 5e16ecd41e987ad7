internal import Foundation
internal import ServiceHost

/// Looks for those who have not come.
func watchArrivals(of service: Service) async throws {
    while !Task.isCancelled {
        let marked = try await service.transaction { tx in try await markMissing(tx) }
        if marked < 200 { try await Task.sleep(for: .seconds(30) * Double.random(in: 0.8...1.2)) }
    }
}
