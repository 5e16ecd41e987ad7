internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres

extension RecordStore {
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
        // By name where the day is the same: a list must not look different from one visit to the next.
        let sorted = lines.sorted {
            ($0.line.status == "active" ? 1 : 0, $0.line.authoredOn ?? "", $1.line.name)
                > ($1.line.status == "active" ? 1 : 0, $1.line.authoredOn ?? "", $0.line.name)
        }
        return .done(Medicines(patient: list.patient, medicines: sorted, asOf: now))
    }
}
