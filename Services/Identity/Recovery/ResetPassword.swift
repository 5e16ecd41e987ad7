internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Accounts {
    private struct Good: Sendable {
        let reset: UUID
        let account: UUID
        let counted: Throttle.Counters
    }

    private enum Looked: Sendable {
        case good(Good)
        case refused(ResetRefusal)
    }

    /// Sets a new password with the code from an e-mail, once, and ends every session of the account. It signs nobody in: the second factor, where
    /// there is one, is asked for as ever.
    func resetPassword(_ command: ResetPassword, by actor: Actor, _ transactions: Transactions) async throws -> LastStep<ResetPassword> {
        try await passwords.hasher.withPlace { place in
            switch try await transactions({ tx in try await look(command, actor, in: tx) }) {
            case .refused(let refusal): return { _, _ in .refused(refusal) }
            case .good(let good):
                let credential = try await place.credential(for: command.password)
                return { tx, actor in try await set(credential, good, for: &actor, in: tx) }
            }
        }
    }

    private func look(_ command: ResetPassword, _ actor: Actor, in tx: Transaction) async throws -> Looked {
        let counted: Throttle.Counters
        switch try await throttle.claim(throttle.activation(source: command.source), in: tx) {
        case .blocked(let until): return .refused(.throttled(until: until))
        case .go(let counters): counted = counters
        }
        let row = try await tx.first(
            """
            SELECT r.id, a.id, a.username, a.role FROM reset r JOIN account a ON a.id = r.account
            WHERE r.code_hash = \(codes.hash(reset: command.code)) AND r.closed_at IS NULL AND r.expires_at > now() AND a.state = 'active'
            """, as: UUID.self, UUID.self, String.self, String.self)
        guard let (reset, account, username, roleName) = row, let role = Role(rawValue: roleName), Audience(of: role)?.rawValue == actor.issuer,
            actor.issuer == command.audience.rawValue
        else { return .refused(.codeNotGood) }
        let clinic = try await tx.first("SELECT name FROM clinic", as: String.self)
        return switch passwords.rules.problem(of: command.password, context: [username, clinic, "chartline"].compactMap(\.self)) {
        case .tooShort(let minimum): .refused(.passwordTooShort(minimum: minimum))
        case .tooCommon: .refused(.passwordTooCommon)
        case nil: .good(Good(reset: reset, account: account, counted: counted))
        }
    }

    private func set(_ credential: Credential, _ good: Good, for actor: inout Actor, in tx: Transaction) async throws -> Answer<ResetPassword> {
        let used = try await tx.run(
            "UPDATE reset SET closed_at = now() WHERE id = \(good.reset) AND closed_at IS NULL AND expires_at > now()")
        guard used == 1 else { return .refused(.codeNotGood) }
        tx.queue("UPDATE account SET credential = \(credential.text) WHERE id = \(good.account)")
        try await Sessions.end(of: good.account, because: .credentialsChanged, in: tx)
        try writeLetter(.passwordChanged, to: good.account, in: tx)
        throttle.succeed(good.counted, in: tx)
        actor.account = ID(good.account)
        return .done(Done())
    }
}
