internal import Access
internal import Contracts
internal import Crypto
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

/// What a second factor takes: an app that makes codes from a shared secret, and recovery codes for the day the phone is gone.
struct SecondFactors: Sendable {
    /// Recovery codes an account has.
    static let recoveryCodes = 10

    let sealer: Sealer
    let throttle: Throttle
    let codes: OneTimeCodes
    /// Offered secrets are derived with it, so that none has to be kept before it is used.
    let offerKey: SymmetricKey

    /// What using up one code takes.
    enum Proof: Sendable {
        case step(Int64)
        case recovery(hash: [UInt8])
    }

    /// Six digits, or the twelve characters of a recovery code.
    static func isCode(_ typed: String) -> Bool {
        let characters = typed.filter { !$0.isWhitespace && $0 != "-" }
        return characters.count == TimeCodes.digits ? characters.allSatisfy(\.isNumber) : characters.count == OneTimeCodes.length
    }

    /// What a typed code stands for; nil when it cannot be good. Whether it has been used before only `use` knows.
    func proof(of typed: String, for account: UUID, of patient: UUID?, in tx: Transaction) async throws -> Proof? {
        let sealed = try await tx.first("SELECT secret FROM totp WHERE account = \(account)", as: [UInt8].self)
        let code = String(typed.filter { !$0.isWhitespace && $0 != "-" })
        guard code.utf8.count == TimeCodes.digits else { return .recovery(hash: codes.hash(recovery: typed, of: account)) }
        guard let sealed else { return nil }
        let secret: [UInt8]
        // With the record its owner's second factor is gone: no code is good any more.
        do { secret = try sealer.cipher(for: patient ?? Sealer.nobody).open(sealed, at: Self.place(account)) } catch {
            guard error.isOfDestroyed else { throw error }
            return nil
        }
        return TimeCodes(secret: secret).step(of: code, at: Date()).map { .step($0) }
    }

    /// Uses a code up. - Returns: false when it has been used before, or was never one.
    func use(_ proof: Proof, of account: UUID, in tx: Transaction) async throws -> Bool {
        let used =
            switch proof {
            case .step(let step):
                try await tx.run("UPDATE totp SET last_step = \(step) WHERE account = \(account) AND last_step < \(step)")
            case .recovery(let hash):
                try await tx.run(
                    "UPDATE recovery_code SET used_at = now() WHERE account = \(account) AND code_hash = \(hash) AND used_at IS NULL")
            }
        if used == 1, case .recovery = proof { try writeLetter(.recoveryCodeUsed, to: account, in: tx) }
        return used == 1
    }

    /// - Parameter step: the period of the code that showed that the app has the secret.
    /// - Returns: false when there is a second factor already.
    func keep(_ codes: TimeCodes, of account: UUID, patient: UUID?, usedUpTo step: Int64, in tx: Transaction) async throws -> Bool {
        let sealed = try sealer.cipher(for: patient ?? Sealer.nobody, making: true).seal(codes.secret, at: Self.place(account))
        let kept = try await tx.run(
            "INSERT INTO totp (account, secret, last_step) VALUES (\(account), \(sealed), \(step)) ON CONFLICT (account) DO NOTHING")
        return kept == 1
    }

    /// Makes new recovery codes; those there were are of no use from then on.
    func makeRecoveryCodes(of account: UUID, in tx: Transaction) -> [String] {
        let made = (0..<Self.recoveryCodes).map { _ in codes.make() }
        tx.queue("DELETE FROM recovery_code WHERE account = \(account)")
        for code in made {
            tx.queue("INSERT INTO recovery_code (account, code_hash) VALUES (\(account), \(codes.hash(recovery: code, of: account)))")
        }
        return made
    }

    /// The secret offered to the session with this handle.
    func offered(to handle: Data) -> TimeCodes {
        TimeCodes(secret: Array(HMAC<SHA256>.authenticationCode(for: handle, using: offerKey).prefix(TimeCodes.secretLength)))
    }

    private static func place(_ account: UUID) -> Place { Place("totp", "secret", row: account) }
}
