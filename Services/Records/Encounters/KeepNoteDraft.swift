internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Keeps a draft as its next revision, unless somebody else is writing, or wrote since.
    @Sendable func keepNoteDraft(_ command: KeepNoteDraft, actor: Actor, tx: Transaction) async throws -> Answer<KeepNoteDraft> {
        guard command.text.problems.isEmpty else { return .refused(.invalid(problems: command.text.problems)) }
        let now = Date()
        switch try await writable(command.encounter, of: command.patient, from: command.revision, by: actor, at: now, in: tx) {
        case .failure(let refusal): return .refused(refusal.why)
        case .success:
            let revision = command.revision + 1
            let cipher = try sealer.cipher(for: command.patient.uuid)
            tx.queue(
                """
                UPDATE note_draft SET revision = \(revision), saved_at = \(now), held_until = \(now.addingTimeInterval(NoteDraftRow.holdSeconds)),
                    held_by = \(actor.account?.uuid), held_by_practitioner = \(actor.practitioner?.uuid),
                    body = \(try NoteDraftRow.sealed(command.text, of: command.encounter, cipher))
                WHERE encounter = \(command.encounter.uuid)
                """)
            return .done(DraftSaved(revision: revision, saved: now))
        }
    }

    struct NotWritable: Error { let why: NoteRefusal }

    /// The draft, locked, where this person may write it from what they saw.
    func writable(
        _ encounter: ID<Resource>, of patient: ID<Patient>, from revision: Int, by actor: Actor, at now: Date, in tx: Transaction
    ) async throws -> Result<NoteDraftRow, NotWritable> {
        guard let row = try await NoteDraftRow.read(encounter, of: patient, locking: true, in: tx) else {
            let status = try await tx.first(
                "SELECT status FROM resource WHERE type = 'Encounter' AND id = \(encounter.uuid) AND patient = \(patient.uuid)", as: String?.self)
            return .failure(NotWritable(why: status == nil ? .notFound : .signed))
        }
        if let holder = row.holder(but: actor.account, at: now) {
            return .failure(NotWritable(why: .held(by: holder.practitioner, until: holder.until)))
        }
        guard row.revision == revision else { return .failure(NotWritable(why: .changedMeanwhile(revision: row.revision))) }
        return .success(row)
    }
}
