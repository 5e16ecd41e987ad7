internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Accounts {
    private struct Good: Sendable {
        let invitation: UUID
        let role: Role
        let patient: UUID?
        /// The account is for acting for somebody else.
        let proxy: UUID?
        let counted: Throttle.Counters
    }

    private enum Checked: Sendable {
        case good(Good)
        case refused(ActivateRefusal)
    }

    /// Opens the account an invitation is for. The code is used up in the transaction that makes the account, so of two who use it at once one does.
    func activateAccount(_ command: ActivateAccount, by actor: Actor, _ transactions: Transactions) async throws -> LastStep<ActivateAccount> {
        let username = Username(command.username)
        guard username.isAddress else { return { _, _ in .refused(.usernameNotAnAddress) } }
        return try await passwords.hasher.withPlace { place in
            switch try await transactions({ tx in try await check(command, username, actor, in: tx) }) {
            case .refused(let refusal): return { _, _ in .refused(refusal) }
            case .good(let good):
                let credential = try await place.credential(for: command.password)
                return { tx, actor in try await open(good, username, credential, command, for: &actor, in: tx) }
            }
        }
    }

    private func check(_ command: ActivateAccount, _ username: Username, _ actor: Actor, in tx: Transaction) async throws -> Checked {
        let clinic = try await tx.first("SELECT name FROM clinic", as: String.self)
        switch passwords.rules.problem(of: command.password, context: [username.text, clinic, "chartline"].compactMap(\.self)) {
        case .tooShort(let minimum): return .refused(.passwordTooShort(minimum: minimum))
        case .tooCommon: return .refused(.passwordTooCommon)
        case nil: break
        }
        let counted: Throttle.Counters
        switch try await throttle.claim(throttle.activation(source: command.source), in: tx) {
        case .blocked(let until): return .refused(.throttled(until: until))
        case .go(let counters): counted = counters
        }
        let row = try await tx.first(
            """
            SELECT id, role, patient, birth_date_hash, proxy FROM invitation
            WHERE code_hash = \(codes.hash(code: command.code)) AND closed_at IS NULL AND expires_at > now() FOR UPDATE
            """, as: UUID.self, String.self, UUID?.self, [UInt8]?.self, UUID?.self)
        guard let (invitation, roleName, patient, birthDateHash, proxy) = row, let role = Role(rawValue: roleName),
            Audience(of: role)?.rawValue == actor.issuer
        else { return .refused(.codeNotGood) }
        tx.queue("UPDATE invitation SET opened_at = coalesce(opened_at, now()) WHERE id = \(invitation)")
        if let birthDateHash, birthDateHash != codes.hash(birthDate: command.birthDate ?? "", of: invitation) {
            countWrongBirthDate(invitation, in: tx)
            return .refused(.codeNotGood)
        }
        tx.queue("UPDATE invitation SET verified_at = coalesce(verified_at, now()) WHERE id = \(invitation)")
        return .good(Good(invitation: invitation, role: role, patient: patient, proxy: proxy, counted: counted))
    }

    private func countWrongBirthDate(_ invitation: UUID, in tx: Transaction) {
        tx.queue(
            """
            UPDATE invitation SET tries = tries + 1,
                closed_at = CASE WHEN tries + 1 >= \(Int32(OneTimeCodes.tries)) THEN now() END,
                closed = CASE WHEN tries + 1 >= \(Int32(OneTimeCodes.tries)) THEN 'guessed' END
            WHERE id = \(invitation)
            """)
    }

    private func open(
        _ good: Good, _ username: Username, _ credential: Credential, _ command: ActivateAccount, for actor: inout Actor, in tx: Transaction
    ) async throws -> Answer<ActivateAccount> {
        let used = try await tx.run(
            """
            UPDATE invitation SET closed_at = now(), closed = 'used'
            WHERE id = \(good.invitation) AND closed_at IS NULL AND expires_at > now()
            """)
        guard used == 1 else { return .refused(.codeNotGood) }
        let account = ID<Account>()
        tx.queue(
            """
            INSERT INTO account (id, username, role, patient, language, credential, display_name, practitioner)
            SELECT \(account.uuid), \(username.text), \(good.role.rawValue), \(good.patient), \(command.language), \(credential.text), display_name,
                practitioner
            FROM invitation WHERE id = \(good.invitation)
            """)
        if let proxy = good.proxy {
            guard try await ProxyBook.take(proxy, by: account, in: tx) else { return .refused(.codeNotGood) }
        }
        throttle.succeed(good.counted, in: tx)
        try tx.emit(AccountActivated(account: account, patient: good.patient.map { ID($0) }))
        actor.account = account
        return .done(Activated(account: account))
    }

    func refusalOfActivation(_ command: ActivateAccount, constraint: String, by actor: Actor, in tx: Transaction) async throws -> ActivateRefusal? {
        switch constraint {
        case "account_username": .usernameTaken
        // The patient got an account by another code meanwhile.
        case "account_patient", "account_practitioner": .codeNotGood
        default: nil
        }
    }
}
