internal import PollLoop
internal import Synchronization

/// Statements between BEGIN and COMMIT, on one connection. Use it from one task, inside the body it was given to.
public final class Transaction: Sendable {
    public enum Isolation: Sendable { case readCommitted, repeatableRead, serializable }

    static let rollback: SQL = "ROLLBACK"
    private static let commit: SQL = "COMMIT"

    private struct State {
        var queued: [SQL]
        /// Of the queued ones, by their place, those whose rows are wanted.
        var wanted: [Int: Later] = [:]
        var started = false
        /// COMMIT went out with the last statement.
        var isCommitted = false
        /// The first failure: what COMMIT's "rolled back" really means.
        var failure: DatabaseError?
    }

    private let core: PoolCore
    private let lease = Lease()
    private let deadline: ContinuousClock.Instant?
    private let openingCount: Int
    private let endsWithLast: Bool
    private let state: Mutex<State>

    init(
        _ core: PoolCore, opening: [SQL], isolation: Isolation, readOnly: Bool, endsWithLast: Bool, deadline: ContinuousClock.Instant?
    ) {
        self.core = core
        self.endsWithLast = endsWithLast
        self.deadline = deadline
        openingCount = opening.count + 1
        state = Mutex(State(queued: [Self.begin(isolation, readOnly: readOnly)] + opening))
    }

    private static func begin(_ isolation: Isolation, readOnly: Bool) -> SQL {
        switch (isolation, readOnly) {
        case (.readCommitted, false): "BEGIN"
        case (.readCommitted, true): "BEGIN READ ONLY"
        case (.repeatableRead, false): "BEGIN ISOLATION LEVEL REPEATABLE READ"
        case (.repeatableRead, true): "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        case (.serializable, false): "BEGIN ISOLATION LEVEL SERIALIZABLE"
        case (.serializable, true): "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY"
        }
    }

    /// Sends `sql` with the next statement that is waited for, or with COMMIT. If it fails, that call fails, with the constraint's name.
    public func queue(_ sql: SQL) { state.withLock { $0.queued.append(sql) } }

    /// The same for a statement whose rows are looked at once a later one has been waited for.
    public func later(_ sql: SQL) -> Later {
        let later = Later()
        state.withLock { state in
            state.wanted[state.queued.count] = later
            state.queued.append(sql)
        }
        return later
    }

    /// Sends what is queued, as the last of this transaction: where it was opened with `endsWithLast`, COMMIT goes with it, so that a query is one
    /// round trip. Returns once the commit is known.
    public func end() async throws(DatabaseError) {
        guard endsWithLast else { return try await flush() }
        try await commit()
        state.withLock { $0.isCommitted = true }
    }

    /// All rows of the last statement; see `end`.
    public func last<each T: PostgresDecodable>(_ sql: SQL, as types: repeat (each T).Type) async throws(DatabaseError) -> [(repeat each T)] {
        let rows = later(sql)
        try await end()
        return try rows.all(as: repeat each types)
    }

    /// - Returns: the number of rows the statement inserted, changed, deleted or returned.
    @discardableResult
    public func run(_ sql: SQL) async throws(DatabaseError) -> Int { try await perform(sql)?.affected ?? 0 }

    public func all<each T: PostgresDecodable>(_ sql: SQL, as types: repeat (each T).Type) async throws(DatabaseError) -> [(repeat each T)] {
        try await perform(sql)?.all(as: repeat each types) ?? []
    }

    /// The first row; nil when there is none.
    public func first<each T: PostgresDecodable>(_ sql: SQL, as types: repeat (each T).Type) async throws(DatabaseError) -> (repeat each T)? {
        try await perform(sql)?.first(as: repeat each types)
    }

    /// All rows of a statement with one column.
    public func all<T: PostgresDecodable>(_ sql: SQL, as type: T.Type) async throws(DatabaseError) -> [T] {
        try await perform(sql)?.column(as: type) ?? []
    }

    /// The first row of a statement with one column; nil when there is no row.
    public func first<T: PostgresDecodable>(_ sql: SQL, as type: T.Type) async throws(DatabaseError) -> T? {
        try await perform(sql)?.value(as: type)
    }

    /// Sends what is queued and waits for it.
    public func flush() async throws(DatabaseError) { _ = try await perform(nil) }

    private func perform(_ sql: SQL?) async throws(DatabaseError) -> PostgresResult? { try await perform(part(.statements([])), with: sql) }

    private func part(_ work: Operation.Work) -> Operation {
        Operation(work, lease: lease, commit: .never, staysInTransaction: true, deadline: deadline)
    }

    private func perform(_ operation: Operation, with sql: SQL?) async throws(DatabaseError) -> PostgresResult? {
        do {
            return try await send(operation, with: sql)
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
            throw error
        }
    }

    /// Fills `operation` with what is queued and sends it, in one step: of calls made at once, the one that carries BEGIN is the first to arrive.
    private func send(_ operation: Operation, with sql: SQL?) async throws(DatabaseError) -> PostgresResult? {
        try await core.perform(operation) { submit in
            state.withLock { state in
                if case .statements(var statements) = operation.work {
                    swap(&statements, &state.queued)
                    swap(&operation.wanted, &state.wanted)
                    if let sql { statements.append(sql) }
                    operation.work = .statements(statements)
                }
                state.started = true
                submit()
            }
        }
    }

    /// Several statements in one text. The text must not end the transaction.
    func script(_ text: String) async throws(DatabaseError) {
        try await flush()
        _ = try await perform(part(.script(text)), with: nil)
    }

    func commit() async throws(DatabaseError) {
        // Nothing was asked of the database: not even BEGIN has to go there.
        if state.withLock({ $0.isCommitted || !$0.started && $0.queued.count == openingCount }) { return }
        defer { abandon() }
        do {
            _ = try await send(Operation(.statements([]), lease: lease, commit: .byTag, deadline: deadline), with: Self.commit)
        } catch {
            // The body went on after a failure; that failure is the reason.
            if error.sqlState == SQLState.failedTransaction, let first = state.withLock({ $0.failure }) { throw first }
            throw error
        }
    }

    /// Ends the transaction; what is not committed is rolled back. Does not wait.
    func abandon() {
        core.loop.run { [core, lease] in core.end(lease) }
    }
}
