internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Sessions {
    private struct Found: Sendable {
        let account: UUID
        let role: String
        let state: String
        let credential: String?
        let hasFactor: Bool
        /// Stands in for the second factor.
        var device: UUID?

        /// A session of the password alone is good for one thing: giving what is missing.
        var needs: SignInStep? { hasFactor ? (device == nil ? .code : nil) : Role(rawValue: role)?.isStaff == true ? .enrolment : nil }
    }

    private enum Looked: Sendable {
        case at(Found?, counted: Throttle.Counters)
        case throttled(until: Date)
    }

    /// Signs a person in. Whatever is wrong, the answer and the work are the same.
    func signIn(_ command: SignIn, by actor: Actor, _ transactions: Transactions) async throws -> LastStep<SignIn> {
        let username = Username(command.username)
        return try await passwords.hasher.withPlace { place in
            switch try await transactions({ tx in try await look(command, username, in: tx) }) {
            case .throttled(let until): return { _, _ in .refused(.throttled(until: until)) }
            case .at(let found, let counted):
                let credential = found?.credential.flatMap { Credential($0) }
                let matches = try await place.matches(command.password, credential)
                guard let found, let credential, matches, mayEnter(found, command, actor) else { return { _, _ in .refused(.failed) } }
                // Made with another cost than today's: the password is here now, and only now.
                let renewed = credential.cost == passwords.hasher.cost ? nil : try await place.credential(for: command.password)
                return { tx, actor in try await begin(command, found, renewed, counted, for: &actor, in: tx) }
            }
        }
    }

    private func look(_ command: SignIn, _ username: Username, in tx: Transaction) async throws -> Looked {
        let device = try await RememberedDevice.find(command.device, of: username, at: command.audience, in: tx)
        switch try await throttle.claim(throttle.signIn(username, source: command.source, device: device), in: tx) {
        case .blocked(let until): return .throttled(until: until)
        case .go(let counted):
            let row = try await tx.first(
                """
                SELECT id, role, state, credential, EXISTS (SELECT FROM totp WHERE account = account.id) FROM account
                WHERE username = \(username.text) AND state <> 'closed'
                """, as: UUID.self, String.self, String.self, String?.self, Bool.self)
            return .at(row.map { Found(account: $0, role: $1, state: $2, credential: $3, hasFactor: $4, device: device) }, counted: counted)
        }
    }

    private func mayEnter(_ found: Found, _ command: SignIn, _ actor: Actor) -> Bool {
        // A gateway opens its own sessions and nobody else's.
        actor.issuer == command.audience.rawValue && Role(rawValue: found.role).flatMap { Audience(of: $0) } == command.audience
            && found.state == "active" && command.handle.count == 32
    }

    private func begin(
        _ command: SignIn, _ found: Found, _ renewed: Credential?, _ counted: Throttle.Counters, for actor: inout Actor,
        in tx: Transaction
    ) async throws -> Answer<SignIn> {
        var found = found
        // Whoever changes the password ends the sessions there are: with the old one none begins after that, however long hashing took.
        let stillHolds = try await tx.first(
            "SELECT true FROM account WHERE id = \(found.account) AND state = 'active' AND credential = \(found.credential) FOR UPDATE",
            as: Bool.self)
        guard stillHolds == true else { return .refused(.failed) }
        if let renewed { tx.queue("UPDATE account SET credential = \(renewed.text) WHERE id = \(found.account)") }
        throttle.succeed(counted, in: tx)
        let session = ID<Session>()
        if found.hasFactor, let device = found.device, try await tx.run("UPDATE device SET last_used_at = now() WHERE id = \(device)") != 1 {
            // Forgotten meanwhile: the code is asked for.
            found.device = nil
        }
        // What stands in for a code is no proof of who sits there: what asks for one asks for the code as well.
        let standsIn = found.hasFactor && found.device != nil
        let longest = found.needs == nil ? Self.longest : Self.longestUnfinished
        let expires = try await tx.first(
            """
            INSERT INTO session (id, handle_hash, account, audience, expires_idle, expires_absolute, second_factor_at, proven_at)
            SELECT \(session.uuid), \(Self.hash(of: command.handle)), id, \(command.audience.rawValue),
                now() + make_interval(secs => \(min(Self.idle(command.audience), longest))), now() + make_interval(secs => \(longest)),
                CASE WHEN \(standsIn) THEN now() END, CASE WHEN \(standsIn) THEN now() - interval '1 day' ELSE now() END
            FROM account WHERE id = \(found.account) AND state = 'active'
            RETURNING expires_idle
            """, as: Date.self)
        guard let expires else { return .refused(.failed) }
        (actor.account, actor.session) = (ID(found.account), session)
        return .done(SignedIn(session: session, expires: expires, needs: found.needs))
    }
}
