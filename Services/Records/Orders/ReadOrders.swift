internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let ordersShown = 200

    /// Orders with what came of each: those past their day first, then those that wait, then the newest.
    @Sendable func readOrders(_ query: ReadOrders, actor: Actor, tx: Transaction) async throws -> Answer<ReadOrders> {
        let (patient, now) = (query.patient.uuid, Date())
        let owner = PatientRow.later(query.patient, in: tx)
        let found = tx.later(
            """
            SELECT id, version, body FROM resource
            WHERE patient = \(patient) AND type = 'ServiceRequest' AND NOT deleted AND status IS DISTINCT FROM 'entered-in-error'
                \(actor.granted.shown)
            ORDER BY status IN ('draft', 'active', 'on-hold') DESC, d_lo DESC, id DESC LIMIT \(Self.ordersShown)
            """)
        let answers = try await tx.last(
            """
            SELECT o.id, r.id FROM resource o JOIN (
                SELECT id, refs FROM resource WHERE patient = \(patient) AND type = 'Observation' AND NOT deleted
                    AND status IS DISTINCT FROM 'entered-in-error' \(actor.granted.shown)) r ON r.refs @> ARRAY[o.id]
            WHERE o.patient = \(patient) AND o.type = 'ServiceRequest' AND NOT o.deleted ORDER BY r.id
            """, as: UUID.self, UUID.self)
        guard let owner = try PatientRow.all(owner).first else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: patient)
        let results = Dictionary(grouping: answers, by: \.0)
        let lines = try found.all(as: UUID.self, Int.self, [UInt8].self).map { id, version, body in
            OrderLine(
                try cipher.resource(body, row: id), ID(id), version: version, results: results[id, default: []].map { ID($0.1) }, at: now)
        }
        return .done(Orders(patient: owner, orders: lines.filter(\.overdue) + lines.filter { !$0.overdue }, asOf: now))
    }
}
