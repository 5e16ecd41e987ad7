internal import Access
internal import Contracts
internal import FHIR
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Lines of a page of either list.
    static let loopsShown = 20
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
        let treated = TreatedPatients(try reading.facts(), by: actor)
        // An import that closes an order leaves its row in open_order.
        let open = Array(OrderResource.open)
        let ordersFound: SQL = """
            FROM open_order d JOIN resource o ON o.type = 'ServiceRequest' AND o.id = d.id \(treated.join("o"))
            WHERE d.due_at < \(now) AND o.status = ANY(\(open)) AND NOT o.deleted AND \(PracticePatients.excluded("o.patient"))
            """
        let resultsFound: SQL = """
            FROM result_review w JOIN resource o ON o.type = 'Observation' AND o.id = w.result \(treated.join("o"))
            LEFT JOIN result_acknowledgement a ON a.result = w.result AND a.account = \(account) AND a.outdated
            LEFT JOIN resource_version v ON v.id = a.result AND v.version = a.version
            LEFT JOIN held_result h ON h.resource = w.result AND h.released_at IS NULL
            WHERE NOT o.deleted AND (a.outdated OR \(waits)) AND \(PracticePatients.excluded("o.patient"))
            """
        let (orderCount, resultCount) = (tx.later("SELECT count(*) \(ordersFound)"), tx.later("SELECT count(*) \(resultsFound)"))
        try await tx.flush()
        let ordersPage = PageOfList(query.overduePage, of: try orderCount.first(as: Int.self) ?? 0, size: Self.loopsShown)
        let resultsPage = PageOfList(query.resultsPage, of: try resultCount.first(as: Int.self) ?? 0, size: Self.loopsShown)
        let orders = tx.later(
            """
            SELECT o.patient, o.id, o.version, o.body \(ordersFound) ORDER BY d.due_at, d.id \(ordersPage.rows(Self.loopsShown))
            """)
        let results = tx.later(
            """
            SELECT o.patient, o.id, o.version, o.body, w.since, coalesce(w.orderer = \(me), false), v.body, h.held_at
            \(resultsFound)
            ORDER BY a.outdated IS NULL, w.since, w.result \(resultsPage.rows(Self.loopsShown))
            """)
        try await tx.flush()
        let orderRows = try orders.all(as: UUID.self, UUID.self, Int.self, [UInt8].self)
        let resultRows = try results.all(as: UUID.self, UUID.self, Int.self, [UInt8].self, Date.self, Bool.self, [UInt8]?.self, Date?.self)
        let shown = Array(Set(orderRows.map(\.0) + resultRows.map(\.0)))
        let people = try await PatientRow.last("SELECT \(PatientRow.columns) FROM patient WHERE id = ANY(\(shown))", in: tx)
        let named = Dictionary(people.map { ($0.id.uuid, $0) }, uniquingKeysWith: { first, _ in first })
        let overdue = try orderRows.compactMap { patient, id, version, body in
            try named[patient].map { summary in
                let text = try sealer.cipher(for: patient).resource(body, row: id)
                return OverdueOrder(patient: summary, order: OrderLine(text, ID(id), version: version, at: now))
            }
        }
        let waiting = try resultRows.compactMap { patient, id, version, body, since, isMine, seen, held in
            try named[patient].map { summary in
                let cipher = try sealer.cipher(for: patient)
                let text = try cipher.resource(body, row: id)
                var line = ResultLine(ResultEntry(text), id: ID(id))
                if let seen {
                    line.previousValue = ResultResource.firstValue(try cipher.resource(seen, row: id, of: "resource_version"), unlike: text)
                }
                return WaitingResult(
                    patient: summary, result: line, version: version, since: since, why: seen != nil ? .changed : isMine ? .ordered : .unanswered,
                    heldSince: held)
            }
        }
        return .done(OpenLoops(overdue: overdue, results: waiting, asOf: now, overduePage: ordersPage, resultsPage: resultsPage))
    }
}

extension PageOfList {
    /// `LIMIT … OFFSET …`
    func rows(_ size: Int) -> SQL { "LIMIT \(size) OFFSET \((page - 1) * size)" }
}
