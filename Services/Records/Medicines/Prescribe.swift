internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Writes a prescription; against a warning, or where nobody could check, only with a reason, which is kept with it.
    @Sendable func prescribe(_ command: Prescribe, actor: Actor, tx: Transaction) async throws -> Answer<Prescribe> {
        guard command.problems.isEmpty else { return .refused(.invalid(problems: command.problems)) }
        let table = SafetyTable.later(in: tx)
        guard let list = try await MedicineList.read(command.patient, for: actor, locking: true, sealer, in: tx) else { return .refused(.notFound) }
        if let renewed = command.renews, !list.medicines.contains(where: { $0.id == renewed && $0.type == "MedicationRequest" }) {
            return .refused(.notFound)
        }
        let report = list.safety(by: try SafetyTable.newest(table)).report(on: command.medicine, renewing: command.renews)
        guard !report.needsReason || command.override != nil else { return .refused(.reasonNeeded(report: report)) }
        let now = Date()
        let resource = PrescriptionResource.new(command, practitioner: actor.practitioner, overriding: report.entries, at: now)
        try EntryWriter(store: self, patient: command.patient, cipher: list.cipher, actor: actor, tx: tx, now: now)
            .write(resource, "MedicationRequest", command.prescription, version: 1, encounter: command.encounter)
        return .done(EntryKept(version: 1))
    }

    /// What a violated constraint means to whoever prescribed.
    @Sendable func refusalOfPrescribing(
        _ command: Prescribe, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> PrescriptionRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }
}

extension Prescribe {
    fileprivate var problems: [EntryProblem] {
        var check = EntryCheck()
        check.problems = dosage.problems
        check.needed("medicine", medicine.text)
        check.text("medicine", medicine.text, atMost: 200)
        check.number("quantity", quantity, in: 1...9_999)
        check.number("refills", refills, in: 0...11)
        check.text("reason", reason, atMost: 500)
        if let override { check.why("override", override) }
        return check.problems
    }
}
