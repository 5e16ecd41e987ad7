internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

extension RecordStore {
    /// Closes a review, once.
    @Sendable func reviewBrokenGlass(_ command: ReviewBrokenGlass, actor: Actor, tx: Transaction) async throws -> Answer<ReviewBrokenGlass> {
        let id = command.id.uuid
        let known = try await tx.first("SELECT account, finding FROM broken_glass WHERE id = \(id)", as: UUID.self, String?.self)
        guard let (account, finding) = known else { return .refused(.notFound) }
        guard finding == nil else { return .refused(.alreadyReviewed) }
        guard actor.account?.uuid != account else { return .refused(.own) }
        let closed = try await tx.run(
            """
            UPDATE broken_glass SET finding = \(command.finding.rawValue), reviewed_at = now(), reviewed_by = \(actor.account?.uuid)
            WHERE id = \(id) AND finding IS NULL
            """)
        return closed == 1 ? .done(Done()) : .refused(.alreadyReviewed)
    }
}
