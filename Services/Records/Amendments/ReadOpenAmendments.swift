internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let waitingShown = 20

    /// What waits, of those the asker treats, with what is due first.
    func readOpenAmendments(
        _ query: ReadOpenAmendments, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader
    ) async throws -> Answer<ReadOpenAmendments> {
        let reading = facts.read(of: PatientTask.waitingPatients(AmendmentTask.code), for: actor, in: tx)
        try await tx.flush()
        let treated = TreatedPatients(try reading.facts(), by: actor)
        // What is kept back of an entry is kept back of what is said about it.
        let found: SQL = """
            FROM resource t JOIN resource o ON o.patient = t.patient AND o.id = ANY(t.refs) AND o.id <> o.patient \(treated.join("o"))
            WHERE \(PatientTask.waits(AmendmentTask.code)) AND t.sensitivity & treated.withheld::int = 0 AND NOT o.deleted
            """
        let count = tx.later("SELECT count(*) \(found)")
        try await tx.flush()
        let page = PageOfList(query.page, of: try count.first(as: Int.self) ?? 0, size: Self.waitingShown)
        // The law gives every request the same time: the first asked is the first due.
        let rows = try await tx.all(
            """
            SELECT t.patient, t.id, t.version, t.body, o.type, o.id, o.body \(found) ORDER BY t.d_lo, t.id \(page.rows(Self.waitingShown))
            """, as: UUID.self, UUID.self, Int.self, [UInt8].self, String.self, UUID.self, [UInt8].self)
        let shown = Array(Set(rows.map(\.0)))
        let people = try await PatientRow.last("SELECT \(PatientRow.columns) FROM patient WHERE id = ANY(\(shown))", in: tx)
        let named = Dictionary(people.map { ($0.id.uuid, $0) }, uniquingKeysWith: { first, _ in first })
        let waiting = try rows.compactMap { patient, id, version, body, type, entry, entryBody -> OpenAmendments.Line? in
            guard let person = named[patient], let cipher = try sealer.readable(patient) else { return nil }
            let task = AmendmentTask(id: ID(id), version: version, resource: try cipher.resource(body, row: id))
            let line = RecordLine(try cipher.resource(entryBody, row: entry), type, ID(entry))
            return OpenAmendments.Line(patient: person, amendment: task.amendment(of: line))
        }
        return .done(OpenAmendments(waiting: waiting, total: page.total, page: page))
    }
}
