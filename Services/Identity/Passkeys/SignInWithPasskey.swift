internal import Access
internal import Contracts
internal import Crypto
internal import Foundation
internal import MessageBus
internal import Postgres

extension Sessions {
    /// Opens a whole session for whoever an authenticator vouches for. Which of the many things that may be wrong is wrong, nobody learns.
    func signInWithPasskey(
        _ command: SignInWithPasskey, by actor: Actor, _ transactions: Transactions
    ) async throws -> LastStep<SignInWithPasskey> {
        let counters = throttle.passkey(command.credential, source: command.source)
        return switch try await transactions({ tx in try await throttle.claim(counters, in: tx) }) {
        case .blocked(let until): { _, _ in .refused(.throttled(until: until)) }
        case .go(let counted): { tx, actor in try await enter(command, counted, for: &actor, in: tx) }
        }
    }

    private func enter(
        _ command: SignInWithPasskey, _ counted: Throttle.Counters, for actor: inout Actor, in tx: Transaction
    ) async throws -> Answer<SignInWithPasskey> {
        let row = try await tx.first(
            """
            SELECT p.id, p.public_key, p.signatures, a.id, a.role FROM passkey p JOIN account a ON a.id = p.account
            WHERE p.credential = \([UInt8](command.credential)) AND a.state = 'active' FOR UPDATE OF p
            """, as: UUID.self, [UInt8].self, Int64.self, UUID.self, String.self)
        guard let (passkey, publicKey, signatures, account, role) = row, command.handle.count == 32, actor.issuer == command.audience.rawValue,
            Role(rawValue: role).flatMap({ Audience(of: $0) }) == command.audience, let data = command.answer(by: publicKey),
            // A counter that does not go up is a copy's. Most do not count.
            data.signatures == 0 && signatures == 0 || data.signatures > signatures
        else { return .refused(.failed) }
        throttle.succeed(counted, in: tx)
        tx.queue("UPDATE passkey SET signatures = \(data.signatures), last_used_at = now() WHERE id = \(passkey)")
        let session = ID<Session>()
        let expires = try await tx.first(
            """
            INSERT INTO session (id, handle_hash, account, audience, expires_idle, expires_absolute, second_factor_at)
            VALUES (\(session.uuid), \(Self.hash(of: command.handle)), \(account), \(command.audience.rawValue),
                now() + make_interval(secs => \(Self.idle(command.audience))), now() + make_interval(secs => \(Self.longest)), now())
            RETURNING expires_idle
            """, as: Date.self)
        guard let expires else { return .refused(.failed) }
        (actor.account, actor.session) = (ID(account), session)
        return .done(SignedIn(session: session, expires: expires))
    }
}

extension SignInWithPasskey {
    /// What the authenticator said, if it is signed with the key and an answer to the question.
    fileprivate func answer(by publicKey: [UInt8]) -> AuthenticatorData? {
        guard question.isWhat(client, saysWasAsked: .signing), let data = AuthenticatorData(Array(authenticator)),
            question.fits(data), let key = try? P256.Signing.PublicKey(x963Representation: publicKey),
            let signed = try? P256.Signing.ECDSASignature(derRepresentation: signature)
        else { return nil }
        return key.isValidSignature(signed, for: authenticator + Data(SHA256.hash(data: client))) ? data : nil
    }
}
