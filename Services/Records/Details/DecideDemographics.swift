internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Answers a request once. What the field said when it was looked at must still stand there.
    @Sendable func decideDemographics(_ command: DecideDemographics, actor: Actor, tx: Transaction) async throws -> Answer<DecideDemographics> {
        guard command.accepts || (command.words ?? "").count >= 3 else { return .refused(.wordsMissing) }
        guard (command.words ?? "").count <= 500 else { return .refused(.tooLong) }
        guard let person = try await PatientVersion.locked(command.patient, sealer, in: tx),
            let task = try await DetailTask.all(of: command.patient, person.cipher, in: tx).first(where: { $0.id == command.request })
        else { return .refused(.notFound) }
        guard task.status == "requested" else { return .refused(.alreadyDecided) }
        let now = Date()
        let writer = EntryWriter(store: self, patient: command.patient, cipher: person.cipher, actor: actor, tx: tx, now: now)
        if command.accepts {
            let current = person.details[task.after.field]
            guard current == command.seen || current == task.after else { return .refused(.changedMeanwhile(now: current)) }
            if current != task.after { _ = try person.write(task.after, writer) }
        }
        let decided = PatientTask.ended(
            task.resource, command.accepts ? "completed" : "rejected", words: command.words, by: actor.practitioner, at: now)
        try writer.write(decided, "Task", task.id, version: task.version + 1)
        return .done(Done())
    }
}
