internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Answers a request once; a yes appends it to the entry as its next version.
    @Sendable func decideAmendment(_ command: DecideAmendment, actor: Actor, tx: Transaction) async throws -> Answer<DecideAmendment> {
        guard command.accepts || (command.words ?? "").count >= 3 else { return .refused(.wordsMissing) }
        guard (command.words ?? "").count <= 1_000 else { return .refused(.tooLong) }
        let patient = command.patient
        EntryList.lock("amendment", of: patient, in: tx)
        let rows = tx.later(AmendmentTask.rows(actor, of: patient))
        try await tx.flush()
        let cipher = try sealer.cipher(for: patient.uuid, making: true)
        guard let task = try AmendmentTask.all(rows, cipher).first(where: { $0.id == command.request }), let entry = task.entry else {
            return .refused(.notFound)
        }
        guard task.status == "requested" else { return .refused(.alreadyDecided) }
        let now = Date()
        let writer = EntryWriter(store: self, patient: patient, cipher: cipher, actor: actor, tx: tx, now: now)
        if command.accepts {
            let row = try await tx.first(
                """
                SELECT type, version, encounter, body FROM resource
                WHERE id = \(entry.uuid) AND patient = \(patient.uuid) AND NOT deleted \(actor.granted.shown) FOR UPDATE
                """, as: String.self, Int.self, UUID?.self, [UInt8].self)
            guard let (type, version, encounter, body) = row else { return .refused(.notFound) }
            let amended = task.appended(to: try cipher.resource(body, row: entry.uuid), at: now)
            try writer.write(amended, type, entry, version: version + 1, encounter: encounter.map { ID($0) })
        }
        let decided = PatientTask.ended(
            task.resource, command.accepts ? "completed" : "rejected", words: command.words, by: actor.practitioner, at: now)
        try writer.write(decided, "Task", task.id, version: task.version + 1)
        return .done(Done())
    }
}
