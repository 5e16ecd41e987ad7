internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    private static let named = 50

    /// What it says, how many get it, and who does not. Of those whom its author may not know of only the number is told.
    @Sendable func readOutreach(_ query: ReadOutreach, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadOutreach> {
        let id = query.outreach.uuid
        let reasons = tx.later(
            "SELECT reason, count(*) FROM outreach_reader WHERE outreach = \(id) AND state = 'leftOut' GROUP BY reason ORDER BY reason")
        let leftOut = tx.later(
            """
            SELECT patient, reason FROM outreach_reader WHERE outreach = \(id) AND state = 'leftOut' AND reason <> 'notAllowed'
            ORDER BY reason, patient LIMIT \(Self.named) OFFSET \(min(max(query.page, 0), 1_000) * Self.named)
            """)
        guard let (line, body) = try await outreaches("WHERE o.id = \(id) AND \(Self.isSeen(by: actor))", for: actor, tx).first else {
            return .refused(.notFound)
        }
        return .done(
            OutreachView(
                line: line, text: opened(body, "body", ofOutreach: id),
                reasons: try reasons.all(as: String.self, Int.self).compactMap { code, count in
                    OutreachReason(rawValue: code).map { OutreachView.Count(reason: $0, count: count) }
                },
                leftOut: try leftOut.all(as: UUID.self, String.self).compactMap { patient, code in
                    OutreachReason(rawValue: code).map { OutreachView.LeftOut(patient: ID(patient), reason: $0) }
                }))
    }
}
