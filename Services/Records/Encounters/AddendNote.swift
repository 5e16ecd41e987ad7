internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let addendumAtMost = 20_000

    /// The next version of a signed note: every word of it, and what is added below.
    @Sendable func addendNote(_ command: AddendNote, actor: Actor, tx: Transaction) async throws -> Answer<AddendNote> {
        guard !command.text.isEmpty else { return .refused(.invalid(problems: [EntryProblem("text", .missing)])) }
        guard command.text.count <= Self.addendumAtMost else { return .refused(.invalid(problems: [EntryProblem("text", .tooLong)])) }
        let document = NoteDocument.id(.progressNote, of: command.encounter)
        let row = try await tx.first(
            """
            SELECT version, body FROM resource WHERE type = 'DocumentReference' AND id = \(document.uuid) AND patient = \(command.patient.uuid)
                AND NOT deleted FOR UPDATE
            """, as: Int.self, [UInt8].self)
        guard let (version, body) = row else {
            return .refused(try await encounter(command.encounter, of: command.patient, in: tx) == nil ? .notFound : .notSigned)
        }
        guard version == command.version else { return .refused(.changedMeanwhile(revision: version)) }
        let cipher = try sealer.cipher(for: command.patient.uuid)
        let signed = try cipher.resource(body, row: document.uuid)
        let now = Date()
        let added = NotePart(command.corrects ? .correction : .addendum, command.text, at: now, by: actor.practitioner)
        let amended = NoteDocument(
            .progressNote, NoteDocument.parts(of: signed) + [added], of: command.patient, in: command.encounter, by: actor.practitioner, at: now,
            over: signed)
        try EntryWriter(store: self, patient: command.patient, cipher: cipher, actor: actor, tx: tx, now: now)
            .write(amended.resource, "DocumentReference", document, version: version + 1, encounter: command.encounter)
        return .done(NoteSigned(document: document, version: version + 1, digest: amended.digest))
    }
}
