internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension Drafts {
    /// What the person of a session had typed; nobody else's.
    func readDraft(_ query: ReadDraft, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadDraft> {
        let session = try await OpenSession.findWhole(query.handle, at: query.audience, by: actor.issuer, in: tx)
        guard let session else { return .done(DraftReply()) }
        let row = try await tx.first(
            """
            SELECT id, body FROM draft
            WHERE account = \(session.account) AND audience = \(query.audience.rawValue) AND kept_at > now() - interval '12 hours'
            """, as: UUID.self, [UInt8].self)
        guard let (id, body) = row else { return .done(DraftReply()) }
        do { return .done(DraftReply(draft: try opened(body, of: session.patient, row: id))) } catch let error as SealingError {
            guard error.isOfDestroyed else { throw error }
            return .done(DraftReply())
        }
    }
}
