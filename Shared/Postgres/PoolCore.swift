internal import Faults
internal import Glibc
internal import PollLoop
internal import Synchronization

/// Numbers that are read from anywhere.
final class PoolCounters: Sendable {
    let transactions = Atomic(0)
    let roundTrips = Atomic(0)
    let waiting = Atomic(0)
    let open = Atomic(0)
    let connects = Atomic(0)
    let reachable = Atomic(false)
}

/// The pool itself. Everything here runs on the loop's thread; there are no locks.
final class PoolCore: ConnectionOwner, @unchecked Sendable {
    private let settings: PostgresSettings
    let loop: PollLoop
    let counters = PoolCounters()

    private var connections: [ObjectIdentifier: Connection] = [:]
    private var idle: [Connection] = []
    private var connecting = 0
    /// First come, first served. Answered ones stay in it until they come up.
    private var waiting: [Operation] = []
    private var firstWaiting = 0

    private var answers: [(Operation, Operation.Outcome)] = []

    private var failedConnects = 0
    private var lastFailure: DatabaseError?
    private var mayConnectAt: ContinuousClock.Instant?
    private var retry: PollLoop.Timer?
    private var sweep: (at: ContinuousClock.Instant, timer: PollLoop.Timer)?
    private var closing = false
    private var drain: PollLoop.Timer?
    private var whenClosed: [CheckedContinuation<Void, Never>] = []

    /// How much longer than the server's own timeout a caller waits for the server to say so.
    private static let answerMargin = Duration.seconds(2)
    /// A statement whose caller was cancelled may end by itself for this long; after that it is ended, and its connection closed.
    private static let grace = Duration.milliseconds(250)
    private static let drainTime = Duration.seconds(5)

    init(_ settings: PostgresSettings, loop: PollLoop) {
        self.settings = settings
        self.loop = loop
    }

    // MARK: Calls

    /// Hands `operation` to the loop and waits for its end. Called from any task.
    ///
    /// - Parameter inTurn: makes the hand-over, and may do before it what must keep the same order among callers.
    func perform(_ operation: Operation, inTurn: (_ submit: () -> Void) -> Void = { $0() }) async throws(DatabaseError) -> PostgresResult? {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                operation.continuation = continuation
                inTurn {
                    if case .statements(let statements) = operation.work, statements.isEmpty { return operation.answer(.success(nil)) }
                    if let refusal = operation.refusal { return operation.answer(.failure(refusal)) }
                    loop.run { [self] in submit(operation) }
                }
            }
        } onCancel: {
            loop.run { [self] in cancel(operation) }
        }
        return try outcome.get()
    }

    private func submit(_ operation: Operation) {
        if closing, operation.lease?.connection == nil {
            return operation.answer(.failure(DatabaseError(.unavailable, reason: "the pool is closed")))
        }
        if let lease = operation.lease {
            if let lost = lease.lost { return operation.answer(.failure(lost)) }
            if lease.ended { return operation.answer(.failure(DatabaseError(.other, reason: "the transaction has ended"))) }
            if let connection = lease.connection {
                if operation.isCancelled, operation.commit == .never { return operation.answer(.failure(DatabaseError(.cancelled))) }
                if connection.current == nil {
                    _ = start(operation, on: connection)
                } else {
                    lease.backlog.append(operation)
                }
                return
            }
        }
        if operation.isCancelled { return operation.answer(.failure(DatabaseError(.cancelled))) }
        while let connection = idle.popLast() {
            // Of a batch of events, the one that says it is dead may come later.
            guard connection.isOpen else { continue }
            if !start(operation, on: connection) { idle.append(connection) }
            return
        }
        guard counters.waiting.load(ordering: .relaxed) < settings.maximumWaiting else {
            return operation.answer(.failure(DatabaseError(.unavailable, reason: "too many callers wait for a connection")))
        }
        let limit = ContinuousClock.now + settings.waitTimeout
        let until = min(operation.deadline ?? limit, limit)
        operation.waitsUntil = until
        waiting.append(operation)
        counters.waiting.add(1, ordering: .relaxed)
        armSweep(until)
        grow()
    }

    /// - Returns: false when there is nothing to do any more; the connection is as free as before.
    private func start(_ operation: Operation, on connection: Connection) -> Bool {
        if operation.isCancelled, operation.isDone { return false }
        let now = ContinuousClock.now
        if let deadline = operation.deadline, deadline <= now {
            operation.answer(.failure(DatabaseError(.timeout, reason: "the deadline has passed")))
            return false
        }
        if let lease = operation.lease {
            lease.connection = connection
            connection.lease = lease
        }
        let limit = now + settings.statementTimeout + Self.answerMargin
        let until = min(operation.deadline ?? limit, limit)
        if !Fault.databaseSilenceBelieved.isOn {
            connection.busyUntil = until
            armSweep(until)
        }
        counters.roundTrips.add(1, ordering: .relaxed)
        connection.start(operation)
        return true
    }

    private func cancel(_ operation: Operation) {
        operation.isCancelled = true
        guard !operation.isDone else { return }
        if let connection = connections.values.first(where: { $0.current === operation }) {
            // What may commit is waited for: "cancelled" must mean that nothing has changed.
            guard operation.commit == .never else { return }
            operation.answer(.failure(DatabaseError(.cancelled)))
            let until = ContinuousClock.now + Self.grace
            connection.busyUntil = min(connection.busyUntil ?? until, until)
            armSweep(until)
        } else if operation.waitsUntil != nil {
            stopWaiting(operation, DatabaseError(.cancelled))
        } else if operation.commit == .never {
            operation.answer(.failure(DatabaseError(.cancelled)))
        }
    }

    private func stopWaiting(_ operation: Operation, _ error: DatabaseError) {
        operation.waitsUntil = nil
        counters.waiting.subtract(1, ordering: .relaxed)
        operation.answer(.failure(error))
    }

    private func nextWaiting() -> Operation? {
        while firstWaiting < waiting.count {
            let operation = waiting[firstWaiting]
            firstWaiting += 1
            if firstWaiting > 256, firstWaiting * 2 > waiting.count {
                waiting.removeFirst(firstWaiting)
                firstWaiting = 0
            }
            guard operation.waitsUntil != nil else { continue }
            operation.waitsUntil = nil
            counters.waiting.subtract(1, ordering: .relaxed)
            return operation
        }
        waiting.removeAll(keepingCapacity: true)
        firstWaiting = 0
        return nil
    }

    // MARK: Leases

    /// The transaction is over, by COMMIT or because its body gave up.
    func end(_ lease: Lease) {
        guard !lease.ended else { return }
        lease.ended = true
        for operation in lease.backlog { operation.answer(.failure(DatabaseError(.other, reason: "the transaction has ended"))) }
        lease.backlog = []
        guard let connection = lease.connection, connection.current == nil else { return }
        release(connection)
    }

    /// Gives the connection to whoever is next. It must be outside a transaction; settings of the last one must not reach the next.
    private func release(_ connection: Connection) {
        connection.lease?.connection = nil
        connection.lease = nil
        guard connection.isIdleOutsideTransaction else {
            guard connection.canRollBack else { return connection.close(DatabaseError(.unavailable, reason: "the connection was left busy")) }
            let rollback = Operation(.statements([Transaction.rollback]), lease: nil, commit: .never, deadline: nil)
            _ = start(rollback, on: connection)
            return
        }
        if closing { return connection.close(DatabaseError(.unavailable, reason: "the pool is closed")) }
        while let operation = nextWaiting() {
            if start(operation, on: connection) { return }
        }
        idle.append(connection)
    }

    // MARK: ConnectionOwner

    func ready(_ connection: Connection) {
        connecting -= 1
        failedConnects = 0
        lastFailure = nil
        mayConnectAt = nil
        counters.connects.add(1, ordering: .relaxed)
        counters.open.add(1, ordering: .relaxed)
        counters.reachable.store(true, ordering: .relaxed)
        release(connection)
    }

    func finished(_ operation: Operation, on connection: Connection) {
        let outcome = operation.outcome
        if let lease = connection.lease {
            if lease.ended {
                release(connection)
            } else {
                while !lease.backlog.isEmpty, !start(lease.backlog.removeFirst(), on: connection) {}
            }
        } else {
            release(connection)
        }
        answers.append((operation, outcome))
        if answers.count == 1 { loop.run { [self] in giveAnswers() } }
    }

    /// Answers together what arrived together: each answer alone would wake a thread of the cooperative pool that finds nothing more to do.
    private func giveAnswers() {
        for (operation, outcome) in answers { operation.answer(outcome) }
        answers.removeAll(keepingCapacity: true)
    }

    func lost(_ connection: Connection, _ error: DatabaseError) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        if let lease = connection.lease {
            lease.connection = nil
            lease.lost = error
            for operation in lease.backlog { operation.answer(.failure(error)) }
            lease.backlog = []
        }
        let wasConnecting = !connection.wasOpened
        if wasConnecting {
            connecting -= 1
            failedConnects += 1
            lastFailure = error
            counters.reachable.store(false, ordering: .relaxed)
            // Doubles from 50 ms to 2 s; spread, so that the processes of a machine do not come back in step.
            let base = min(2000, 50 << min(failedConnects - 1, 6))
            mayConnectAt = .now + .milliseconds(Int.random(in: base / 2...base))
        } else {
            counters.open.subtract(1, ordering: .relaxed)
            idle.removeAll { $0 === connection }
            if connections.isEmpty { counters.reachable.store(false, ordering: .relaxed) }
        }
        if closing {
            finishClosing()
        } else {
            grow()
        }
    }

    // MARK: Connecting

    /// Opens a connection for each caller that waits, up to the limit.
    private func grow() {
        guard !closing else { return }
        let wanted = counters.waiting.load(ordering: .relaxed)
        while connecting < wanted, connections.count < settings.maximumConnections {
            if let mayConnectAt {
                let now = ContinuousClock.now
                guard now >= mayConnectAt else {
                    armRetry(mayConnectAt - now)
                    return
                }
                // One try at a time until the server is back.
                guard connecting == 0 else { return }
            }
            let connection = Connection(settings, loop: loop, owner: self)
            connections[ObjectIdentifier(connection)] = connection
            connecting += 1
            connection.connect()
        }
    }

    private func armRetry(_ delay: Duration) {
        guard retry == nil else { return }
        retry = loop.after(delay) { [self] in
            retry = nil
            grow()
        }
    }

    // MARK: Deadlines

    /// One timer for all of them: at the earliest.
    private func armSweep(_ instant: ContinuousClock.Instant) {
        if let sweep {
            guard instant < sweep.at else { return }
            loop.cancel(sweep.timer)
        }
        let timer = loop.after(instant - .now) { [self] in
            sweep = nil
            enforceDeadlines()
        }
        sweep = (instant, timer)
    }

    private func enforceDeadlines() {
        let now = ContinuousClock.now
        var next: ContinuousClock.Instant?
        func later(_ instant: ContinuousClock.Instant) { next = min(next ?? instant, instant) }
        for operation in waiting[firstWaiting...] {
            guard let until = operation.waitsUntil else { continue }
            if until > now {
                later(until)
            } else if let lastFailure {
                stopWaiting(operation, lastFailure)
            } else {
                stopWaiting(operation, DatabaseError(.timeout, reason: "no connection became free in time"))
            }
        }
        // With the server away nobody comes to take them out one by one.
        waiting = waiting[firstWaiting...].filter { $0.waitsUntil != nil }
        firstWaiting = 0
        for connection in Array(connections.values) {
            guard let until = connection.busyUntil else { continue }
            if until > now {
                later(until)
            } else {
                connection.current.map { $0.answer($0.outcome(lost: DatabaseError(.timeout, reason: "the answer took too long"))) }
                connection.cancelAndClose(DatabaseError(.unavailable, reason: "the answer took too long"))
            }
        }
        if let next { armSweep(next) }
    }

    // MARK: Closing

    func close(_ continuation: CheckedContinuation<Void, Never>?) {
        if let continuation { whenClosed.append(continuation) }
        guard !closing else { return finishClosing() }
        closing = true
        let error = DatabaseError(.unavailable, reason: "the pool is closed")
        while let operation = nextWaiting() { operation.answer(.failure(error)) }
        for connection in Array(connections.values) where connection.lease == nil && connection.current == nil { connection.close(error) }
        // Transactions under way may end; not for ever.
        drain = loop.after(Self.drainTime) { [self] in
            for connection in Array(connections.values) { connection.cancelAndClose(error) }
        }
        finishClosing()
    }

    private func finishClosing() {
        guard connections.isEmpty else { return }
        counters.reachable.store(false, ordering: .relaxed)
        if let sweep { loop.cancel(sweep.timer) }
        sweep = nil
        if let retry { loop.cancel(retry) }
        retry = nil
        if let drain { loop.cancel(drain) }
        drain = nil
        for continuation in whenClosed { continuation.resume() }
        whenClosed = []
    }
}
