internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Puts a prescription on hold, takes it up again, stops or completes it; FHIR's states, and no other way between them.
    @Sendable func changePrescription(_ command: ChangePrescription, actor: Actor, tx: Transaction) async throws -> Answer<ChangePrescription> {
        var check = EntryCheck()
        check.why("reason", command.reason)
        guard check.problems.isEmpty else { return .refused(.invalid(problems: check.problems)) }
        guard let list = try await MedicineList.read(command.patient, for: actor, locking: true, sealer, in: tx),
            let medicine = list.medicines.first(where: { $0.id == command.prescription && $0.type == "MedicationRequest" })
        else { return .refused(.notFound) }
        guard medicine.version == command.version else { return .refused(.changedMeanwhile(version: medicine.version)) }
        let status = medicine.entry.status ?? "unknown"
        guard PrescriptionResource.transitions[status]?.contains(command.status) == true else { return .refused(.illegal(status: status)) }
        var made = JSONValue(medicine.resource)
        made["status"] = .string(command.status)
        made["statusReason"] = ["text": .string(command.reason)]
        try EntryWriter(store: self, patient: command.patient, cipher: list.cipher, actor: actor, tx: tx, now: Date())
            .write(made, "MedicationRequest", command.prescription, version: medicine.version + 1)
        return .done(EntryKept(version: medicine.version + 1))
    }
}
