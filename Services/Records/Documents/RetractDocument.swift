internal import Access
internal import Contracts
internal import Postgres

extension RecordStore {
    /// A document that was filed in error leaves every list and cannot be opened any more; each of its versions stays.
    @Sendable func retractDocument(_ command: RetractDocument, actor: Actor, tx: Transaction) async throws -> Answer<RetractDocument> {
        var check = EntryCheck()
        check.why("reason", command.reason)
        guard check.problems.isEmpty else { return .refused(.invalid(problems: check.problems)) }
        switch try await change(command.document, of: command.patient, .retract, seen: command.version, by: actor, in: tx) {
        case .failure(let no): return .refused(no.why)
        case .success(let change):
            let kept = try change.write(change.document.ended("entered-in-error", because: command.reason), command.document)
            try await endReview(of: command.document, "cancelled", change.writer)
            return .done(kept)
        }
    }
}
