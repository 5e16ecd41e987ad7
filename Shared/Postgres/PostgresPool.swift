public import PollLoop
internal import Synchronization

/// Connections to one database as one role. They are opened when needed, kept, and opened again when lost.
///
/// Every call waits for a free connection, in order of arrival, no longer than `waitTimeout` and its deadline. Nothing here blocks a thread.
public final class PostgresPool: Sendable {
    /// Counted since the pool was made; `waiting` and `connections` are as of now.
    public struct Statistics: Sendable, Equatable {
        public var transactions: Int
        public var roundTrips: Int
        /// Calls that wait for a connection.
        public var waiting: Int
        public var connections: Int
        public var connects: Int
    }

    private let core: PoolCore
    private let settings: PostgresSettings

    public init(_ settings: PostgresSettings, loop: PollLoop) {
        self.settings = settings
        core = PoolCore(settings, loop: loop)
    }

    deinit { core.loop.run { [core] in core.close(nil) } }

    /// Runs `body` between BEGIN and COMMIT.
    ///
    /// BEGIN and `opening` (`SET LOCAL ROLE`, `set_config(…, true)`) travel with the first statement. A body that throws rolls back. When a
    /// body has returned, this has committed or throws: `outcomeUnknown` says that the connection was lost while COMMIT was on its way.
    /// - Parameter endsWithLast: nothing follows what the body asks for by `Transaction.last`.
    public func transaction<R: Sendable>(
        _ opening: [SQL] = [], deadline: ContinuousClock.Instant? = nil, isolation: Transaction.Isolation = .readCommitted, readOnly: Bool = false,
        endsWithLast: Bool = false, _ body: @Sendable (Transaction) async throws -> R
    ) async throws -> R {
        core.counters.transactions.add(1, ordering: .relaxed)
        let transaction = Transaction(
            core, opening: opening, isolation: isolation, readOnly: readOnly, endsWithLast: endsWithLast, deadline: deadline)
        let value: R
        do {
            value = try await body(transaction)
        } catch {
            transaction.abandon()
            throw error
        }
        try await transaction.commit()
        return value
    }

    /// Runs the statements as one transaction in one round trip: all of them or none.
    public func run(_ statements: [SQL], deadline: ContinuousClock.Instant? = nil) async throws(DatabaseError) {
        guard !statements.isEmpty else { return }
        core.counters.transactions.add(1, ordering: .relaxed)
        _ = try await core.perform(Operation(.statements(statements), lease: nil, commit: .atSync, deadline: deadline))
    }

    /// One statement by itself. - Returns: the number of rows it inserted, changed, deleted or returned.
    @discardableResult
    public func run(_ sql: SQL, deadline: ContinuousClock.Instant? = nil) async throws(DatabaseError) -> Int {
        core.counters.transactions.add(1, ordering: .relaxed)
        return try await core.perform(Operation(.statements([sql]), lease: nil, commit: .atSync, deadline: deadline))?.affected ?? 0
    }

    /// All rows of one statement; a write begins with INSERT, UPDATE, DELETE or WITH, so that a lost answer is told as `outcomeUnknown`.
    /// `opening` goes ahead of it in the same round trip and the same implicit transaction, so `SET LOCAL` holds for it.
    public func all<each T: PostgresDecodable>(
        _ sql: SQL, opening: [SQL] = [], deadline: ContinuousClock.Instant? = nil, as types: repeat (each T).Type
    ) async throws(DatabaseError) -> [(repeat each T)] {
        try await perform(sql, opening, deadline)?.all(as: repeat each types) ?? []
    }

    /// The first row of one statement; nil when there is none.
    public func first<each T: PostgresDecodable>(
        _ sql: SQL, opening: [SQL] = [], deadline: ContinuousClock.Instant? = nil, as types: repeat (each T).Type
    ) async throws(DatabaseError) -> (repeat each T)? {
        try await perform(sql, opening, deadline)?.first(as: repeat each types)
    }

    /// All rows of a statement with one column.
    public func all<T: PostgresDecodable>(
        _ sql: SQL, opening: [SQL] = [], deadline: ContinuousClock.Instant? = nil, as type: T.Type
    ) async throws(DatabaseError) -> [T] {
        try await perform(sql, opening, deadline)?.column(as: type) ?? []
    }

    /// The first row of a statement with one column; nil when there is no row.
    public func first<T: PostgresDecodable>(
        _ sql: SQL, opening: [SQL] = [], deadline: ContinuousClock.Instant? = nil, as type: T.Type
    ) async throws(DatabaseError) -> T? {
        try await perform(sql, opening, deadline)?.value(as: type)
    }

    private func perform(_ sql: SQL, _ opening: [SQL], _ deadline: ContinuousClock.Instant?) async throws(DatabaseError) -> PostgresResult? {
        core.counters.transactions.add(1, ordering: .relaxed)
        // A lost SELECT has changed nothing; INSERT … RETURNING may have.
        let commit: Operation.Commit = sql.text.hasPrefix("SELECT") || sql.text.hasPrefix("SHOW") ? .never : .atSync
        return try await core.perform(Operation(.statements(opening + [sql]), lease: nil, commit: commit, deadline: deadline))
    }

    /// Where tasks that mostly talk to this pool run best: on its own thread, which costs them no switch. See `PollLoop.Tasks`.
    public var tasks: any TaskExecutor { core.loop.tasks }

    /// Whether the server answered when it was last needed. False before the first use: readiness asks `ping`.
    public var isReachable: Bool { core.counters.reachable.load(ordering: .relaxed) }

    /// Asks the server for a sign of life; at most 2 s.
    public func ping() async -> Bool {
        do throws(DatabaseError) {
            return try await first("SELECT 1", deadline: .now + .seconds(2), as: Int.self) == 1
        } catch {
            return false
        }
    }

    /// Lets running transactions end (5 s), refuses new ones, and closes every connection.
    public func close() async { await withCheckedContinuation { continuation in core.loop.run { [core] in core.close(continuation) } } }

    public var statistics: Statistics {
        let counters = core.counters
        return Statistics(
            transactions: counters.transactions.load(ordering: .relaxed), roundTrips: counters.roundTrips.load(ordering: .relaxed),
            waiting: counters.waiting.load(ordering: .relaxed), connections: counters.open.load(ordering: .relaxed),
            connects: counters.connects.load(ordering: .relaxed))
    }

    /// What is sent by `NOTIFY channel`, on a connection of its own that comes back by itself.
    ///
    /// Yields "" after each (re)connect and when the reader fell behind: what was sent meanwhile is lost, so look at the tables then.
    public func notifications(on channel: String) -> AsyncStream<String> {
        Listener.stream(on: channel, settings: settings, loop: core.loop)
    }
}
