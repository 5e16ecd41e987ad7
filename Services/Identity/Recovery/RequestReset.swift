internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Accounts {
    /// Sends a code for a new password to whoever has an account of this name. Nobody learns whether there is one: the same statements run with the
    /// same values, the same letter is written, and only the worker that would send it finds out that it is for nobody.
    func requestReset(_ command: RequestReset, by actor: Actor, _ transactions: Transactions) async throws -> LastStep<RequestReset> {
        let username = Username(command.username)
        let claim = try await transactions { tx in try await throttle.claim(throttle.reset(username, source: command.source), in: tx) }
        if case .blocked(let until) = claim { return { _, _ in .refused(.throttled(until: until)) } }
        let issuer = actor.issuer
        return { tx, _ in
            let letter = ID<Letter>()
            let whose: SQL = """
                (SELECT id FROM account WHERE username = \(username.text) AND state = 'active'
                    AND CASE role WHEN 'patient' THEN 'portal' ELSE 'clinic' END = \(command.audience.rawValue)
                    AND \(command.audience.rawValue) = \(issuer))
                """
            tx.queue("INSERT INTO letter (id, account, kind) VALUES (\(letter.uuid), \(whose), \(LetterKind.reset.rawValue))")
            tx.queue("UPDATE reset SET closed_at = now() WHERE closed_at IS NULL AND account = \(whose)")
            tx.queue(
                """
                INSERT INTO reset (id, account, code_hash, expires_at)
                SELECT id, account, \(codes.hash(reset: codes.code(of: letter.uuid))), now() + interval '10 minutes'
                FROM letter WHERE id = \(letter.uuid)
                """)
            try tx.emit(LetterWritten(letter: letter))
            try await tx.flush()
            return .done(Done())
        }
    }
}
