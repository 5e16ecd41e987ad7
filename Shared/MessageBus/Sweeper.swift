internal import Foundation
public import Logging
public import Postgres

/// Forgets what nobody can ask for again: answers after 48 hours, inbox rows and sent events after 30 days, copies of the audit
/// trail after one.
public struct Sweeper: Sendable {
    private let service: String
    private let pool: PostgresPool
    private let logger: Logger

    public init(service: String, pool: PostgresPool, logger: Logger) {
        (self.service, self.pool, self.logger) = (service, pool, logger)
    }

    public func run() async {
        let asker = SQL.worker(of: service)
        while !Task.isCancelled {
            // Not all instances at once, and not at every restart.
            try? await Task.sleep(for: .seconds(600) * Double.random(in: 0.5...1.5))
            guard !Task.isCancelled else { return }
            for statement: SQL in [
                "DELETE FROM answered WHERE key IN (SELECT key FROM answered WHERE answered_at < now() - interval '48 hours' LIMIT 5000)",
                """
                DELETE FROM inbox WHERE (handler, message) IN
                    (SELECT handler, message FROM inbox WHERE received_at < now() - interval '30 days' LIMIT 5000)
                """,
                "DELETE FROM sent WHERE id IN (SELECT id FROM sent WHERE sent_at < now() - interval '30 days' LIMIT 5000)",
                // The trail itself has them for ever.
                """
                DELETE FROM sent WHERE id IN
                    (SELECT id FROM sent WHERE sent_at < now() - interval '1 day' AND name LIKE '%.trail-sealed.v1' LIMIT 5000)
                """,
            ] {
                do { try await pool.run([asker, statement], deadline: nil) } catch {
                    logger.warning("sweep failed", metadata: ["reason": "\(Reason(error).code)"])
                }
            }
        }
    }
}
