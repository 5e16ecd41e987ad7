internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

/// What patients want to know about accesses to their record.
struct Questions: Sendable {
    static let longest = 2_000
    let sealer: Sealer
    let practice: PracticePatients

    init(sealer: Sealer, practice: PracticePatients = PracticePatients()) { (self.sealer, self.practice) = (sealer, practice) }

    /// One of the many parts that a document is sent in, and looked at before it is filed: that it was filed says as much.
    private static let onTheWay = [PutDocumentPart.name, ReadUpload.name]

    /// Newest first. What the asker did and what services did by themselves is left out, unless it is asked for.
    func readAccesses(_ query: ReadAccesses, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadAccesses> {
        let patient = query.patient.uuid
        let mine = actor.account?.uuid
        let counted = tx.later(
            """
            SELECT count(*) FROM access a
            WHERE a.patient = \(patient) AND (\(query.everything) OR a.role NOT IN ('worker', 'anonymous') AND a.account IS DISTINCT FROM \(mine)
                AND a.action <> ALL (\(Self.onTheWay)))
            """)
        let asked = tx.later(
            """
            SELECT q.id, q.body, q.asked_at, q.answer, q.answered_at, \(AccessRow.columns) FROM question q
            JOIN access a ON a.patient = q.patient AND a.service = q.service AND a.position = q.position
            WHERE q.patient = \(patient) ORDER BY q.asked_at DESC LIMIT 50
            """)
        let rows = try await tx.all(
            """
            SELECT \(AccessRow.columns) FROM access a
            WHERE a.patient = \(patient) AND (\(query.everything) OR a.role NOT IN ('worker', 'anonymous') AND a.account IS DISTINCT FROM \(mine)
                AND a.action <> ALL (\(Self.onTheWay)))
                AND (\(query.before == nil) OR (a.at, a.service, a.position) < (SELECT b.at, b.service, b.position FROM access b
                    WHERE b.patient = \(patient) AND b.service = \(query.before?.service) AND b.position = \(query.before?.position)))
                AND (\(query.only == nil) OR a.service = \(query.only?.service) AND a.position = \(query.only?.position))
            ORDER BY a.at DESC, a.service DESC, a.position DESC LIMIT \(Self.page + 1)
            """, as: String.self, Int.self, Date.self, String?.self, String.self, String.self, String?.self, String.self, String.self)
        let accesses = rows.prefix(Self.page).map { AccessRow($0).access }
        let questions = try asked.all(
            as: UUID.self, [UInt8].self, Date.self, [UInt8]?.self, Date?.self, String.self, Int.self, Date.self, String?.self, String.self,
            String.self, String?.self, String.self, String.self)
        return .done(
            Accesses(
                accesses: accesses, total: try counted.first(as: Int.self) ?? 0, next: rows.count > Self.page ? accesses.last?.place : nil,
                questions: try questions.map { row in
                    try question(
                        row.0, query.patient, row.1, row.2, row.3, row.4,
                        AccessRow((row.5, row.6, row.7, row.8, row.9, row.10, row.11, row.12, row.13)).access)
                }))
    }

    private static let page = 200

    func question(
        _ id: UUID, _ patient: ID<Patient>, _ body: [UInt8], _ asked: Date, _ answer: [UInt8]?, _ answered: Date?, _ access: RecordAccess
    ) throws -> AccessQuestion {
        // Its text is gone with the patient's key.
        let cipher = try? sealer.cipher(for: patient.uuid)
        func open(_ sealed: [UInt8]?, _ column: StaticString) -> String? {
            sealed.flatMap { try? cipher?.open($0, at: Place("question", column, row: id)) }.map { String(decoding: $0, as: UTF8.self) }
        }
        return AccessQuestion(
            id: ID(id), patient: patient, access: access, text: open(body, "body") ?? "", asked: asked,
            answer: answer == nil ? nil : open(answer, "answer") ?? "", answered: answered)
    }
}

/// One access as it is read: with the name the person had then.
struct AccessRow {
    static let columns: SQL = """
        a.service, a.position, a.at, (
            SELECT p.name FROM person p WHERE p.account = a.account
            ORDER BY p.since <= a.at DESC, CASE WHEN p.since <= a.at THEN p.since END DESC, p.since LIMIT 1
        ), a.role, a.purpose, a.basis, a.action, a.outcome
        """

    let access: RecordAccess

    init(_ row: (String, Int, Date, String?, String, String, String?, String, String)) {
        access = RecordAccess(
            place: TrailPlace(service: row.0, position: row.1), at: row.2, name: row.3, role: row.4, purpose: row.5, basis: row.6, action: row.7,
            outcome: row.8)
    }
}
