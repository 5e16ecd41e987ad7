internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Looks a medicine up against allergies and medicines.
    @Sendable func checkMedicine(_ query: CheckMedicine, actor: Actor, tx: Transaction) async throws -> Answer<CheckMedicine> {
        let table = SafetyTable.later(in: tx)
        guard let list = try await MedicineList.read(query.patient, for: actor, sealer, in: tx) else { return .refused(.notFound) }
        return .done(list.safety(by: try SafetyTable.newest(table)).report(on: query.medicine))
    }

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

    /// Every medicine, with what may be done about it; those that are taken now first.
    @Sendable func readMedicines(_ query: ReadMedicines, actor: Actor, tx: Transaction) async throws -> Answer<ReadMedicines> {
        guard let list = try await MedicineList.read(query.patient, for: actor, sealer, in: tx) else { return .refused(.notFound) }
        let now = Date()
        let lines = list.medicines.map { medicine in
            MedicineLine(
                line: MedicationLine(
                    id: medicine.id, name: medicine.entry.name, status: medicine.entry.status, dosage: medicine.entry.dosage,
                    authoredOn: medicine.entry.authoredOn, type: medicine.type == "MedicationRequest" ? nil : medicine.type,
                    parts: Dosage(prescribed: medicine.resource)),
                version: medicine.version, prescriber: medicine.prescriber,
                refills: medicine.resource["dispenseRequest"]?["numberOfRepeatsAllowed"]?.literal.flatMap { Int($0) },
                reason: medicine.entry.reason, renewal: list.renewal(of: medicine, at: now))
        }
        let sorted = lines.sorted {
            ($0.line.status == "active" ? 1 : 0, $0.line.authoredOn ?? "") > ($1.line.status == "active" ? 1 : 0, $1.line.authoredOn ?? "")
        }
        return .done(Medicines(patient: list.patient, medicines: sorted, asOf: now))
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
