internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// The most points one graph shows; the newest are kept.
    private static let longestSeries = 1_000

    /// Every result of one code, oldest first. A corrected result carries what it said first; what it replaced is not a point of its own.
    @Sendable func readResultSeries(_ query: ReadResultSeries, actor: Actor, tx: Transaction) async throws -> Answer<ReadResultSeries> {
        try sealer.refuseDestroyed(query.patient.uuid)
        let owner = PatientRow.later(query.patient, in: tx)
        let first = tx.later(
            """
            SELECT DISTINCT ON (v.id) v.id, v.body FROM resource r JOIN resource_version v ON v.id = r.id
            WHERE r.patient = \(query.patient.uuid) AND r.type = 'Observation' AND NOT r.deleted \(actor.granted.shown)
                AND r.status IN ('amended', 'corrected', 'cancelled') AND r.version > 1
                AND r.code = (SELECT code FROM resource WHERE type = 'Observation' AND id = \(query.result.uuid) AND patient = \(query.patient.uuid))
            ORDER BY v.id, v.version
            """)
        let rows = try await tx.last(
            """
            SELECT id, body FROM resource WHERE patient = \(query.patient.uuid) AND type = 'Observation' AND NOT deleted \(actor.granted.shown)
                AND code = (SELECT code FROM resource WHERE type = 'Observation' AND id = \(query.result.uuid) AND patient = \(query.patient.uuid))
            ORDER BY d_lo DESC, id DESC LIMIT \(Self.longestSeries)
            """, as: UUID.self, [UInt8].self)
        guard let patient = try PatientRow.all(owner).first, !rows.isEmpty else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: query.patient.uuid)
        let said = Dictionary(try first.all(as: UUID.self, [UInt8].self).map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first })
        var replaced: [String: ResultEntry] = [:]
        var former: [ID<Resource>: String] = [:]
        let entries = try rows.reversed().map { id, body in
            let resource = try cipher.resource(body, row: id)
            let entry = ResultEntry(resource)
            if let before = entry.replaces { replaced[before] = entry }
            if let was = try said[id].map({ try cipher.resource($0, row: id, of: "resource_version") }) {
                former[ID(id)] = ResultResource.firstValue(was, unlike: resource)
            }
            return (ID<Resource>(id), entry)
        }
        var points: [ResultLine] = []
        for (id, entry) in entries where !entry.isRetracted && replaced["Observation/\(id)"] == nil {
            var line = ResultLine(entry, id: id)
            line.previousValue = former[id]
            if let before = entry.replaces { line.previousValue = entries.first { "Observation/\($0.0)" == before }?.1.value.text }
            points.append(line)
        }
        return .done(
            ResultSeries(
                patient: patient, code: points.last?.code ?? "", display: points.last?.display ?? "", points: points, asOf: Date()))
    }
}
