internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let unreviewedShown = 200

    /// What waits, of those the asker treats.
    func readUnreviewedDocuments(
        _ query: ReadUnreviewedDocuments, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader
    ) async throws -> Answer<ReadUnreviewedDocuments> {
        let rows = try await tx.all(
            """
            SELECT d.patient, d.id, d.version, d.sensitivity, d.body FROM (
                SELECT patient, refs, d_lo, id FROM resource t WHERE \(PatientTask.waits(ReviewTask.code))
                ORDER BY d_lo, id LIMIT \(Self.unreviewedShown)) t
            JOIN resource d ON d.type = 'DocumentReference' AND d.id = ANY (t.refs) AND d.patient = t.patient AND NOT d.deleted
            ORDER BY t.d_lo, t.id
            """, as: UUID.self, UUID.self, Int.self, Int.self, [UInt8].self)
        guard !rows.isEmpty else { return .done(UnreviewedDocuments(waiting: [])) }
        let ids = Array(Set(rows.map(\.0)))
        let reading = facts.read(of: "SELECT unnest(\(ids))", for: actor, in: tx)
        let owners = try await PatientRow.all("SELECT \(PatientRow.columns) FROM patient WHERE id = ANY(\(ids))", in: tx)
        let known = try reading.facts()
        let named = Dictionary(owners.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var waiting: [UnreviewedDocument] = []
        for (patient, id, version, sensitivity, body) in rows {
            let kinds = Sensitivity(rawValue: sensitivity)
            guard let owner = named[ID(patient)],
                actor.decide(on: .clinical, of: owner.id, kinds: kinds, known[owner.id] ?? AccessFacts()).isAllowed
            else { continue }
            let document = DocumentResource(try sealer.cipher(for: patient).resource(body, row: id))
            let line = document.line(ID(id), version: version, writtenBy: Role.patient.rawValue)
            waiting.append(UnreviewedDocument(patient: owner, document: line))
        }
        return .done(UnreviewedDocuments(waiting: waiting))
    }
}
