internal import CPostgres
internal import Dispatch
internal import Glibc
internal import PollLoop
internal import TLS

/// What a connection tells its owner, on the loop's thread.
protocol ConnectionOwner: AnyObject {
    func ready(_ connection: Connection)
    func finished(_ operation: Operation, on connection: Connection)
    /// Also when connecting failed. An operation under way has been answered.
    func lost(_ connection: Connection, _ error: DatabaseError)
    func notified(_ payload: String, on connection: Connection)
}

extension ConnectionOwner {
    func notified(_ payload: String, on connection: Connection) {}
}

/// One libpq connection in pipeline mode. One operation at a time; everything here runs on the loop's thread.
final class Connection: @unchecked Sendable {
    private enum State { case connecting, open, closed }

    /// What the next results answer.
    private enum Step {
        case prepare(String)
        /// The statement's place.
        case execute(Int)
        case forget
    }

    private struct Prepared {
        let types: [Oid]
        let name: String
    }

    /// Texts a connection keeps prepared; then it starts afresh.
    static let maximumPrepared = 500

    private let settings: PostgresSettings
    private let loop: PollLoop
    private unowned let owner: any ConnectionOwner
    private var state = State.connecting
    private var handle: OpaquePointer?
    private var descriptor: Int32 = -1
    private var wantsToWrite = false
    private var connectTimer: PollLoop.Timer?
    private let certificate = CertificateCheck()

    private var prepared: [String: [Prepared]] = [:]
    private var preparedCount = 0
    private var named = 0
    private var mustForget = false
    private var parameters = ParameterBuffer()

    private(set) var current: Operation?
    private var steps: [Step] = []
    private var step = 0
    /// The last result was the NULL that ends a statement's results.
    private var sawEnd = false

    /// The owner's: who holds the connection, and when the operation under way has taken too long.
    var lease: Lease?
    var busyUntil: ContinuousClock.Instant?

    init(_ settings: PostgresSettings, loop: PollLoop, owner: any ConnectionOwner) {
        self.settings = settings
        self.loop = loop
        self.owner = owner
    }

    var isOpen: Bool { state == .open }
    /// Whether it ever got as far as `ready`.
    private(set) var wasOpened = false
    var isIdleOutsideTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE }
    var canRollBack: Bool { [PQTRANS_INTRANS, PQTRANS_INERROR].contains(PQtransactionStatus(handle)) }

    // MARK: Connecting

    func connect() {
        connectTimer = loop.after(settings.connectTimeout) { [self] in close(DatabaseError(.unavailable, reason: "connecting took too long")) }
        if settings.host.hasPrefix("/") || isAddress(settings.host) {
            begin([])
            return
        }
        // Name servers may take seconds; the loop has other connections to serve.
        DispatchQueue.global().async { [self] in
            let addresses = resolve(settings.host)
            loop.run { [self] in
                guard state == .connecting else { return }
                if addresses.isEmpty {
                    close(DatabaseError(.unavailable, reason: "the host's name is not known"))
                } else {
                    begin(addresses)
                }
            }
        }
    }

    private func begin(_ addresses: [String]) {
        let parameters = settings.parameters(addresses: addresses)
        let keywords = parameters.map { strdup($0.keyword) } + [nil]
        let values = parameters.map { strdup($0.value) } + [nil]
        defer { for text in keywords + values { free(text) } }
        handle = PQconnectStartParams(keywords.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)
        // Messages quote values. With this verbosity libpq keeps only the code.
        PQsetErrorVerbosity(handle, PQERRORS_SQLSTATE)
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard let handle, PQstatus(handle) != CONNECTION_BAD else { return refused() }
        rewatch(.write)
    }

    private func advance() {
        switch PQconnectPoll(handle) {
        case PGRES_POLLING_READING: rewatch(.read)
        case PGRES_POLLING_WRITING: rewatch(.write)
        case PGRES_POLLING_OK: opened()
        default: refused()
        }
    }

    /// libpq may have gone on to another address and another socket.
    private func rewatch(_ interest: PollLoop.Readiness) {
        let socket = PQsocket(handle)
        guard socket >= 0 else { return refused() }
        if descriptor >= 0, descriptor != socket { loop.unwatch(descriptor) }
        descriptor = socket
        // libpq has sent its greeting and waits: the server's certificate comes next.
        if state == .connecting, let session = PQsslStruct(handle, "OpenSSL") { certificate.watch(session: session) }
        loop.watch(socket, for: interest) { [self] in ready($0) }
    }

    private func opened() {
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { return refused() }
        if let connectTimer { loop.cancel(connectTimer) }
        state = .open
        wasOpened = true
        rewatch(.read)
        owner.ready(self)
    }

    private func refused() {
        let text = handle.map { String(cString: PQerrorMessage($0)) } ?? ""
        if settings.tls != nil, let fault = certificate.fault ?? TLSFault(libpq: text) {
            return close(DatabaseError(.unavailable, reason: fault.reason))
        }
        // "FATAL:  28P01": the verbosity above leaves the code at the end.
        let words = text.split(whereSeparator: \.isWhitespace)
        let code = words.last.map(String.init).flatMap { $0.utf8.count == 5 && words.dropLast().last?.hasSuffix(":") == true ? $0 : nil }
        close(DatabaseError(.unavailable, sqlState: code, reason: code == nil ? "cannot connect" : "the server refused the connection"))
    }

    // MARK: Sending

    func start(_ operation: Operation) {
        current = operation
        steps.removeAll(keepingCapacity: true)
        step = 0
        sawEnd = false
        let sent: Bool
        switch operation.work {
        case .script(let text): sent = PQexitPipelineMode(handle) == 1 && PQsendQuery(handle, text) == 1
        case .statements(let statements): sent = sendAll(statements) && PQpipelineSync(handle) == 1
        }
        guard sent else { return close(DatabaseError(.unavailable, sqlState: SQLState.connectionFailure, reason: "the statement could not be sent")) }
        flush()
    }

    private func sendAll(_ statements: [SQL]) -> Bool {
        if mustForget || preparedCount >= Self.maximumPrepared, isIdleOutsideTransaction {
            mustForget = false
            prepared.removeAll()
            preparedCount = 0
            steps.append(.forget)
            guard PQsendQueryParams(handle, "DEALLOCATE ALL", 0, nil, nil, nil, nil, 1) == 1 else { return false }
        }
        for (index, statement) in statements.enumerated() {
            guard send(statement, index) else { return false }
        }
        return true
    }

    private func send(_ sql: SQL, _ index: Int) -> Bool {
        parameters.load(sql.binds)
        let count = Int32(clamping: sql.binds.count)
        guard sql.isPrepared else {
            steps.append(.execute(index))
            return PQsendQueryParams(
                handle, sql.text, count, parameters.types, parameters.values, parameters.lengths, parameters.formats, 1) == 1
        }
        let name: String
        if let known = prepared[sql.text]?.first(where: { $0.types == parameters.types }) {
            name = known.name
        } else {
            named += 1
            name = "s\(named)"
            // Counted on at once: when it fails, so does all that follows up to the sync point.
            prepared[sql.text, default: []].append(Prepared(types: parameters.types, name: name))
            preparedCount += 1
            steps.append(.prepare(sql.text))
            guard PQsendPrepare(handle, name, sql.text, count, parameters.types) == 1 else { return false }
        }
        steps.append(.execute(index))
        return PQsendQueryPrepared(handle, name, count, parameters.values, parameters.lengths, parameters.formats, 1) == 1
    }

    private func flush() {
        let remaining = PQflush(handle)
        guard remaining >= 0 else {
            // What the server said before it hung up is still to be read.
            _ = PQconsumeInput(handle)
            drain()
            return close(DatabaseError(.unavailable, sqlState: SQLState.connectionFailure))
        }
        // Waiting to write without need would spin; waiting only to write would deadlock a large pipeline.
        if wantsToWrite != (remaining == 1) {
            wantsToWrite = remaining == 1
            loop.change(descriptor, to: wantsToWrite ? [.read, .write] : .read)
        }
    }

    // MARK: Receiving

    private func ready(_ readiness: PollLoop.Readiness) {
        guard state == .open else {
            if state == .connecting { advance() }
            return
        }
        let alive = PQconsumeInput(handle) == 1
        if alive, wantsToWrite { flush() }
        guard state == .open else { return }
        drain()
        guard state == .open else { return }
        deliverNotifications()
        if !alive { close(DatabaseError(.unavailable, sqlState: SQLState.connectionFailure)) }
    }

    private func deliverNotifications() {
        while let notification = PQnotifies(handle) {
            let payload = String(cString: notification.pointee.extra)
            PQfreemem(notification)
            owner.notified(payload, on: self)
            guard state == .open else { return }
        }
    }

    /// Takes every result that is there. Never asks for one that is not: that would block the loop.
    private func drain() {
        while let operation = current, PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle) else {
                if case .script = operation.work {
                    guard PQenterPipelineMode(handle) == 1 else {
                        return close(DatabaseError(.unavailable, reason: "the script left the connection unusable"))
                    }
                    finish(operation)
                    continue
                }
                // The second in a row: nothing more has arrived.
                if sawEnd || step >= steps.count { return }
                sawEnd = true
                step += 1
                continue
            }
            sawEnd = false
            take(result, for: operation)
            guard state == .open else { return }
        }
    }

    private func take(_ result: OpaquePointer, for operation: Operation) {
        switch PQresultStatus(result) {
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            finish(operation)
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            if step < steps.count, case .execute(let index) = steps[step], index == operation.lastStatement || operation.wanted[index] != nil {
                let rows = PostgresResult(result)
                operation.wanted[index]?.arrived(rows)
                if index == operation.lastStatement { operation.result = rows }
            } else {
                PQclear(result)
            }
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            forgetStep()
        case PGRES_FATAL_ERROR:
            forgetStep()
            if operation.failure == nil { operation.failure = error(in: result, operation) }
            PQclear(result)
            if PQstatus(handle) == CONNECTION_BAD { close(DatabaseError(.unavailable, sqlState: SQLState.connectionFailure)) }
        default:
            // COPY and single-row modes are never asked for.
            PQclear(result)
            close(DatabaseError(.unavailable, reason: "the server sent what nobody asked for"))
        }
    }

    /// The prepared statement of this step does not exist.
    private func forgetStep() {
        guard step < steps.count, case .prepare(let text) = steps[step] else { return }
        if prepared[text]?.popLast() != nil { preparedCount -= 1 }
        if prepared[text]?.isEmpty == true { prepared[text] = nil }
    }

    private func error(in result: OpaquePointer, _ operation: Operation) -> DatabaseError {
        func field(_ code: Character) -> String? {
            code.asciiValue.flatMap { PQresultErrorField(result, Int32($0)) }.map { String(cString: $0) }
        }
        guard let state = field("C") else { return DatabaseError(.unavailable, sqlState: SQLState.connectionFailure) }
        return DatabaseError(
            DatabaseError.kind(ofState: state), sqlState: state, constraint: field("n"), table: field("t"), statement: statement(operation))
    }

    /// The text of the statement this step belongs to.
    private func statement(_ operation: Operation) -> String? {
        guard case .statements(let statements) = operation.work, step < steps.count else { return nil }
        let index = steps[..<step].count { if case .execute = $0 { true } else { false } }
        guard index < statements.count, statements[index].isPrepared else { return nil }
        return statements[index].text
    }

    private func finish(_ operation: Operation) {
        current = nil
        busyUntil = nil
        if operation.staysInTransaction, operation.failure == nil, isIdleOutsideTransaction {
            operation.failure = DatabaseError(.other, sqlState: SQLState.noActiveTransaction, reason: "a statement ended the transaction")
        }
        // A changed table makes prepared statements useless.
        if let state = operation.failure?.sqlState, ["0A000", "26000"].contains(state) { mustForget = true }
        owner.finished(operation, on: self)
    }

    // MARK: The end

    /// Ends what the server is doing for us, then closes.
    func cancelAndClose(_ error: DatabaseError) {
        // libpq sends a cancel request in the clear even where TLS is demanded; there the server's own timeouts do.
        if state == .open, settings.tls == nil, let request = PQgetCancel(handle) {
            let address = UInt(bitPattern: request)
            DispatchQueue.global().async {
                let request = OpaquePointer(bitPattern: address)
                PQcancel(request, nil, 0)
                PQfreeCancel(request)
            }
        }
        close(error)
    }

    func close(_ error: DatabaseError) {
        guard state != .closed else { return }
        state = .closed
        if let connectTimer { loop.cancel(connectTimer) }
        if descriptor >= 0 { loop.unwatch(descriptor) }
        if let handle { PQfinish(handle) }
        handle = nil
        if let operation = current {
            current = nil
            operation.answer(operation.outcome(lost: error))
        }
        owner.lost(self, error)
    }
}

private func isAddress(_ host: String) -> Bool {
    var space = in6_addr()
    return inet_pton(AF_INET, host, &space) == 1 || inet_pton(AF_INET6, host, &space) == 1
}

/// The addresses of a host as text. Blocks.
private func resolve(_ host: String) -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &found) == 0 else { return [] }
    defer { freeaddrinfo(found) }
    return sequence(first: found, next: { $0?.pointee.ai_next }).prefix { $0 != nil }.compactMap { entry in
        guard let info = entry?.pointee else { return nil }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension TLSFault {
    /// What libpq says itself of a connection that failed; nil when it was something else. It compares names on its own, after the handshake.
    fileprivate init?(libpq text: String) {
        let faults: [(words: String, fault: TLSFault)] = [
            ("does not match host name", .name), ("certificate verify failed", .certificate), ("protocol version", .version),
            ("unsupported protocol", .version), ("does not support SSL", .noTLS), ("wrong version number", .noTLS),
            ("root certificate file", .authorityFile),
        ]
        guard let found = faults.first(where: { text.contains($0.words) }) else { return nil }
        self = found.fault
    }
}
