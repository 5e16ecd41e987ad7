internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let amendmentsShown = 20

    @Sendable func readAmendments(_ query: ReadAmendments, actor: Actor, tx: Transaction) async throws -> Answer<ReadAmendments> {
        try sealer.refuseDestroyed(query.patient.uuid)
        let owner = PatientRow.later(query.patient, in: tx)
        guard let amendments = try await amendments(of: query.patient, for: actor, in: tx), let owner = try PatientRow.all(owner).first else {
            return .refused(.notFound)
        }
        let newest = amendments.sorted { $0.asked > $1.asked }.prefix(Self.amendmentsShown)
        return .done(Amendments(patient: owner, amendments: Array(newest), total: amendments.count, asOf: Date()))
    }

    /// Those of one patient, each with its entry as it says now; nil when the record is destroyed.
    func amendments(of patient: ID<Patient>, for actor: Actor, in tx: Transaction) async throws -> [Amendment]? {
        let rows = tx.later(AmendmentTask.rows(actor, of: patient))
        try await tx.flush()
        guard let cipher = try sealer.readable(patient.uuid) else { return nil }
        let tasks = try AmendmentTask.all(rows, cipher)
        guard !tasks.isEmpty else { return [] }
        let ids = tasks.compactMap(\.entry?.uuid)
        let entries = try await tx.all(
            "SELECT type, id, body FROM resource WHERE patient = \(patient.uuid) AND id = ANY(\(ids)) AND NOT deleted \(actor.granted.shown)",
            as: String.self, UUID.self, [UInt8].self)
        let lines = try entries.map { RecordLine(try cipher.resource($0.2, row: $0.1), $0.0, ID($0.1)) }
        let known = Dictionary(lines.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return tasks.compactMap { task in task.entry.flatMap { known[$0] }.map { task.amendment(of: $0) } }
    }
}

extension Sealer {
    /// Nil when the record was destroyed.
    func readable(_ patient: UUID) throws -> PatientCipher? {
        do { return try cipher(for: patient) } catch {
            guard error.isOfDestroyed else { throw error }
            return nil
        }
    }
}
