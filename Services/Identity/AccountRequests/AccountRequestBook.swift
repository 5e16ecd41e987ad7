internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

/// What people without a code ask for an account with.
struct AccountRequestBook: Sendable {
    let sealer: Sealer
    let throttle: Throttle
    let codes: OneTimeCodes

    /// The proxies' book, kept with the same keys.
    var proxies: ProxyBook { ProxyBook(self) }

    func sealed(_ details: RequestedAccount, row: UUID) throws -> [UInt8] {
        let body = try JSONEncoder().encode(details)
        return try sealer.cipher(for: Sealer.nobody, making: true).seal(Array(body), at: Place("account_request", "body", row: row))
    }

    func opened(_ sealed: [UInt8], row: UUID) throws -> RequestedAccount {
        let body = try sealer.cipher(for: Sealer.nobody).open(sealed, at: Place("account_request", "body", row: row))
        return try JSONDecoder().decode(RequestedAccount.self, from: Data(body))
    }

    /// Invites a patient with a code that only the letter to their address on file carries.
    /// - Returns: false when the patient has an account.
    func invite(_ patient: ID<Patient>, birthDate: String, in tx: Transaction) async throws -> Bool {
        let letter = ID<Letter>()
        let invitation = ID<Invitation>()
        let made = try await codes.invite(patient, birthDate: birthDate, as: invitation, code: codes.code(of: letter.uuid), in: tx)
        guard made != nil else { return false }
        tx.queue(
            """
            INSERT INTO letter (id, kind, invitation) VALUES (\(letter.uuid), \(LetterKind.invitation.rawValue), \(invitation.uuid))
            """)
        try tx.emit(LetterWritten(letter: letter))
        return true
    }
}
