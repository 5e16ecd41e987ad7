internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let sharedShown = 200

    /// What was shared with whoever asks, and would be opened for them now.
    func readSharedDocuments(
        _ query: ReadSharedDocuments, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader
    ) async throws -> Answer<ReadSharedDocuments> {
        let me = actor.practitioner?.uuid
        let rows = try await tx.all(
            """
            SELECT s.patient, s.document, s.shared_by, s.until, d.version, v.role, d.body FROM (
                SELECT DISTINCT ON (document) patient, document, shared_by, until FROM document_share
                WHERE withdrawn_at IS NULL AND until > now()
                    AND (practitioner = \(me) OR location IN (SELECT w.location FROM workplace w WHERE w.practitioner = \(me)))
                ORDER BY document, until DESC) s
            JOIN resource d ON d.type = 'DocumentReference' AND d.id = s.document AND d.patient = s.patient AND NOT d.deleted
            JOIN resource_version v ON v.id = d.id AND v.version = 1
            ORDER BY s.until DESC, s.document LIMIT \(Self.sharedShown)
            """, as: UUID.self, UUID.self, UUID?.self, Date.self, Int.self, String?.self, [UInt8].self)
        guard !rows.isEmpty else { return .done(SharedDocuments(documents: [])) }
        let ids = Array(Set(rows.map(\.0)))
        let reading = facts.read(of: "SELECT unnest(\(ids))", for: actor, withShares: true, in: tx)
        let owners = try await PatientRow.all("SELECT \(PatientRow.columns) FROM patient WHERE id = ANY(\(ids))", in: tx)
        let known = try reading.facts()
        let named = Dictionary(owners.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var documents: [SharedDocument] = []
        for (patient, id, by, until, version, role, body) in rows {
            guard let owner = named[ID(patient)],
                actor.decide(onShared: ID(id), of: owner.id, known[owner.id] ?? AccessFacts()).isAllowed
            else { continue }
            let document = DocumentResource(try sealer.cipher(for: patient).resource(body, row: id))
            let line = document.line(ID(id), version: version, writtenBy: role)
            documents.append(SharedDocument(patient: owner, document: line, sharedBy: by.map { ID($0) }, until: until))
        }
        return .done(SharedDocuments(documents: documents))
    }
}
