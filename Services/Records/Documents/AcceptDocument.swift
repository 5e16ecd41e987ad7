internal import Access
internal import Contracts
internal import Postgres

extension RecordStore {
    /// What a patient sent becomes part of the record, and leaves the worklist.
    @Sendable func acceptDocument(_ command: AcceptDocument, actor: Actor, tx: Transaction) async throws -> Answer<AcceptDocument> {
        switch try await change(command.document, of: command.patient, .accept, seen: command.version, by: actor, in: tx) {
        case .failure(let no): return .refused(no.why)
        case .success(let change):
            let kept = try change.write(change.document.accepted(by: actor.practitioner), command.document)
            try await endReview(of: command.document, "completed", change.writer)
            return .done(kept)
        }
    }
}
