internal import Access
internal import Contracts
internal import Crypto
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

/// What it takes to read and write threads.
struct ThreadStore: Sendable {
    static let longest = 5_000
    static let longestSubject = 100
    /// Days in which a closed thread is opened again by writing in it.
    static let reopensFor = 30

    let sealer: Sealer
    /// Marks words, so that the same ones are known again without being read.
    let digestKey: SymmetricKey

    /// Nil when nothing is said.
    func words(_ text: String) -> String? {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }

    func digest(_ text: String) -> [UInt8] { Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: digestKey)) }

    func sealed(_ text: String, of patient: ID<Patient>, _ table: StaticString, _ column: StaticString, row: UUID) throws -> [UInt8] {
        try sealer.cipher(for: patient.uuid, making: true).seal(Array(text.utf8), at: Place(table, column, row: row))
    }

    /// Empty where the text is gone with the patient's key.
    func opened(_ sealed: [UInt8], of patient: UUID, _ table: StaticString, _ column: StaticString, row: UUID) -> String {
        let bytes = try? sealer.cipher(for: patient).open(sealed, at: Place(table, column, row: row))
        return bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Puts a message into a thread, and says so to the world. - Parameter isTold: false where whoever reads it does so at once.
    func insert(
        _ message: UUID, in thread: ID<MessageThread>, of patient: ID<Patient>, _ text: String, with attachment: MessageAttachment? = nil,
        by actor: Actor, at now: Date, isTold: Bool = true, _ tx: Transaction
    ) throws {
        let isFromPatient = actor.role == .patient
        let name = try attachment.map { try sealed($0.name, of: patient, "message", "attachment_name", row: message) }
        tx.queue(
            """
            INSERT INTO message (id, thread, patient, at, from_patient, account, practitioner, body, digest, attachment, attachment_name)
            VALUES (\(message), \(thread.uuid), \(patient.uuid), \(now), \(isFromPatient), \(actor.account?.uuid), \(actor.practitioner?.uuid),
                \(try sealed(text, of: patient, "message", "body", row: message)), \(digest(text)),
                \(attachment?.document.uuid), \(name))
            """)
        guard isTold else { return }
        try tx.emit(MessageSent(thread: thread, message: ID(message), patient: patient, isFromPatient: isFromPatient, at: now))
    }

    /// Writers of one patient come one after the other: what the second sends from another device is seen to be there.
    func takeTurn(of patient: ID<Patient>, _ tx: Transaction) {
        tx.queue("SELECT pg_advisory_xact_lock(hashtextextended(\(patient.description), 0))")
    }
}

extension MessageAttachment? {
    /// Whether a file that came along has a name of its length.
    var isNamed: Bool { map { (1...200).contains($0.name.count) } ?? true }
}
