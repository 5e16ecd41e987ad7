internal import Faults

/// Statements that go out together and end at one sync point, and the caller that waits for the last one's answer.
final class Operation: @unchecked Sendable {  // built by its caller, then touched by the loop's thread alone
    typealias Outcome = Result<PostgresResult?, DatabaseError>

    enum Work {
        /// The answer is the last one's; what else is wanted, `wanted` says.
        case statements([SQL])
        /// Several statements in one text, through the simple protocol; no binds, no rows.
        case script(String)
    }

    /// When the work becomes permanent: decides what losing the connection means.
    enum Commit {
        /// It does not: a read, or a part of a transaction.
        case never
        /// With the last statement, a COMMIT.
        case byTag
        /// At the sync point: statements without BEGIN are one implicit transaction.
        case atSync
    }

    var work: Work
    let lease: Lease?
    let commit: Commit
    /// Inside BEGIN … COMMIT: the connection must still be in the transaction afterwards.
    let staysInTransaction: Bool
    /// The caller's; nil leaves the settings' bounds alone.
    let deadline: ContinuousClock.Instant?
    /// Statements, by their place, whose rows somebody looks at besides the last one's.
    var wanted: [Int: Later] = [:]

    /// Why this cannot be sent at all.
    var refusal: DatabaseError? {
        guard case .statements(let statements) = work else { return nil }
        for statement in statements {
            for case .refused(let state) in statement.binds.lazy.map(\.payload) {
                return DatabaseError(.other, sqlState: state, reason: "a value cannot be stored", statement: statement.text)
            }
            guard statement.binds.count <= 65535 else {
                return DatabaseError(.other, sqlState: SQLState.tooManyArguments, reason: "a statement has more than 65535 binds")
            }
        }
        return nil
    }

    var lastStatement: Int {
        if case .statements(let statements) = work { statements.count - 1 } else { 0 }
    }

    var continuation: CheckedContinuation<Outcome, Never>?
    /// Set once `submit` queued it: the end of the wait for a connection.
    var waitsUntil: ContinuousClock.Instant?
    var isCancelled = false
    /// Its caller has been answered, or nobody waits.
    var isDone: Bool { continuation == nil }
    var failure: DatabaseError?
    var result: PostgresResult?

    init(_ work: Work, lease: Lease?, commit: Commit, staysInTransaction: Bool = false, deadline: ContinuousClock.Instant?) {
        self.work = work
        self.lease = lease
        self.commit = commit
        self.staysInTransaction = staysInTransaction
        self.deadline = deadline
    }

    func answer(_ outcome: Outcome) {
        continuation?.resume(returning: outcome)
        continuation = nil
    }

    /// What the answers received so far amount to, once the sync point is reached.
    var outcome: Outcome {
        if let failure { return .failure(failure) }
        if commit == .byTag, result?.isCommitted != true, !Fault.commitTagIgnored.isOn {
            // PostgreSQL answers COMMIT in a failed transaction without an error, by the tag ROLLBACK.
            return .failure(DatabaseError(.other, sqlState: SQLState.failedTransaction, reason: "the transaction was rolled back"))
        }
        return .success(result)
    }

    /// What it means that the connection is gone before the sync point.
    func outcome(lost error: DatabaseError) -> Outcome {
        if let failure, failure.kind != .unavailable { return .failure(failure) }
        let error = failure ?? error
        switch commit {
        case .never: return .failure(error)
        case .byTag: return result?.isCommitted == true ? .success(result) : .failure(error.with(.outcomeUnknown))
        case .atSync: return .failure(error.with(.outcomeUnknown))
        }
    }
}

/// A connection kept for one transaction, from its first statement to its end.
final class Lease: @unchecked Sendable {  // touched by the loop's thread alone
    var connection: Connection?
    var ended = false
    /// Why the connection went away before the end.
    var lost: DatabaseError?
    /// Calls that arrived while another was under way.
    var backlog: [Operation] = []
}
