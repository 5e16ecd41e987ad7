internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Accounts {
    /// Sends a code for a new password to the account's own address. Whoever starts it sees no code and chooses no password.
    func startReset(_ command: StartReset, by actor: Actor, _ transactions: Transactions) async throws -> LastStep<StartReset> {
        let (patient, username) = (command.patient?.uuid, Username(command.username ?? ""))
        let found = try await transactions { tx in
            try await tx.first(
                """
                SELECT id FROM account WHERE state = 'active'
                    AND CASE WHEN \(patient)::uuid IS NULL THEN role <> 'patient' AND username = \(username.text) ELSE patient = \(patient)::uuid END
                """, as: UUID.self)
        }
        guard let account = found else { return { _, _ in .refused(.noAccount) } }
        return { tx, actor in
            let letter = ID<Letter>()
            tx.queue("INSERT INTO letter (id, account, kind) VALUES (\(letter.uuid), \(account), \(LetterKind.resetStarted.rawValue))")
            tx.queue("UPDATE reset SET closed_at = now() WHERE closed_at IS NULL AND account = \(account)")
            tx.queue(
                """
                INSERT INTO reset (id, account, code_hash, expires_at, started_by)
                VALUES (\(letter.uuid), \(account), \(codes.hash(reset: codes.code(of: letter.uuid))), now() + interval '10 minutes',
                    \(actor.account?.uuid))
                """)
            try tx.emit(LetterWritten(letter: letter))
            try await tx.flush()
            return .done(Done())
        }
    }
}
