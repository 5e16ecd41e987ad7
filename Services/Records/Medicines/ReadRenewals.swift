internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Lines of a page: each may bring a long report with it.
    private static let waitingShown = 15

    /// What waits, of those the asker treats, the oldest first.
    func readRenewals(_ query: ReadRenewals, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader) async throws -> Answer<ReadRenewals> {
        let reading = facts.read(of: PatientTask.waitingPatients(RenewalTask.code), for: actor, in: tx)
        let newest = SafetyTable.later(in: tx)
        try await tx.flush()
        let (treated, table) = (TreatedPatients(try reading.facts(), by: actor), try SafetyTable.newest(newest))
        let found: SQL = """
            FROM resource t JOIN resource o ON o.type = 'MedicationRequest' AND o.patient = t.patient AND o.id = ANY(t.refs) \(treated.join("o"))
            WHERE \(PatientTask.waits(RenewalTask.code)) AND NOT o.deleted AND \(MedicineList.listed("o"))
            """
        let count = tx.later("SELECT count(*) \(found)")
        try await tx.flush()
        let page = PageOfList(query.page, of: try count.first(as: Int.self) ?? 0, size: Self.waitingShown)
        let rows = try await tx.all(
            "SELECT t.patient, t.id, t.body, o.id \(found) ORDER BY t.d_lo, t.id \(page.rows(Self.waitingShown))",
            as: UUID.self, UUID.self, [UInt8].self, UUID.self)
        let shown = Array(Set(rows.map(\.0)))
        let people = tx.later("SELECT \(PatientRow.columns) FROM patient WHERE id = ANY(\(shown))")
        let medicines = try await tx.last(
            """
            SELECT o.patient, o.type, o.id, o.version, o.body FROM resource o \(treated.join("o"))
            WHERE o.patient = ANY(\(shown)) AND \(MedicineList.types("o")) AND NOT o.deleted AND \(MedicineList.listed("o"))
            """, as: UUID.self, String.self, UUID.self, Int.self, [UInt8].self)
        let named = Dictionary(try PatientRow.all(people).map { ($0.id.uuid, $0) }, uniquingKeysWith: { first, _ in first })
        let bodies = Dictionary(grouping: medicines, by: \.0)
        var opened: [UUID: MedicineList.Opened] = [:]
        let waiting = try rows.compactMap { patient, id, body, prescription -> RenewalLine? in
            guard let person = named[patient], let cipher = try sealer.readable(patient) else { return nil }
            let list = try opened[patient] ?? MedicineList.opened((bodies[patient] ?? []).map { ($0.1, $0.2, $0.3, $0.4) }, cipher)
            opened[patient] = list
            guard let medicine = list.medicines.first(where: { $0.id.uuid == prescription }) else { return nil }
            let task = try cipher.resource(body, row: id)
            return RenewalLine(
                patient: person, request: ID(id), medicine: medicine.entry.name, dosage: medicine.entry.dosage,
                parts: Dosage(prescribed: medicine.resource), words: task.string("description"), asked: task.moment("authoredOn") ?? .distantPast,
                report: list.safety(by: table).report(on: medicine.name, renewing: medicine.id))
        }
        return .done(Renewals(waiting: waiting, page: page))
    }
}
