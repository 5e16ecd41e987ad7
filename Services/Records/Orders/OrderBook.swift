internal import Access
internal import Contracts
internal import FHIR
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

/// A patient's orders and their results, opened for a change: until the transaction ends nobody else changes any of them.
struct OrderBook {
    struct Stored {
        let version: Int
        let resource: JSONNode

        var status: String { resource.string("status") ?? "unknown" }
    }

    let writer: EntryWriter
    private var tx: Transaction { writer.tx }

    /// - Returns: nil when there is no such patient.
    static func open(_ patient: ID<Patient>, by actor: Actor, in store: RecordStore, _ tx: Transaction) async throws -> OrderBook? {
        let owner = PatientRow.later(patient, in: tx)
        EntryList.lock("ServiceRequest", of: patient, in: tx)
        try await tx.flush()
        guard try !PatientRow.all(owner).isEmpty else { return nil }
        let cipher = try store.sealer.cipher(for: patient.uuid, making: true)
        return OrderBook(writer: EntryWriter(store: store, patient: patient, cipher: cipher, actor: actor, tx: tx, now: Date()))
    }

    /// - Returns: nil when there is none of this patient's that the writer may see.
    func stored(_ type: String, _ id: ID<Resource>) async throws -> Stored? {
        let row = try await tx.first(
            """
            SELECT version, body FROM resource
            WHERE type = \(type) AND id = \(id.uuid) AND patient = \(writer.patient.uuid) AND NOT deleted \(writer.actor.granted.shown)
            """, as: Int.self, [UInt8].self)
        return try row.map { Stored(version: $0.0, resource: try writer.cipher.resource($0.1, row: id.uuid)) }
    }

    /// Writes an order, and keeps track of whether it waits for something.
    func write(order: JSONValue, _ id: ID<Resource>, version: Int, status: String, due: String?) throws {
        try writer.write(order, "ServiceRequest", id, version: version)
        if ["completed", "revoked", "entered-in-error"].contains(status) {
            try tx.emit(OrderEnded(patient: writer.patient, order: id, version: version))
        }
        guard OrderResource.open.contains(status), let due = OrderResource.dayIsOver(due) else {
            return tx.queue("DELETE FROM open_order WHERE id = \(id.uuid)")
        }
        tx.queue(
            """
            INSERT INTO open_order (id, patient, due_at) VALUES (\(id.uuid), \(writer.patient.uuid), \(due)) ON CONFLICT (id) DO NOTHING
            """)
    }

    /// A result was written, or changed: whoever ordered it has to see it, and so has whoever saw what it said before. An answer that has been waited
    /// for is waited for from when it should have come first.
    func review(_ result: ID<Resource>, version: Int, orderedBy orderer: ID<Practitioner>?, abnormal: Bool) {
        tx.queue(
            """
            INSERT INTO result_review (result, patient, orderer, escalates, since)
            VALUES (\(result.uuid), \(writer.patient.uuid), \(orderer?.uuid), \(abnormal), \(writer.now))
            ON CONFLICT (result) DO UPDATE SET
                escalates = excluded.escalates OR EXISTS (SELECT FROM result_acknowledgement a WHERE a.result = excluded.result),
                since = CASE WHEN result_review.escalates AND NOT result_review.acknowledged THEN result_review.since ELSE excluded.since END,
                acknowledged = false
            """)
        guard !Fault.seenIsSeen.isOn else { return }
        // The newest of each: versions that asked nobody again (a comment, an amendment) may lie between.
        tx.queue(
            """
            UPDATE result_acknowledgement a SET outdated = true
            WHERE a.result = \(result.uuid) AND a.version < \(version) AND NOT EXISTS (
                SELECT FROM result_acknowledgement b WHERE b.result = a.result AND b.account = a.account AND b.version > a.version)
            """)
    }
}
