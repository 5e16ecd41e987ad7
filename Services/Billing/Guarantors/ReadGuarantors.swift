internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let linesAtMost = 50

@Sendable func readGuarantors(_ query: ReadGuarantors, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadGuarantors> {
    let current = Payer.later(of: query.patient, in: tx)
    let rows = tx.later(
        """
        SELECT id, relationship, person, name, address, reason, valid_from::text, made_at, made_by, count(*) OVER () FROM guarantor
        WHERE patient = \(query.patient.uuid) ORDER BY made_at DESC, id DESC LIMIT \(linesAtMost)
        """)
    try await tx.end()
    let lines = try rows.all(
        as: UUID.self, String.self, UUID?.self, String?.self, String?.self, String.self, String.self, Date.self, UUID?.self, Int.self)
    let history = lines.compactMap { line in
        GuarantorRelationship(rawValue: line.1).flatMap { relationship in
            GuarantorReason(rawValue: line.5).map { reason in
                GuarantorLine(
                    guarantor: ID(line.0), relationship: relationship, person: line.2.map { ID($0) }, name: line.3, address: line.4,
                    reason: reason, from: line.6, made: line.7, by: line.8.map { ID($0) })
            }
        }
    }
    return .done(
        Guarantors(current: try Payer.current(current).map { ID($0.guarantor) }, history: history, total: lines.first?.9 ?? 0, asOf: Date()))
}
