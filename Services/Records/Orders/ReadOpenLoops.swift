internal import Access
internal import Contracts
internal import FHIR
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Of each kind, the oldest: what is answered makes room for the next.
    private static let loopsShown = 50
    /// After this everybody who treats the patient is told.
    static let answeredWithin: TimeInterval = 48 * 3600

    /// What was not brought to an end, of those the asker treats: looked up when it is asked for, so that nothing has to run for it to come up.
    func readOpenLoops(_ query: ReadOpenLoops, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader) async throws -> Answer<ReadOpenLoops> {
        let now = Date()
        let (me, account, limit) = (actor.practitioner?.uuid, actor.account?.uuid, now.addingTimeInterval(-Self.answeredWithin))
        let waits: SQL = "NOT w.acknowledged AND (w.orderer = \(me) OR w.escalates AND w.since < \(limit) AND NOT \(Fault.nothingEscalates.isOn))"
        let patients: SQL = """
            SELECT patient FROM open_order WHERE due_at < \(now)
            UNION SELECT w.patient FROM result_review w WHERE \(waits)
            UNION SELECT patient FROM result_acknowledgement WHERE account = \(account) AND outdated
            """
        let reading = facts.read(of: patients, for: actor, in: tx)
        try await tx.flush()
        var granted: [UUID: Granted] = [:]
        for (patient, known) in try reading.facts() {
            if case .allow(let found) = actor.decide(on: .clinical, of: patient, known) { granted[patient.uuid] = found }
        }
        let treated = Array(granted.keys)
        let people = tx.later("SELECT \(PatientRow.columns) FROM patient WHERE id = ANY(\(treated))")
        let orders = tx.later(
            """
            SELECT o.patient, o.id, o.version, o.sensitivity, o.body FROM open_order d JOIN resource o ON o.type = 'ServiceRequest' AND o.id = d.id
            WHERE d.due_at < \(now) AND d.patient = ANY(\(treated)) AND NOT o.deleted ORDER BY d.due_at, d.id LIMIT \(Self.loopsShown)
            """)
        let results = try await tx.last(
            """
            SELECT w.patient, w.result, o.version, o.sensitivity, o.body, w.since, coalesce(w.orderer = \(me), false), v.body
            FROM result_review w JOIN resource o ON o.type = 'Observation' AND o.id = w.result
            LEFT JOIN result_acknowledgement a ON a.result = w.result AND a.account = \(account) AND a.outdated
            LEFT JOIN resource_version v ON v.id = a.result AND v.version = a.version
            WHERE w.patient = ANY(\(treated)) AND NOT o.deleted AND (a.outdated OR \(waits))
            ORDER BY a.outdated IS NULL, w.since, w.result LIMIT \(Self.loopsShown)
            """, as: UUID.self, UUID.self, Int.self, Int.self, [UInt8].self, Date.self, Bool.self, [UInt8]?.self)
        let named = Dictionary(try PatientRow.all(people).map { ($0.id.uuid, $0) }, uniquingKeysWith: { first, _ in first })
        func opened(_ patient: UUID, _ kinds: Int) throws -> (PatientSummary, PatientCipher)? {
            guard let summary = named[patient], granted[patient]?.withheld.isDisjoint(with: Sensitivity(rawValue: kinds)) == true else { return nil }
            return (summary, try sealer.cipher(for: patient))
        }
        let overdue = try orders.all(as: UUID.self, UUID.self, Int.self, Int.self, [UInt8].self).compactMap { patient, id, version, kinds, body in
            try opened(patient, kinds).map { summary, cipher in
                OverdueOrder(patient: summary, order: OrderLine(try cipher.resource(body, row: id), ID(id), version: version, at: now))
            }
        }
        let waiting = try results.compactMap { patient, id, version, kinds, body, since, isMine, seen in
            try opened(patient, kinds).map { summary, cipher in
                let text = try cipher.resource(body, row: id)
                var line = ResultLine(ResultEntry(text), id: ID(id))
                if let seen {
                    line.previousValue = ResultResource.firstValue(try cipher.resource(seen, row: id, of: "resource_version"), unlike: text)
                }
                return WaitingResult(
                    patient: summary, result: line, version: version, since: since, why: seen != nil ? .changed : isMine ? .ordered : .unanswered)
            }
        }
        return .done(OpenLoops(overdue: overdue, results: waiting, asOf: now))
    }
}
