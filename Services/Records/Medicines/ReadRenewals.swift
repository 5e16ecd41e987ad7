internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let waitingShown = 200

    /// What waits, of those the asker treats.
    func readRenewals(_ query: ReadRenewals, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader) async throws -> Answer<ReadRenewals> {
        let rows = try await tx.all(
            """
            SELECT patient, id, body FROM resource WHERE type = 'Task' AND status = 'requested' AND code = \(RenewalTask.code) AND NOT deleted
            ORDER BY d_lo, id LIMIT \(Self.waitingShown)
            """, as: UUID.self, UUID.self, [UInt8].self)
        guard !rows.isEmpty else { return .done(Renewals(waiting: [])) }
        let reading = facts.read(of: "SELECT unnest(\(Array(Set(rows.map(\.0)))))", for: actor, in: tx)
        let newest = SafetyTable.later(in: tx)
        try await tx.flush()
        let (known, table) = (try reading.facts(), try SafetyTable.newest(newest))
        var (lists, waiting): ([UUID: MedicineList], [RenewalLine]) = ([:], [])
        for (patient, id, body) in rows {
            guard case .allow(let granted) = actor.decide(on: .clinical, of: ID(patient), known[ID(patient)] ?? AccessFacts()) else { continue }
            var asker = actor
            asker.granted = granted
            if lists[patient] == nil { lists[patient] = try await MedicineList.read(ID(patient), for: asker, sealer, in: tx) }
            guard let list = lists[patient] else { continue }
            let task = try list.cipher.resource(body, row: id)
            guard let medicine = list.medicines.first(where: { "MedicationRequest/\($0.id)" == task.reference("focus") }) else { continue }
            waiting.append(
                RenewalLine(
                    patient: list.patient, request: ID(id), medicine: medicine.entry.name, dosage: medicine.entry.dosage,
                    parts: Dosage(prescribed: medicine.resource), words: task.string("description"),
                    asked: task.moment("authoredOn") ?? .distantPast,
                    report: list.safety(by: table).report(on: medicine.name, renewing: medicine.id)))
        }
        return .done(Renewals(waiting: waiting))
    }
}
