internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

/// The row of a note that is being written.
struct NoteDraftRow {
    /// How long whoever saved holds the note.
    static let holdSeconds = 60.0

    let revision: Int
    let saved: Date?
    let heldUntil: Date?
    /// Who saved it last; nil before the first time.
    let heldBy: ID<Account>?
    let heldByPractitioner: ID<Practitioner>?
    let body: [UInt8]

    /// - Parameter locking: nobody else writes it until this transaction ends.
    static func read(_ encounter: ID<Resource>, of patient: ID<Patient>, locking: Bool, in tx: Transaction) async throws -> NoteDraftRow? {
        let lock: SQL = locking ? "FOR UPDATE" : ""
        let row = try await tx.first(
            """
            SELECT revision, saved_at, held_until, held_by, held_by_practitioner, body FROM note_draft
            WHERE encounter = \(encounter.uuid) AND patient = \(patient.uuid) \(lock)
            """, as: Int.self, Date?.self, Date?.self, UUID?.self, UUID?.self, [UInt8].self)
        return row.map {
            NoteDraftRow(
                revision: $0.0, saved: $0.1, heldUntil: $0.2, heldBy: $0.3.map { ID($0) }, heldByPractitioner: $0.4.map { ID($0) }, body: $0.5)
        }
    }

    /// Who else holds it at that moment; nil where nobody does.
    func holder(but account: ID<Account>?, at now: Date) -> (practitioner: ID<Practitioner>?, until: Date)? {
        guard let heldUntil, heldUntil > now, heldBy != account else { return nil }
        return (heldByPractitioner, heldUntil)
    }

    func text(of encounter: ID<Resource>, _ cipher: PatientCipher) throws -> NoteText {
        let bytes = try cipher.open(body, at: Self.place(encounter))
        return try JSONDecoder().decode(NoteText.self, from: Data(bytes))
    }

    static func sealed(_ text: NoteText, of encounter: ID<Resource>, _ cipher: PatientCipher) throws -> [UInt8] {
        try cipher.seal(Array(try JSONEncoder().encode(text)), at: place(encounter), compressed: true)
    }

    private static func place(_ encounter: ID<Resource>) -> Place { Place("note_draft", "body", row: encounter.uuid) }
}

extension NoteText {
    private static let partAtMost = 20_000

    var problems: [EntryProblem] { problems(partAtMost: Self.partAtMost) }

    /// - Parameter partAtMost: characters of each part.
    func problems(partAtMost: Int) -> [EntryProblem] {
        [("history", history), ("findings", findings), ("assessment", assessment), ("plan", plan), ("instructions", instructions)]
            .filter { $0.1.count > partAtMost }.map { EntryProblem($0.0, .tooLong) }
    }
}
