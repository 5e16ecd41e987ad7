internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// What can be asked, and of whom.
@Sendable func readRecipients(_ query: ReadRecipients, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadRecipients> {
    let purposes = tx.later(
        Promises.select("u.code, p.is_clinical,", wanted: "NULL::uuid", joining: "JOIN purpose u ON u.pool = p.code", "ORDER BY u.position"))
    let clinicians = tx.later(
        Promises.select(
            "c.practitioner,", wanted: "c.practitioner",
            joining: """
            CROSS JOIN (
                SELECT DISTINCT practitioner FROM care WHERE patient = \(query.patient.uuid) AND valid @> now() ORDER BY practitioner LIMIT 20) c
            """, "WHERE p.code = (SELECT min(code) FROM pool WHERE is_clinical) ORDER BY c.practitioner"))
    try await tx.end()
    let offered = try purposes.all(
        as: String.self, Bool.self, String.self, String?.self, Date.self, String?.self, UUID?.self, Date?.self, String?.self)
    let treating = try clinicians.all(as: UUID.self, String.self, String?.self, Date.self, String?.self, UUID?.self, Date?.self, String?.self)
    return .done(
        Recipients(
            purposes: try offered.compactMap { row in
                guard let purpose = ThreadPurpose(rawValue: row.0) else { return nil }
                let promise = try AnswerPromise((row.2, row.3, row.4, row.5, row.6, row.7, row.8))
                return Recipients.Purpose(purpose: purpose, promise: promise, isClinical: row.1)
            },
            clinicians: try treating.map { row in
                Recipients.Clinician(
                    practitioner: ID(row.0), promise: try AnswerPromise((row.1, row.2, row.3, row.4, row.5, row.6, row.7)))
            }))
}
