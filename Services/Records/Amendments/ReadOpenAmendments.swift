internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let patientsAtOnce = 200
    private static let waitingShown = 20

    /// What waits, of those the asker treats, with what is due first.
    func readOpenAmendments(
        _ query: ReadOpenAmendments, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader
    ) async throws -> Answer<ReadOpenAmendments> {
        let rows = try await tx.all(
            """
            SELECT DISTINCT patient FROM resource WHERE type = 'Task' AND status = 'requested' AND code = \(AmendmentTask.code) AND NOT deleted
            LIMIT \(Self.patientsAtOnce)
            """, as: UUID.self)
        guard !rows.isEmpty else { return .done(OpenAmendments(waiting: [], total: 0)) }
        let reading = facts.read(of: "SELECT unnest(\(rows))", for: actor, in: tx)
        let people = try await PatientRow.all("SELECT \(PatientRow.columns) FROM patient WHERE id = ANY(\(rows))", in: tx)
        let known = try reading.facts()
        var waiting: [OpenAmendments.Line] = []
        for person in people {
            guard case .allow(let granted) = actor.decide(on: .clinical, of: person.id, known[person.id] ?? AccessFacts()) else { continue }
            var asker = actor
            asker.granted = granted
            let open = try await amendments(of: person.id, for: asker, in: tx)?.filter { $0.status == "requested" } ?? []
            waiting += open.map { OpenAmendments.Line(patient: person, amendment: $0) }
        }
        let first = waiting.sorted { $0.amendment.due < $1.amendment.due }.prefix(Self.waitingShown)
        return .done(OpenAmendments(waiting: Array(first), total: waiting.count))
    }
}
