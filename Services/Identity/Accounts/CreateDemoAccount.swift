internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension Accounts {
    /// Makes an account whose password is known to everybody, in a demo only.
    func createDemoAccount(_ command: CreateDemoAccount, by actor: Actor, _ transactions: Transactions) async throws -> LastStep<CreateDemoAccount> {
        guard isDemo else { return { _, _ in .refused(.notADemo) } }
        let secret = command.totpSecret.map { TimeCodes(base32: $0) }
        if case .some(.none) = secret { return { _, _ in .refused(.secretNotGood) } }
        let credential = try await passwords.hasher.withPlace { place in try await place.credential(for: command.password) }
        return { tx, _ in
            tx.queue(
                """
                INSERT INTO account (id, username, role, display_name, practitioner, patient, language, credential)
                VALUES (\(command.account.uuid), \(Username(command.username).text), \(command.role), \(command.displayName),
                    \(command.practitioner?.uuid), \(command.patient?.uuid), \(command.language), \(credential.text))
                """)
            if let secret = secret.flatMap(\.self) {
                _ = try await factors.keep(secret, of: command.account.uuid, patient: command.patient?.uuid, usedUpTo: 0, in: tx)
            }
            try tx.emit(AccountActivated(account: command.account, patient: command.patient))
            return .done(Activated(account: command.account))
        }
    }

    func refusalOfDemoAccount(_ command: CreateDemoAccount, constraint: String, by actor: Actor, in tx: Transaction) async throws -> DemoRefusal? {
        ["account_username", "account_patient", "account_id"].contains(constraint) ? .usernameTaken : nil
    }
}
