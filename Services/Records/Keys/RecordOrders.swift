internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing
internal import ServiceHost

extension RecordStore {
    private enum Kind: String { case hold, release, destroy }

    @Sendable func holdRecord(_ command: HoldRecord, actor: Actor, tx: Transaction) async throws -> Answer<HoldRecord> {
        let no = try await order(.hold, command.order, command.patient, command.reason, actor, tx)
        return no.map { .refused($0) } ?? .done(Done())
    }

    @Sendable func releaseRecord(_ command: ReleaseRecord, actor: Actor, tx: Transaction) async throws -> Answer<ReleaseRecord> {
        let no = try await order(.release, command.order, command.patient, command.reason, actor, tx)
        return no.map { .refused($0) } ?? .done(Done())
    }

    @Sendable func destroyRecord(_ command: DestroyRecord, actor: Actor, tx: Transaction) async throws -> Answer<DestroyRecord> {
        let no = try await order(.destroy, command.order, command.patient, command.reason, confirmation: command.confirmation, actor, tx)
        return no.map { .refused($0) } ?? .done(Done())
    }

    /// Notes what is to be done, together with its audit entry; `carryOut` does it.
    private func order(
        _ kind: Kind, _ id: ID<RecordOrder>, _ patient: ID<Patient>, _ reason: String, confirmation: String? = nil, _ actor: Actor, _ tx: Transaction
    ) async throws -> RecordOrderRefusal? {
        let reason = reason.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (3...500).contains(reason.count) else { return .reasonMissing }
        Self.lockOrders(tx)
        let known = try await tx.first(
            """
            SELECT name, destroyed_at IS NOT NULL, (SELECT kind FROM record_order o
                WHERE o.patient = p.id AND o.outcome IS DISTINCT FROM 'held' ORDER BY at DESC, id DESC LIMIT 1)
            FROM patient p WHERE id = \(patient.uuid)
            """, as: String.self, Bool.self, String?.self)
        guard let (name, isGone, last) = known else { return .notFound }
        guard !isGone, last != Kind.destroy.rawValue, sealer.store.destroyed(patient.uuid) == nil else { return .destroyed }
        let isHeld = last == Kind.hold.rawValue || sealer.store.isHeld(patient.uuid)
        switch kind {
        case .hold: break
        case .release: guard isHeld else { return .notHeld }
        case .destroy:
            guard !isHeld || Fault.holdsAreIgnored.isOn else { return .held }
            guard Self.words(confirmation ?? "") == Self.words(name) else { return .notConfirmed }
        }
        let sealed = try sealer.cipher(for: Sealer.nobody, making: true).seal(Array(reason.utf8), at: Place("record_order", "reason", row: id.uuid))
        tx.queue(
            """
            INSERT INTO record_order (id, patient, kind, reason, at, ordered_by)
            VALUES (\(id.uuid), \(patient.uuid), \(kind.rawValue), \(sealed), now(), \(actor.principal))
            """)
        return nil
    }

    private static func words(_ name: String) -> [String] { name.lowercased().split(whereSeparator: \.isWhitespace).map(String.init) }

    /// Orders are taken and carried out one after the other: a hold that comes before a destruction is one.
    private static func lockOrders(_ tx: Transaction) { tx.queue("SELECT pg_advisory_xact_lock(hashtextextended('records/orders', 0))") }

    @Sendable func readRecordOrders(_ query: ReadRecordOrders, actor: Actor, tx: Transaction) async throws -> Answer<ReadRecordOrders> {
        let patient = query.patient?.uuid
        let rows = try await tx.all(
            """
            SELECT id, patient, kind, reason, at, carried_out_at, outcome FROM record_order
            WHERE \(patient == nil) OR patient = \(patient) ORDER BY at DESC, id DESC LIMIT 200
            """, as: UUID.self, UUID.self, String.self, [UInt8].self, Date.self, Date?.self, String?.self)
        guard !rows.isEmpty else { return .done(RecordOrders(orders: [])) }
        let cipher = try sealer.cipher(for: Sealer.nobody)
        return .done(
            RecordOrders(
                orders: try rows.map { id, patient, kind, reason, at, carriedOut, outcome in
                    let words = try cipher.open(reason, at: Place("record_order", "reason", row: id))
                    return RecordOrders.Line(
                        order: ID(id), patient: ID(patient), kind: kind, reason: String(decoding: words, as: UTF8.self), at: at,
                        carriedOut: carriedOut, outcome: outcome)
                }))
    }

    /// Carries orders out as they come, and looks now and then whether what was destroyed has come back.
    func keepOrders(of service: Service) async throws {
        var looks = 0
        while true {
            if looks % 300 == 0 { try await service.transaction { tx in try await self.keepDestroyed(in: tx) } }
            looks += 1
            try await service.transaction { tx in try await self.carryOut(in: tx) }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// Does in the key store what was ordered. Killed in the middle it is done again: nothing changes by that.
    func carryOut(in tx: Transaction) async throws {
        Self.lockOrders(tx)
        let orders = try await tx.all(
            "SELECT id, patient, kind, at FROM record_order WHERE carried_out_at IS NULL ORDER BY at, id LIMIT 50", as: UUID.self, UUID.self,
            String.self, Date.self)
        for (id, patient, kind, at) in orders {
            var outcome = "done"
            do {
                switch Kind(rawValue: kind) {
                case .hold: try sealer.store.hold(patient)
                case .release: try sealer.store.release(patient)
                case .destroy:
                    try sealer.store.destroy(patient, at: at)
                    Self.forget(patient, destroyed: at, in: tx)
                case nil: continue
                }
            } catch {
                guard error == .held || error.isOfDestroyed else { throw error }
                outcome = error == .held ? "held" : "destroyed"
            }
            tx.queue("UPDATE record_order SET carried_out_at = now(), outcome = \(outcome) WHERE id = \(id)")
        }
    }

    /// After a restore: a database from before a destruction does not know of it, nor does a key store from before it.
    func keepDestroyed(in tx: Transaction) async throws {
        Self.lockOrders(tx)
        let ordered = try await tx.all(
            "SELECT patient, at FROM record_order WHERE kind = 'destroy' AND outcome = 'done'", as: UUID.self, Date.self)
        for (patient, at) in ordered where sealer.store.destroyed(patient) == nil {
            // It was carried out, so there was no hold any more: one that came back with an older store is over.
            try sealer.store.release(patient)
            try sealer.store.destroy(patient, at: at)
        }
        let destroyed = sealer.store.destroyed()
        let known = try await tx.all("SELECT id FROM patient WHERE id = ANY(\(destroyed)) AND destroyed_at IS NULL", as: UUID.self)
        for patient in known { Self.forget(patient, destroyed: sealer.store.destroyed(patient) ?? Date(), in: tx) }
    }

    /// What stands in clear goes too: who it was, and what the record was searched by. The text stays where it is, and is noise.
    private static func forget(_ patient: UUID, destroyed: Date, in tx: Transaction) {
        tx.queue("DELETE FROM patient_name WHERE patient = \(patient)")
        tx.queue("DELETE FROM note_draft WHERE patient = \(patient)")
        tx.queue("DELETE FROM upload_part WHERE patient = \(patient)")
        tx.queue("DELETE FROM document_file WHERE patient = \(patient)")
        tx.queue("DELETE FROM document_upload WHERE patient = \(patient)")
        tx.queue("DELETE FROM document_share WHERE patient = \(patient)")
        tx.queue("DELETE FROM open_order WHERE patient = \(patient)")
        tx.queue("DELETE FROM result_review WHERE patient = \(patient)")
        tx.queue("DELETE FROM result_acknowledgement WHERE patient = \(patient)")
        tx.queue("DELETE FROM result_release WHERE patient = \(patient)")
        tx.queue("DELETE FROM held_result WHERE patient = \(patient)")
        tx.queue("DELETE FROM last_look WHERE patient = \(patient)")
        tx.queue(
            """
            UPDATE patient SET name = '—', family = '—', given = '', birth_date = NULL, gender = NULL, mrn = NULL, phone = NULL, language = NULL,
                destroyed_at = \(destroyed) WHERE id = \(patient)
            """)
        tx.queue(
            """
            UPDATE resource SET deleted = true, status = NULL, code = NULL, d_lo = NULL, d_hi = NULL, num = NULL, unit = NULL, encounter = NULL,
                category = '{}', tokens = '{}', refs = '{}' WHERE patient = \(patient) AND NOT deleted
            """)
    }
}
