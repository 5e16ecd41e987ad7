internal import Foundation
internal import Postgres
internal import ServiceHost

extension RecordStore {
    /// Shows what has waited for as long as its patient wanted, or whose patient does not want to wait any more.
    func releaseResults(of service: Service) async throws {
        while true {
            try await service.transaction { tx in Self.releaseDue(at: Date(), in: tx) }
            try await Task.sleep(for: .seconds(5))
        }
    }

    static func releaseDue(at now: Date, in tx: Transaction) {
        ResultHold.release(
            where: """
                NOT EXISTS (SELECT FROM result_release w
                    WHERE w.patient = held_result.patient AND held_result.held_at + make_interval(days => w.days) > \(now))
                """, at: now, in: tx)
    }
}
