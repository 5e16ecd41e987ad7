internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let waitingShown = 50

    /// Everything that waits, beside what is on file now.
    @Sendable func readDemographicRequests(
        _ query: ReadDemographicRequests, actor: Actor, tx: Transaction
    ) async throws -> Answer<ReadDemographicRequests> {
        let which: SQL = "FROM resource t WHERE \(PatientTask.waits(DetailTask.code))"
        let count = tx.later("SELECT count(*) \(which)")
        let rows = try await tx.all(
            "SELECT patient, id, version, body \(which) ORDER BY d_lo, id LIMIT \(Self.waitingShown)",
            as: UUID.self, UUID.self, Int.self, [UInt8].self)
        guard !rows.isEmpty else { return .done(DemographicRequests(waiting: [], total: 0)) }
        let ids = Array(Set(rows.map(\.0)))
        let people = tx.later("SELECT id, body FROM resource WHERE type = 'Patient' AND id = ANY(\(ids)) AND NOT deleted")
        let summaries = try await PatientRow.all("SELECT \(PatientRow.columns) FROM patient WHERE id = ANY(\(ids))", in: tx)
        let known = Dictionary(summaries.map { ($0.id.uuid, $0) }, uniquingKeysWith: { first, _ in first })
        let bodies = Dictionary(try people.all(as: UUID.self, [UInt8].self).map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first })
        var waiting: [DemographicRequests.Line] = []
        for (patient, id, version, body) in rows {
            guard let summary = known[patient], let own = bodies[patient] else { continue }
            let cipher: PatientCipher
            do { cipher = try sealer.cipher(for: patient) } catch {
                guard error.isOfDestroyed else { throw error }
                continue
            }
            guard let task = DetailTask(try cipher.resource(body, row: id), ID(id), version: version) else { continue }
            let details = PatientDetails(try cipher.resource(own, row: patient))
            waiting.append(DemographicRequests.Line(patient: summary, request: task.request, now: details[task.after.field]))
        }
        return .done(DemographicRequests(waiting: waiting, total: try count.first(as: Int.self) ?? 0))
    }
}
