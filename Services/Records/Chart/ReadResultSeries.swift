internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// The most points one graph shows; the newest are kept.
    private static let longestSeries = 1_000

    /// Every result of one code, oldest first. A corrected result carries what it said before; what it replaced is not a point of its own.
    @Sendable func readResultSeries(_ query: ReadResultSeries, actor: Actor, tx: Transaction) async throws -> Answer<ReadResultSeries> {
        try sealer.refuseDestroyed(query.patient.uuid)
        let owner = PatientRow.later(query.patient, in: tx)
        let rows = try await tx.last(
            """
            SELECT id, body FROM resource WHERE patient = \(query.patient.uuid) AND type = 'Observation' AND NOT deleted \(actor.granted.shown)
                AND code = (SELECT code FROM resource WHERE type = 'Observation' AND id = \(query.result.uuid) AND patient = \(query.patient.uuid))
            ORDER BY d_lo DESC, id DESC LIMIT \(Self.longestSeries)
            """, as: UUID.self, [UInt8].self)
        guard let patient = try PatientRow.all(owner).first, !rows.isEmpty else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: query.patient.uuid)
        var replaced: [String: ResultEntry] = [:]
        let entries = try rows.reversed().map { id, body in
            let entry = ResultEntry(try cipher.resource(body, row: id))
            if let before = entry.replaces { replaced[before] = entry }
            return (ID<Resource>(id), entry)
        }
        var points: [ResultLine] = []
        for (id, entry) in entries where !entry.isRetracted && replaced["Observation/\(id)"] == nil {
            var line = ResultLine(entry, id: id)
            if let before = entry.replaces { line.previousValue = entries.first { "Observation/\($0.0)" == before }?.1.value.text }
            points.append(line)
        }
        return .done(
            ResultSeries(
                patient: patient, code: points.last?.code ?? "", display: points.last?.display ?? "", points: points, asOf: Date()))
    }
}
