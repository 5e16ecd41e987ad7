internal import Access
internal import Contracts
internal import Postgres

extension RecordStore {
    /// A document stays in the list as superseded; the newer one, where it is here, says which it replaces.
    @Sendable func supersedeDocument(_ command: SupersedeDocument, actor: Actor, tx: Transaction) async throws -> Answer<SupersedeDocument> {
        var check = EntryCheck()
        check.why("reason", command.reason)
        if command.by == command.document { check.problems.append(EntryProblem("by", .notPossible)) }
        guard check.problems.isEmpty else { return .refused(.invalid(problems: check.problems)) }
        switch try await change(command.document, of: command.patient, .supersede, seen: command.version, by: actor, in: tx) {
        case .failure(let no): return .refused(no.why)
        case .success(let change):
            if let by = command.by {
                // What is superseded itself, or in error, replaces nothing.
                guard case .success(let newer) = try await self.change(by, of: command.patient, .supersede, seen: nil, by: actor, in: tx) else {
                    return .refused(.invalid(problems: [EntryProblem("by", .notPossible)]))
                }
                _ = try newer.write(newer.document.replacing(command.document), by)
            }
            let kept = try change.write(change.document.ended("superseded", because: command.reason), command.document)
            try await endReview(of: command.document, "cancelled", change.writer)
            return .done(kept)
        }
    }
}
