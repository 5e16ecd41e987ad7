internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Asks scheduling what kind of visit was booked, and charges the fee of that kind. Where there is none, the billing office is asked.
struct ChargeCapture: Sendable {
    private static let batch = 20
    private static let pause = Duration.seconds(1)

    let database: any WorkerTransactions
    let bus: any Bus

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
                UPDATE encounter SET ask_at = now() + interval '30 s'
                WHERE id IN (SELECT id FROM encounter WHERE ask_at <= now() ORDER BY ask_at LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED)
                RETURNING id, appointment
                """, as: UUID.self, UUID?.self)
        }
        for (encounter, appointment) in waiting { try await charge(encounter, appointment) }
        return waiting.count
    }

    private func charge(_ encounter: UUID, _ appointment: UUID?) async throws {
        var kind: String?
        if let appointment {
            switch try? await bus.request(ReadAppointment(appointment: ID(appointment))) {
            case .done(let line): kind = line.service
            case .refused: break
            case nil: return  // not now; its turn comes again
            }
        }
        try await database.transaction { [kind] tx in
            let fee = try await tx.first("SELECT code FROM fee WHERE visit = \(kind) AND retired_at IS NULL", as: String.self)
            let state = fee == nil ? "missing" : "charged"
            // Somebody of the office may have been faster.
            let isOurs = try await tx.run("UPDATE encounter SET state = \(state), ask_at = NULL WHERE id = \(encounter) AND state = 'waiting'") == 1
            guard isOurs else { return tx.queue("UPDATE encounter SET ask_at = NULL WHERE id = \(encounter)") }
            if let fee { tx.queue(chargeAtPrice(of: fee, quantity: 1, at: encounter, by: nil)) }
        }
    }
}

/// One service at one visit, at what it costs now.
func chargeAtPrice(of code: String, quantity: Int, at encounter: UUID, by account: ID<Account>?) -> SQL {
    """
    INSERT INTO charge (id, patient, encounter, code, name_en, name_es, quantity, unit, amount, currency, served_at, captured_by)
    SELECT \(UUID.v7()), e.patient, e.id, f.code, f.name_en, f.name_es, \(quantity), f.amount, f.amount * \(quantity), f.currency, e.started_at,
        \(account?.uuid)
    FROM encounter e, fee f WHERE e.id = \(encounter) AND f.code = \(code) AND f.retired_at IS NULL
    """
}
