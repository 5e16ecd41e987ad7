internal import Contracts
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres

/// Carries what people answered to scheduling, each once: an answer's id is the key of the command.
struct AnswerCarrier: Sendable {
    private static let batch = 10
    private static let pause = Duration.milliseconds(500)
    /// Until scheduling is asked again, in seconds.
    private static let again = 10.0

    let database: any WorkerTransactions
    let bus: any Bus

    func run() async throws {
        while !Task.isCancelled {
            if try await round() == 0 { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    /// - Returns: how many were taken.
    @discardableResult
    func round() async throws -> Int {
        let taken = try await database.transaction { tx in
            // In the order they were given: who first comes and then does not has cancelled.
            try await tx.all(
                """
                WITH taken AS (
                    UPDATE visit_answer SET next_at = now() + make_interval(secs => \(Self.again))
                    WHERE id IN (SELECT id FROM visit_answer WHERE next_at <= now() ORDER BY at, id LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED)
                    RETURNING id, appointment, patient, starts_at, accepts, at
                )
                SELECT id, appointment, patient, starts_at, accepts FROM taken ORDER BY at, id
                """, as: UUID.self, UUID.self, UUID.self, Date.self, Bool.self)
        }
        for (id, appointment, patient, start, accepts) in taken {
            let command = RespondToAppointment(appointment: ID(appointment), patient: ID(patient), start: start, accepts: accepts, key: id)
            let state: String
            switch try? await bus.request(command) {
            case .done: state = "done"
            case .refused: state = "refused"
            case nil: continue  // its turn comes again
            }
            try await database.transaction { tx in
                let changed = try await tx.run("UPDATE visit_answer SET state = \(state), next_at = NULL WHERE id = \(id) AND state = 'waiting'")
                // They were answered before scheduling was asked, and would stay away.
                if changed == 1, state == "refused", !accepts { TextNoticeSender.tellNotCancelled(by: id, of: ID(patient), tx) }
            }
        }
        return taken.count
    }
}
