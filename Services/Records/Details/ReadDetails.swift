internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let requestsShown = 20

    /// What is on file, read out of the sealed resource, and what became of the patient's requests.
    @Sendable func readDetails(_ query: ReadDetails, actor: Actor, tx: Transaction) async throws -> Answer<ReadDetails> {
        let patient = query.patient.uuid
        try sealer.refuseDestroyed(patient)
        let owner = PatientRow.later(query.patient, in: tx)
        let tasks = tx.later(DetailTask.rows(of: query.patient))
        let row = try await tx.first("SELECT body FROM resource WHERE type = 'Patient' AND id = \(patient) AND NOT deleted", as: [UInt8].self)
        guard let owner = try PatientRow.all(owner).first, let row else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: patient)
        let requests = try DetailTask.all(tasks, cipher).sorted { $0.asked > $1.asked }.prefix(Self.requestsShown).map(\.request)
        return .done(
            Details(patient: owner, details: PatientDetails(try cipher.resource(row, row: patient)).all, requests: requests, asOf: Date()))
    }
}
