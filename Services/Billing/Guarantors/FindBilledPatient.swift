internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

@Sendable func findBilledPatient(_ query: FindBilledPatient, _ actor: Actor, _ tx: Transaction) async throws -> Answer<FindBilledPatient> {
    let found = try await tx.first(
        "SELECT b.patient FROM (\(Payer.bills)) b WHERE b.bill = \(query.bill) AND b.payer = \(query.patient.uuid)", as: UUID.self)
    return .done(BilledPatient(patient: found.map { ID($0) }))
}
