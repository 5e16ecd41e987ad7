internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Answers a request. A yes is a new prescription that names the old one, which is completed by it; checks are run again, as of now.
    @Sendable func decideRenewal(_ command: DecideRenewal, actor: Actor, tx: Transaction) async throws -> Answer<DecideRenewal> {
        guard command.accepts || command.words.map({ $0.count >= 3 }) == true else { return .refused(.wordsMissing) }
        let table = SafetyTable.later(in: tx)
        guard let list = try await MedicineList.read(command.patient, for: actor, locking: true, sealer, in: tx),
            let (version, task) = try await renewalTask(command.request, of: command.patient, list.cipher, in: tx)
        else { return .refused(.notFound) }
        guard task.string("status") == "requested" else { return .refused(.alreadyDecided) }
        let now = Date()
        let writer = EntryWriter(store: self, patient: command.patient, cipher: list.cipher, actor: actor, tx: tx, now: now)
        if command.accepts {
            guard let old = list.medicines.first(where: { "MedicationRequest/\($0.id)" == task.reference("focus") }) else {
                return .refused(.notFound)
            }
            // It may have been stopped since it was asked for.
            guard ["active", "on-hold"].contains(old.entry.status ?? "") else { return .refused(.notPossible(why: .ended)) }
            let report = list.safety(by: try SafetyTable.newest(table)).report(on: old.name, renewing: old.id)
            guard !report.needsReason || command.override != nil else { return .refused(.reasonNeeded(report: report)) }
            let overriding = Dictionary(report.entries.map { ($0, command.override ?? "") }, uniquingKeysWith: { first, _ in first })
            let renewed = PrescriptionResource.renewed(
                old.resource, from: old.id, practitioner: actor.practitioner, overriding: overriding, at: now)
            try writer.write(renewed, "MedicationRequest", command.prescription ?? .init(), version: 1)
            var ended = JSONValue(old.resource)
            ended["status"] = "completed"
            try writer.write(ended, "MedicationRequest", old.id, version: old.version + 1)
        }
        let decided = PatientTask.ended(
            task, command.accepts ? "completed" : "rejected", words: command.words, by: actor.practitioner, at: now)
        try writer.write(decided, "Task", command.request, version: version + 1)
        return .done(Done())
    }

    @Sendable func refusalOfDecision(
        _ command: DecideRenewal, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> DecisionRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }

    private func renewalTask(
        _ id: ID<Resource>, of patient: ID<Patient>, _ cipher: PatientCipher, in tx: Transaction
    ) async throws -> (Int, JSONNode)? {
        let row = try await tx.first(
            "SELECT version, body FROM resource WHERE type = 'Task' AND id = \(id.uuid) AND patient = \(patient.uuid) AND code = \(RenewalTask.code)",
            as: Int.self, [UInt8].self)
        return try row.map { ($0.0, try cipher.resource($0.1, row: id.uuid)) }
    }
}
