internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let newsShown = 50
    private static let firstLook: TimeInterval = 30 * 86_400

    /// What was written since the account's last look, by whoever is not the patient.
    @Sendable func readNews(_ query: ReadNews, actor: Actor, tx: Transaction) async throws -> Answer<ReadNews> {
        let (patient, now) = (query.patient.uuid, Date())
        let owner = PatientRow.later(query.patient, in: tx)
        let since = try await tx.first(
            "SELECT at FROM last_look WHERE account = \(actor.account?.uuid) AND patient = \(patient)", as: Date.self)
        let from = since ?? now.addingTimeInterval(-Self.firstLook)
        let rows = try await tx.all(
            """
            SELECT r.type, r.id, r.body, greatest(r.last_updated, h.released_at),
                r.version > 1 AND coalesce(h.released_at < r.last_updated, true), count(*) OVER ()
            FROM resource r JOIN resource_version v ON v.id = r.id AND v.version = r.version LEFT JOIN held_result h ON h.resource = r.id
            WHERE r.patient = \(patient) AND NOT r.deleted \(actor.granted.shown) AND greatest(r.last_updated, h.released_at) > \(from)
                AND r.type IN ('Observation', 'Condition', 'AllergyIntolerance', 'MedicationRequest', 'MedicationStatement', 'Immunization',
                    'Procedure', 'FamilyMemberHistory', 'DocumentReference', 'ServiceRequest')
                AND coalesce(r.status, '') NOT IN ('entered-in-error', 'refuted')
                AND v.role IS DISTINCT FROM 'patient' AND (\(since != nil) OR v.role IN ('clinician', 'nurse'))
            ORDER BY 4 DESC, r.id DESC LIMIT \(Self.newsShown)
            """, as: String.self, UUID.self, [UInt8].self, Date.self, Bool.self, Int.self)
        guard let owner = try PatientRow.all(owner).first else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: patient)
        let lines = try rows.map { type, id, body, at, changed, _ in
            NewsLine(line: RecordLine(try cipher.resource(body, row: id), type, ID(id)), at: at, changed: changed)
        }
        return .done(RecordNews(patient: owner, since: since, lines: lines, total: rows.first?.5 ?? 0, asOf: now))
    }
}
