internal import Contracts
internal import CoreMetrics
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres

/// Adds the books up once a day and keeps what came of it. While they do not hold, bills say so, and none is printed.
struct NightlyProof: Sendable {
    private static let pause = Duration.seconds(600)

    let database: any WorkerTransactions
    let logger: Logger

    func run() async throws {
        while !Task.isCancelled {
            try await prove(unlessWithin: 86_400)
            try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2))
        }
    }

    /// - Parameter seconds: nothing is done where that was done within them.
    /// - Returns: what was found; nil where nothing was done.
    @discardableResult
    func prove(unlessWithin seconds: Double) async throws -> LedgerProof? {
        let proof = try await database.transaction { tx -> LedgerProof? in
            // One of several instances.
            tx.queue("SELECT pg_advisory_xact_lock(8, 10)")
            let isDone = try await tx.first(
                "SELECT true FROM proof WHERE holds AND at > now() - make_interval(secs => \(seconds)) LIMIT 1", as: Bool.self)
            guard isDone == nil else { return nil }
            let proof = try await LedgerProof.made(in: tx)
            try await tx.run("INSERT INTO proof (id, holds) VALUES (\(UUID.v7()), \(proof.holds))")
            return proof
        }
        guard let proof else { return nil }
        Gauge(label: "chartline_books_hold").record(proof.holds ? 1 : 0)
        if !proof.holds {
            logger.critical("the books do not hold", metadata: ["problems": "\(proof.problems.map(\.code).joined(separator: " "))"])
        }
        return proof
    }
}

extension BooksCheck {
    static func later(in tx: Transaction) -> Later { tx.later("SELECT at, holds FROM proof ORDER BY at DESC LIMIT 1") }

    /// - Parameter rows: what `later` asked for. - Returns: nil where they were never proved.
    static func newest(_ rows: Later) throws -> BooksCheck? { try rows.first(as: Date.self, Bool.self).map { BooksCheck(at: $0.0, holds: $0.1) } }
}
