internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let readingsShown = 50

    /// What the patient measured at home, newest first, and the zone they live in.
    @Sendable func readHomeReadings(_ query: ReadHomeReadings, actor: Actor, tx: Transaction) async throws -> Answer<ReadHomeReadings> {
        let id = query.patient.uuid
        try sealer.refuseDestroyed(id)
        let owner = PatientRow.later(query.patient, in: tx)
        let person = tx.later("SELECT body FROM resource WHERE type = 'Patient' AND id = \(id) AND NOT deleted")
        let which: SQL = """
            FROM resource WHERE patient = \(id) AND type = 'Observation' AND category @> '{patient-reported}' AND NOT deleted \(actor.granted.shown)
                AND status IS DISTINCT FROM 'entered-in-error'
            """
        let count = tx.later("SELECT count(*) \(which)")
        let rows = try await tx.last(
            "SELECT id, body \(which) ORDER BY d_lo DESC, id DESC LIMIT \(Self.readingsShown)", as: UUID.self, [UInt8].self)
        guard let owner = try PatientRow.all(owner).first else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: id)
        let zone = try person.first(as: [UInt8].self).flatMap { PlaceEntry(try cipher.resource($0, row: id)).zone }
        return .done(
            HomeReadings(
                patient: owner, zone: zone, readings: try rows.map { ResultLine(ResultEntry(try cipher.resource($0.1, row: $0.0)), id: ID($0.0)) },
                total: try count.first(as: Int.self) ?? 0, asOf: Date()))
    }
}
