internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// What identity tells a person by e-mail about the own account. Codes in the table and to the notification worker.
enum LetterKind: String, Sendable {
    case reset
    /// The same, started by an administrator.
    case resetStarted = "reset-started"
    case passwordChanged = "password-changed"
    case secondFactorOn = "second-factor-on"
    case secondFactorOff = "second-factor-off"
    case recoveryCodeUsed = "recovery-code-used"
    case passkeyAdded = "passkey-added"
    case passkeyRemoved = "passkey-removed"
    /// For somebody who has no account yet: a code to open one with.
    case invitation
    /// Somebody asked for an account with this address, and the clinic looks at it.
    case accountRequested = "account-requested"
    /// Somebody asked for an account who has one.
    case accountExists = "account-exists"
    /// A code for somebody who may act for a patient, and has no account yet.
    case proxyInvitation = "proxy-invitation"
    /// To the patient: somebody may act for them, or does no longer.
    case proxyGranted = "proxy-granted"
    case proxyWithdrawn = "proxy-withdrawn"

    var carriesCode: Bool { self == .reset || self == .resetStarted }
}

/// Writes a letter: the notification worker hears of it, asks what it says and to whom, and sends it.
func writeLetter(_ kind: LetterKind, to account: UUID, in tx: Transaction) throws {
    let letter = ID<Letter>()
    tx.queue("INSERT INTO letter (id, account, kind) VALUES (\(letter.uuid), \(account), \(kind.rawValue))")
    try tx.emit(LetterWritten(letter: letter))
}
