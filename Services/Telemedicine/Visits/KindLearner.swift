internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Asks scheduling what kind a visit is that was booked or moved without that being said. What is none by video stays a row without a call.
struct KindLearner: Sendable {
    private static let batch = 20
    private static let pause = Duration.seconds(1)

    let database: any WorkerTransactions
    let bus: any Bus
    let kinds: VideoKinds

    func run() async throws {
        while !Task.isCancelled {
            if try await round() < Self.batch { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    /// - Returns: how many visits were looked at.
    @discardableResult
    func round() async throws -> Int {
        let waiting = try await database.transaction { tx in
            // Taken by pushing them on: another instance sees them as not due, and a crash only delays them.
            try await tx.all(
                """
                UPDATE call SET ask_at = now() + interval '30 s'
                WHERE id IN (SELECT id FROM call WHERE ask_at <= now() ORDER BY ask_at LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED)
                RETURNING id
                """, as: UUID.self)
        }
        for appointment in waiting {
            let isVideo: Bool
            switch try? await bus.request(ReadAppointment(appointment: ID(appointment))) {
            case .done(let line): isVideo = kinds.contains(line.service)
            case .refused: isVideo = false
            case nil: continue  // not now; its turn comes again
            }
            try await database.transaction { tx in
                tx.queue("UPDATE call SET is_video = \(isVideo), ask_at = NULL WHERE id = \(appointment)")
            }
        }
        return waiting.count
    }
}
