internal import Access
internal import Contracts
internal import Postgres

extension RecordStore {
    /// Ends a share before its time.
    @Sendable func withdrawDocumentShare(
        _ command: WithdrawDocumentShare, actor: Actor, tx: Transaction
    ) async throws -> Answer<WithdrawDocumentShare> {
        let withdrawn = try await tx.first(
            """
            UPDATE document_share SET withdrawn_at = now()
            WHERE id = \(command.share.uuid) AND patient = \(command.patient.uuid) AND withdrawn_at IS NULL AND until > now() RETURNING true
            """, as: Bool.self)
        return withdrawn == nil ? .refused(.notFound) : .done(Done())
    }
}
