internal import Access
internal import Contracts
internal import FHIR
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

/// Results that come again and say something else: told as corrections that are made here are.
struct ImportedCorrections {
    struct Result {
        let id: ID<Resource>
        let patient: ID<Patient>
        /// The one that is written now.
        let version: Int
        let resource: JSONNode
        /// What it answers.
        let order: ID<Resource>?
    }

    let store: RecordStore
    let actor: Actor
    let tx: Transaction
    let now: Date

    /// Before anything is written: those that say something else than what somebody may have read here.
    func found(among results: [Result]) async throws -> [Result] {
        let results = results.filter { ResultResource.isResult($0.resource) }
        guard !results.isEmpty else { return [] }
        let ids = results.map(\.id.uuid)
        let rows = try await tx.all(
            "SELECT id, patient, body FROM resource WHERE type = 'Observation' AND id = ANY(\(ids)) AND NOT deleted", as: UUID.self, UUID.self,
            [UInt8].self)
        let known = Dictionary(uniqueKeysWithValues: rows.map { ($0.0, (patient: $0.1, body: $0.2)) })
        return try results.filter { result in
            // What was nobody's nobody has read.
            guard let (patient, body) = known[result.id.uuid], patient == result.patient.uuid else { return false }
            let before = try store.sealer.cipher(for: result.patient.uuid).resource(body, row: result.id.uuid)
            return ResultResource.isNews(result.resource, after: before)
        }
    }

    /// The patient is told, unless it is still held back from them, and who ordered a result is asked to see it again.
    func tell(of results: [Result]) async throws {
        for result in results {
            let cipher = try store.sealer.cipher(for: result.patient.uuid)
            let book = OrderBook(writer: EntryWriter(store: store, patient: result.patient, cipher: cipher, actor: actor, tx: tx, now: now))
            let order: OrderBook.Stored? = if let order = result.order { try await book.stored("ServiceRequest", order) } else { nil }
            book.review(
                result.id, version: result.version, orderedBy: ID(practitioner: order?.resource.reference("requester")),
                abnormal: ResultResource.isAbnormal(ResultEntry(result.resource)))
            let isHeld = try await ResultHold(tx: tx, patient: result.patient).holds(result.id)
            guard !isHeld, !Fault.correctionsAreSilent.isOn else { continue }
            try tx.emit(ResultAmended(patient: result.patient, result: result.id, version: result.version, at: now))
        }
    }
}
