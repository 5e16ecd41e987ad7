internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension AccountRequestBook {
    /// A request nobody has looked at.
    struct Asked: Sendable {
        let id: UUID
        let details: RequestedAccount

        /// What the records are asked.
        var question: MatchPatient {
            MatchPatient(given: details.given, family: details.family, birthDate: details.birthDate, email: details.email)
        }
    }

    /// Takes some to look at; their turn comes again in half a minute if nothing comes of it.
    func take(in tx: Transaction) async throws -> [Asked] {
        let rows = try await tx.all(
            """
            UPDATE account_request SET next_at = now() + interval '30 seconds'
            WHERE id IN (
                SELECT id FROM account_request WHERE state = 'asked' AND next_at <= now() ORDER BY next_at, id LIMIT 8 FOR UPDATE SKIP LOCKED)
            RETURNING id, body
            """, as: UUID.self, [UInt8].self)
        return try rows.map { Asked(id: $0.0, details: try opened($0.1, row: $0.0)) }
    }

    /// A request that has all of one chart leads to an invitation, sent to the address on file. Any other waits for the front desk, and whoever asked
    /// is told so at the address they gave.
    func settle(_ asked: Asked, _ patient: ID<Patient>?, in tx: Transaction) async throws {
        let isMine = try await tx.first(
            "SELECT true FROM account_request WHERE id = \(asked.id) AND state = 'asked' FOR UPDATE", as: Bool.self)
        guard isMine == true else { return }
        guard let patient else {
            let letter = ID<Letter>()
            tx.queue("UPDATE account_request SET state = 'open' WHERE id = \(asked.id)")
            tx.queue("INSERT INTO letter (id, kind, request) VALUES (\(letter.uuid), \(LetterKind.accountRequested.rawValue), \(asked.id))")
            try tx.emit(LetterWritten(letter: letter))
            return try await tx.flush()
        }
        if try await invite(patient, birthDate: asked.details.birthDate, in: tx) {
            tx.queue("UPDATE account_request SET state = 'invited', settled_at = now(), body = NULL WHERE id = \(asked.id)")
        } else {
            let account = try await tx.first("SELECT id FROM account WHERE patient = \(patient.uuid) AND state = 'active'", as: UUID.self)
            if let account { try writeLetter(.accountExists, to: account, in: tx) }
            tx.queue(
                """
                UPDATE account_request SET state = 'closed', settled_at = now(), body = NULL, reason = 'has-account' WHERE id = \(asked.id)
                """)
        }
        try await tx.flush()
    }
}
