internal import CRabbitMQ
internal import Faults
internal import Foundation
internal import PollLoop
internal import Synchronization
internal import TLS

/// One connection to the broker: a librabbitmq connection, the thread that owns it, and what waits on it.
///
/// Other threads hand over commands; the loop sends them in order, many in one turn. Requests are sent as methods and their answers picked
/// out of the incoming frames, so only connecting blocks the thread, and a send to a broker that has stopped reading, which the watchdog ends.
///
/// The loop's watcher and timers keep a wire alive until `die`, whether or not anyone still refers to it.
final class Wire: @unchecked Sendable {  // all but the mutex and the atomics is touched by the loop's thread only
    enum Command: Sendable {
        case openChannel(deadline: ContinuousClock.Instant, @Sendable (Result<Channel, AMQPError>) -> Void)
        case request(Channel, Request, deadline: ContinuousClock.Instant, Channel.Completion)
        case consume(Channel, tag: String, Channel.Consumer, Request, deadline: ContinuousClock.Instant, Channel.Completion)
        case publish(Channel, Publication, onReturn: (@Sendable (AMQPError) -> Void)?)
        case confirmed(Channel, Publication, deadline: ContinuousClock.Instant, @Sendable (Confirms.Outcome) -> Void)
        case ack(Channel, tag: UInt64, multiple: Bool)
        case nack(Channel, tag: UInt64, requeue: Bool)
        case closeChannel(Channel, @Sendable () -> Void)
        case acceptChannelClose(UInt16)
        case close
    }

    private struct Shared: ~Copyable {
        var ended: AMQPError?
        var commands: [Command] = []
        var isScheduled = false
        var opening: CheckedContinuation<Result<Void, AMQPError>, Never>?
        var closing: [CheckedContinuation<Void, Never>] = []
        var subscribers: [Int: AsyncStream<ConnectionEvent>.Continuation] = [:]
        var nextSubscriber = 0
    }

    /// Beyond this many bytes not yet handed to the kernel, publishing fails.
    private static let maximumQueued = 32 << 20
    /// The kernel's readiness is asked for again after so many bytes: at "writable" its buffer has room for at least that much.
    private static let writableBytes = 16 << 10

    let settings: AMQPSettings
    let isBlocked = Atomic<Bool>(false)
    /// As `ended` says, for those who ask for every message.
    private let hasEnded = Atomic<Bool>(false)
    private let shared = Mutex(Shared())
    private let queuedBytes = Atomic<Int>(0)
    private let negotiatedFrameMax = Atomic<Int>(0)
    private let loop: PollLoop
    private let watchdog: Watchdog
    private let heartbeat: Int

    // The loop's thread only, from here on.
    private var connection: OpaquePointer?
    private var descriptor: Int32 = -1
    private let certificate = CertificateCheck()
    private let scratch = Scratch()
    private var outbound: [Command] = []
    private var outboundHead = 0
    private var sentSinceAsked = 0
    private var wantsWrite = false
    private var channels: [UInt16: Channel] = [:]
    /// Numbers of channels we have closed and the broker has not yet, with who waits for that.
    private var closing: [UInt16: @Sendable () -> Void] = [:]
    private var lastChannel: UInt16 = 0
    private var generatedIDs: UInt64 = 0
    private var isClosing = false
    private var sweepTimer: (timer: PollLoop.Timer, due: ContinuousClock.Instant)?

    init(_ settings: AMQPSettings) {
        self.settings = settings
        heartbeat = Int(max(1, min(3600, settings.heartbeat.components.seconds)))
        watchdog = Watchdog(limit: .seconds(2 * heartbeat))
        loop = PollLoop(name: "amqp \(settings.connectionName)")
    }

    // MARK: - From any thread

    var ended: AMQPError? { shared.withLock { $0.ended } }
    var frameMax: Int { negotiatedFrameMax.load(ordering: .relaxed) }

    /// Connects and logs in. Returns after twice the connect timeout at the latest, also when the resolver hangs.
    func open() async -> Result<Void, AMQPError> {
        await withCheckedContinuation { continuation in
            shared.withLock { shared in
                shared.opening = continuation
                loop.run { self.start() }
            }
            Watchdog.after(settings.connectTimeout * 2 + .milliseconds(500)) {
                let opening = self.shared.withLock { $0.opening.take() }
                guard let opening else { return }
                self.watchdog.shutDown()
                opening.resume(returning: .failure(AMQPError(.timeout, "connecting to the broker took too long")))
            }
        }
    }

    /// Hands a command to the loop. - Returns: the error when the connection has ended; then the command is not carried out.
    func submit(_ commands: [Command]) -> AMQPError? {
        let (error, isFirst) = shared.withLock { shared -> (AMQPError?, Bool) in
            if let ended = shared.ended { return (ended, false) }
            shared.commands += commands
            defer { shared.isScheduled = true }
            return (nil, !shared.isScheduled)
        }
        // Not under the lock, which the woken thread wants first of all. Should the connection end meanwhile, `die` has failed these commands.
        if isFirst { loop.run { self.turn() } }
        return error
    }

    /// Reserves room in the queue of what is to be sent. - Returns: why there is none.
    func admit(_ bytes: Int) -> AMQPError? {
        if hasEnded.load(ordering: .relaxed) { return ended }
        if isBlocked.load(ordering: .relaxed) { return AMQPError(.blocked, "the broker takes no messages now") }
        if queuedBytes.wrappingAdd(bytes, ordering: .relaxed).newValue > Self.maximumQueued {
            queuedBytes.wrappingSubtract(bytes, ordering: .relaxed)
            return AMQPError(.blocked, "too much waits to be sent")
        }
        return nil
    }

    func subscribe() -> AsyncStream<ConnectionEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: ConnectionEvent.self, bufferingPolicy: .bufferingNewest(16))
        shared.withLock { shared in
            if let ended = shared.ended {
                continuation.yield(.closed(ended))
                continuation.finish()
                return
            }
            if isBlocked.load(ordering: .relaxed) { continuation.yield(.blocked) }
            let id = shared.nextSubscriber
            shared.nextSubscriber += 1
            shared.subscribers[id] = continuation
            continuation.onTermination = { [weak self] _ in self?.unsubscribe(id) }
        }
        return stream
    }

    private func unsubscribe(_ id: Int) {
        // Not at once: a stream may end while the lock is held.
        Watchdog.after(.zero) { [weak self] in self?.shared.withLock { $0.subscribers[id] = nil } }
    }

    /// Says goodbye to the broker, and stops waiting for its answer after a second.
    func close() async {
        guard submit([.close]) == nil else { return }
        await withCheckedContinuation { continuation in
            let isOver = shared.withLock { shared in
                if shared.ended == nil { shared.closing.append(continuation) }
                return shared.ended != nil
            }
            if isOver { return continuation.resume() }
            Watchdog.after(.milliseconds(900)) {
                self.watchdog.shutDown()
                let left = self.shared.withLock { shared in
                    defer { shared.closing = [] }
                    return shared.closing
                }
                for continuation in left { continuation.resume() }
            }
        }
    }

    // MARK: - Connecting

    private func start() {
        do {
            try connect()
            let opening = shared.withLock { $0.opening.take() }
            guard let opening else { return die(AMQPError(.timeout, "connecting to the broker took too long")) }
            opening.resume(returning: .success(()))
        } catch { die(error) }
    }

    private func connect() throws(AMQPError) {
        guard let connection = amqp_new_connection() else { throw .outOfMemory }
        self.connection = connection
        var timeout = settings.connectTimeout.timeval
        guard let socket = settings.tls == nil ? amqp_tcp_socket_new(connection) : amqp_ssl_socket_new(connection) else { throw .outOfMemory }
        if let tls = settings.tls {
            let name = tls.serverName ?? settings.host
            guard chartline_verify(socket, tls.caFile, name, name.isAddress ? 1 : 0) == 1, let context = amqp_ssl_socket_get_context(socket) else {
                throw AMQPError(.tls, "\(TLSFault.authorityFile.reason)")
            }
            certificate.watch(context: context)
            TLSFault.forgetHandshakes()
        }
        let opened = amqp_socket_open_noblock(socket, settings.host, Int32(clamping: settings.port), &timeout)
        guard opened == AMQP_STATUS_OK.rawValue else {
            let error = AMQPError(status: opened, doing: "connecting")
            if error.kind == .tls, let fault = certificate.fault ?? .ofLastHandshake { throw AMQPError(.tls, "\(fault.reason)") }
            throw error.kind == .closed ? AMQPError(.unavailable, error.text) : error
        }
        let socketDescriptor = amqp_get_sockfd(connection)
        let watched = fcntl(socketDescriptor, F_DUPFD_CLOEXEC, 0)
        let watchdogs = fcntl(socketDescriptor, F_DUPFD_CLOEXEC, 0)
        guard watched >= 0, watchdogs >= 0 else { throw AMQPError(.unavailable, "the process has no file descriptors left") }
        descriptor = watched
        watchdog.start(watchdogs)
        let heartbeat = Fault.brokerSilenceBelieved.isOn ? 0 : heartbeat
        _ = chartline_limit_unacknowledged(socketDescriptor, UInt32(2000 * heartbeat))
        amqp_set_handshake_timeout(connection, &timeout)
        amqp_set_rpc_timeout(connection, &timeout)
        let reply = watchdog.watching {
            chartline_login(
                connection, settings.virtualHost, Int32(heartbeat), settings.user, settings.password, settings.connectionName)
        }
        try check(login: reply)
        negotiatedFrameMax.store(Int(amqp_get_frame_max(connection)), ordering: .relaxed)
        loop.watch(descriptor, for: .read) { [self] ready in
            if ready.contains(.write) { stopWaitingToWrite() }
            turn()
        }
        tick()
        forgetReturns()
    }

    private func check(login reply: amqp_rpc_reply_t) throws(AMQPError) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            guard reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD, let close = reply.reply.decoded(as: amqp_connection_close_t.self) else {
                throw AMQPError(.protocol, "the broker refused the login")
            }
            throw AMQPError(replyCode: Int(close.reply_code), text: String(close.reply_text))
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: throw AMQPError(status: reply.library_error, doing: "logging in")
        default: throw AMQPError(.closed, "the broker hung up during the login")
        }
    }

    // MARK: - The loop's turn

    /// Sends and checks heartbeats also when nothing happens: librabbitmq does so only while it reads.
    private func tick() {
        loop.after(min(.milliseconds(250 * heartbeat), .seconds(1))) { [self] in
            turn()
            if connection != nil { tick() }
        }
    }

    private func forgetReturns() {
        loop.after(.seconds(30)) { [self] in
            for channel in channels.values { channel.returns.age() }
            if connection != nil { forgetReturns() }
        }
    }

    private func turn() {
        guard connection != nil else { return }
        do {
            var handedIn: [Command] = []
            shared.withLock { shared in
                swap(&handedIn, &shared.commands)
                shared.isScheduled = false
            }
            outbound += handedIn
            if wantsWrite { sweepQueued(handedIn[...]) }
            try flush()
            try pump()
            try flush()
        } catch { die(error) }
    }

    private func check(_ status: Int32, _ doing: String) throws(AMQPError) {
        if status != AMQP_STATUS_OK.rawValue { throw AMQPError(status: status, doing: doing) }
    }

    // MARK: - Sending

    private func flush() throws(AMQPError) {
        guard outboundHead < outbound.count else { return }
        chartline_cork(descriptor, 1)
        // `descriptor` is a copy of the socket's, so it is valid also when this ends the connection.
        defer { chartline_cork(descriptor, 0) }
        while outboundHead < outbound.count {
            if sentSinceAsked >= Self.writableBytes {
                guard isWritable() else {
                    // What was sent gives back its memory; only when it is half of the queue, or moving the rest would cost too much.
                    if outboundHead * 2 >= outbound.count {
                        outbound.removeFirst(outboundHead)
                        outboundHead = 0
                    }
                    return waitToWrite()
                }
                sentSinceAsked = 0
            }
            let command = outbound[outboundHead]
            outboundHead += 1
            try execute(command)
        }
        outbound.removeAll(keepingCapacity: outbound.count < 4096)
        outboundHead = 0
    }

    private func isWritable() -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return Foundation.poll(&poll, 1, 0) == 1
    }

    private func waitToWrite() {
        guard !wantsWrite else { return }
        wantsWrite = true
        sweepQueued(outbound[outboundHead...])
        loop.change(descriptor, to: [.read, .write])
    }

    private func stopWaitingToWrite() {
        guard wantsWrite else { return }
        wantsWrite = false
        loop.change(descriptor, to: .read)
    }

    private func execute(_ command: Command) throws(AMQPError) {
        switch command {
        case .openChannel(let deadline, let done):
            guard let number = freeChannel() else { return done(.failure(AMQPError(.protocol, "the connection has no channel left"))) }
            let channel = Channel(number: number)
            channels[number] = channel
            try ask(channel, .openChannel, deadline: deadline) { done($0.map { _ in channel }) }
        case .request(let channel, let request, let deadline, let done):
            if case .cancel(let tag) = request { channel.consumers[tag]?.isStarted = false }
            try ask(channel, request, deadline: deadline, done)
        case .consume(let channel, let tag, let consumer, let request, let deadline, let done):
            // Before the answer: deliveries follow it at once.
            if channel.ended.withLock({ $0 == nil }) { channel.consumers[tag] = consumer }
            try ask(channel, request, deadline: deadline, done)
        case .publish(let channel, let publication, let onReturn):
            queuedBytes.wrappingSubtract(publication.queuedSize, ordering: .relaxed)
            if let error = channel.ended.withLock({ $0 }) ?? blocked() {
                onReturn?(error)
                return
            }
            var publication = publication
            if let onReturn, publication.mandatory { channel.returns.expect(messageID: identify(&publication), onReturn) }
            if channel.isConfirming { channel.confirms.published(nil) }
            try send(publication, on: channel)
        case .confirmed(let channel, let publication, let deadline, let settle):
            queuedBytes.wrappingSubtract(publication.queuedSize, ordering: .relaxed)
            if let error = channel.ended.withLock({ $0 }) ?? blocked() { return settle(.failure(error)) }
            guard channel.isConfirming else { return settle(.failure(AMQPError(.protocol, "confirmSelect comes first"))) }
            guard deadline > .now else { return settle(.failure(AMQPError(.timeout, "too late to send"))) }
            var publication = publication
            let messageID = publication.mandatory ? identify(&publication) : nil
            channel.confirms.published(Confirms.Entry(messageID: messageID, deadline: deadline, settle: settle))
            sweep(at: deadline)
            try send(publication, on: channel)
        case .ack(let channel, let tag, let multiple):
            guard channel.ended.withLock({ $0 == nil }) else { return }
            try write(size: 32, "acknowledging") { amqp_basic_ack($0, channel.number, tag, multiple ? 1 : 0) }
        case .nack(let channel, let tag, let requeue):
            guard channel.ended.withLock({ $0 == nil }) else { return }
            try write(size: 32, "rejecting") { amqp_basic_nack($0, channel.number, tag, 0, requeue ? 1 : 0) }
        case .closeChannel(let channel, let done):
            guard channel.ended.withLock({ $0 == nil }) else { return done() }
            try abandon(channel, AMQPError(.closed, "this side closed the channel"), tellConsumers: false, done)
        case .acceptChannelClose(let number):
            var method = amqp_channel_close_ok_t()
            try write(size: 16, "closing a channel") { amqp_send_method($0, number, AMQP_CHANNEL_CLOSE_OK_METHOD, &method) }
        case .close:
            guard !isClosing else { return }
            isClosing = true
            for channel in channels.values { channel.end(.closedHere, tellConsumers: false) }
            try write(size: 32, "closing") { connection in
                var method = amqp_connection_close_t()
                method.reply_code = UInt16(AMQP_REPLY_SUCCESS)
                return amqp_send_method(connection, 0, AMQP_CONNECTION_CLOSE_METHOD, &method)
            }
            loop.after(.milliseconds(900)) { [self] in die(.closedHere) }
        }
    }

    private func blocked() -> AMQPError? {
        isBlocked.load(ordering: .relaxed) ? AMQPError(.blocked, "the broker takes no messages now") : nil
    }

    /// A return names its message by id; one without gets one of ours.
    private func identify(_ publication: inout Publication) -> String {
        if let messageID = publication.properties.messageID { return messageID }
        generatedIDs += 1
        let messageID = "publish-\(generatedIDs)"
        publication.properties.messageID = messageID
        return messageID
    }

    private func write(size: Int, _ doing: String, _ call: (OpaquePointer) throws(AMQPError) -> Int32) throws(AMQPError) {
        guard let connection else { return }
        sentSinceAsked += size
        defer { scratch.recycle() }
        var outcome: Result<Int32, AMQPError> = .success(0)
        watchdog.watching {
            do throws(AMQPError) { outcome = .success(try call(connection)) } catch { outcome = .failure(error) }
        }
        try check(try outcome.get(), doing)
    }

    private func send(_ publication: Publication, on channel: Channel) throws(AMQPError) {
        try write(size: publication.queuedSize, "publishing") { (connection) throws(AMQPError) in
            var properties = try scratch.properties(publication.properties)
            let exchange = try scratch.bytes(publication.exchange)
            let routingKey = try scratch.bytes(publication.routingKey)
            return publication.body.withUnsafeBytes { body in
                // The library only reads the body.
                let bytes = amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
                return amqp_basic_publish(
                    connection, channel.number, exchange, routingKey, publication.mandatory ? 1 : 0, 0, &properties, bytes)
            }
        }
    }

    private func ask(
        _ channel: Channel, _ request: Request, deadline: ContinuousClock.Instant, _ done: @escaping Channel.Completion
    ) throws(AMQPError) {
        if let error = channel.ended.withLock({ $0 }) { return done(.failure(error)) }
        channel.waiting.append(Channel.Waiting(request: request, deadline: deadline, done: done))
        sweep(at: deadline)
        try askNext(channel)
    }

    private func askNext(_ channel: Channel) throws(AMQPError) {
        guard !channel.isAsking, let next = channel.waiting.first else { return }
        channel.isAsking = true
        try write(size: 256, "asking") { (connection) throws(AMQPError) in try next.request.send(on: channel.number, of: connection, scratch) }
    }

    private func freeChannel() -> UInt16? {
        let limit = UInt16(clamping: connection.map { Int(amqp_get_channel_max($0)) } ?? 0)
        let highest = limit == 0 ? UInt16.max : limit
        for _ in 0..<highest {
            lastChannel = lastChannel >= highest ? 1 : lastChannel + 1
            if channels[lastChannel] == nil && closing[lastChannel] == nil { return lastChannel }
        }
        return nil
    }

    /// Ends a channel from our side. Its number stays taken until the broker agrees.
    private func abandon(
        _ channel: Channel, _ error: AMQPError, tellConsumers: Bool, _ done: @escaping @Sendable () -> Void = {}
    ) throws(AMQPError) {
        channels[channel.number] = nil
        closing[channel.number] = done
        channel.end(error, tellConsumers: tellConsumers)
        try write(size: 32, "closing a channel") { connection in
            var method = amqp_channel_close_t()
            method.reply_code = UInt16(AMQP_REPLY_SUCCESS)
            return amqp_send_method(connection, channel.number, AMQP_CHANNEL_CLOSE_METHOD, &method)
        }
    }

    // MARK: - Receiving

    /// Takes in what has arrived: also what sits in the library's and OpenSSL's buffers, about which the descriptor stays quiet.
    private func pump() throws(AMQPError) {
        var frame = amqp_frame_t()
        var noWait = timeval()
        for _ in 0..<1000 {
            guard let connection else { return }
            let status = watchdog.watching { amqp_simple_wait_frame_noblock(connection, &frame, &noWait) }
            if status == AMQP_STATUS_TIMEOUT.rawValue { return }
            try check(status, "receiving")
            try take(frame)
            // Does nothing while a later frame of this channel is kept by the library.
            amqp_maybe_release_buffers_on_channel(connection, frame.channel)
        }
        loop.run { self.turn() }
    }

    private func take(_ frame: amqp_frame_t) throws(AMQPError) {
        switch (Int32(frame.frame_type), frame.channel) {
        case (AMQP_FRAME_METHOD, 0): try takeOfConnection(frame.payload.method)
        case (AMQP_FRAME_HEARTBEAT, _): return
        case (AMQP_FRAME_METHOD, let number):
            let method = frame.payload.method
            if closing[number] != nil || method.id == AMQP_CHANNEL_CLOSE_OK_METHOD { return takeOfClosing(number, method) }
            try take(method, of: try channel(number))
        case (AMQP_FRAME_HEADER, let number):
            if closing[number] == nil { try channel(number).header(frame) }
        case (AMQP_FRAME_BODY, let number):
            if closing[number] == nil { try channel(number).body(frame) }
        default: throw AMQPError(.protocol, "a frame of unknown type")
        }
    }

    private func channel(_ number: UInt16) throws(AMQPError) -> Channel {
        guard let channel = channels[number] else { throw AMQPError(.protocol, "a frame on a channel that is not open") }
        return channel
    }

    private func takeOfConnection(_ method: amqp_method_t) throws(AMQPError) {
        switch method.id {
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = method.decoded(as: amqp_connection_close_t.self)
            let error = AMQPError(replyCode: Int(close?.reply_code ?? 0), text: close.map { String($0.reply_text) } ?? "")
            var answer = amqp_connection_close_ok_t()
            try write(size: 16, "closing") { amqp_send_method($0, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &answer) }
            throw error
        case AMQP_CONNECTION_CLOSE_OK_METHOD: throw .closedHere
        case AMQP_CONNECTION_BLOCKED_METHOD:
            isBlocked.store(true, ordering: .relaxed)
            tell(.blocked)
            try executeQueued { command in
                switch command {
                case .publish, .confirmed: true
                default: false
                }
            }
        case AMQP_CONNECTION_UNBLOCKED_METHOD:
            isBlocked.store(false, ordering: .relaxed)
            tell(.unblocked)
        default: throw AMQPError(.protocol, "an unknown method")
        }
    }

    /// Carries out some of what is queued before its turn: only what is sure to fail without being sent.
    private func executeQueued(where isDue: (Command) -> Bool) throws(AMQPError) {
        let queued = outbound[outboundHead...]
        outbound = queued.filter { !isDue($0) }
        outboundHead = 0
        for command in queued where isDue(command) { try execute(command) }
    }

    private func takeOfClosing(_ number: UInt16, _ method: amqp_method_t) {
        switch method.id {
        case AMQP_CHANNEL_CLOSE_OK_METHOD: closing.removeValue(forKey: number)?()
        case AMQP_CHANNEL_CLOSE_METHOD: outbound.append(.acceptChannelClose(number))
        default: return
        }
    }

    private func take(_ method: amqp_method_t, of channel: Channel) throws(AMQPError) {
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            guard let raw = method.decoded(as: amqp_basic_deliver_t.self) else { throw .emptyMethod }
            try channel.begin(
                .delivery(
                    consumer: String(raw.consumer_tag), tag: raw.delivery_tag, redelivered: raw.redelivered != 0, exchange: String(raw.exchange),
                    routingKey: String(raw.routing_key)))
        case AMQP_BASIC_RETURN_METHOD:
            guard let raw = method.decoded(as: amqp_basic_return_t.self) else { throw .emptyMethod }
            try channel.begin(.returned(AMQPError(replyCode: Int(raw.reply_code), text: String(raw.reply_text))))
        case AMQP_BASIC_ACK_METHOD:
            guard let raw = method.decoded(as: amqp_basic_ack_t.self) else { throw .emptyMethod }
            try channel.confirms.settle(raw.delivery_tag, multiple: raw.multiple != 0, .success(()))
        case AMQP_BASIC_NACK_METHOD:
            guard let raw = method.decoded(as: amqp_basic_nack_t.self) else { throw .emptyMethod }
            let outcome = Confirms.Outcome.failure(AMQPError(.nacked, "the broker did not take the message"))
            try channel.confirms.settle(raw.delivery_tag, multiple: raw.multiple != 0, outcome)
        case AMQP_BASIC_CANCEL_METHOD:
            guard let raw = method.decoded(as: amqp_basic_cancel_t.self) else { throw .emptyMethod }
            let consumer = channel.consumers.removeValue(forKey: String(raw.consumer_tag))
            if consumer?.isStarted == true { consumer?.onCancel(nil) }
        case AMQP_CHANNEL_CLOSE_METHOD:
            guard let raw = method.decoded(as: amqp_channel_close_t.self) else { throw .emptyMethod }
            channels[channel.number] = nil
            outbound.append(.acceptChannelClose(channel.number))
            channel.end(AMQPError(replyCode: Int(raw.reply_code), text: String(raw.reply_text)), tellConsumers: true)
        default:
            guard channel.isAsking, let first = channel.waiting.first, let reply = first.request.reply(method) else {
                throw AMQPError(.protocol, "an answer nobody asked for")
            }
            channel.waiting.removeFirst()
            channel.isAsking = false
            switch first.request {
            case .confirmSelect: channel.isConfirming = true
            case .consume(_, let tag, _, _): channel.consumers[tag]?.isStarted = true
            // Not before: what the broker had sent until it agreed is this consumer's, and would be nobody's.
            case .cancel(let tag): channel.consumers[tag] = nil
            default: break
            }
            first.done(.success(reply))
            try askNext(channel)
        }
    }

    // MARK: - Deadlines

    /// Makes sure that `sweep` runs by then.
    private func sweep(at due: ContinuousClock.Instant) {
        if let sweepTimer {
            guard due < sweepTimer.due else { return }
            loop.cancel(sweepTimer.timer)
        }
        sweepTimer = (loop.after(ContinuousClock.now.duration(to: due)) { [self] in sweep() }, due)
    }

    /// What cannot be sent for now has its deadline too.
    private func sweepQueued(_ commands: ArraySlice<Command>) {
        for case .confirmed(_, _, let deadline, _) in commands { sweep(at: deadline) }
    }

    private func sweep() {
        sweepTimer = nil
        guard connection != nil else { return }
        let now = ContinuousClock.now
        var earliest: ContinuousClock.Instant?
        func consider(_ due: ContinuousClock.Instant?) { if let due, due < earliest ?? due + .seconds(1) { earliest = due } }
        do {
            for channel in channels.values {
                consider(channel.confirms.expire(now))
                if channel.waiting.contains(where: { $0.deadline <= now }) {
                    // A late answer could be taken for that of another request, so the channel cannot go on.
                    try abandon(channel, AMQPError(.timeout, "the broker did not answer in time"), tellConsumers: true)
                } else {
                    consider(channel.waiting.lazy.map(\.deadline).min())
                }
            }
            try expireQueued(now)
            sweepQueued(outbound[outboundHead...])
        } catch { return die(error) }
        if let earliest { sweep(at: earliest) }
    }

    /// Gives up on publishes that are overdue and not sent yet; the rest keeps its place.
    private func expireQueued(_ now: ContinuousClock.Instant) throws(AMQPError) {
        try executeQueued { command in
            if case .confirmed(_, _, let deadline, _) = command { deadline <= now } else { false }
        }
    }

    // MARK: - The end

    private func tell(_ event: ConnectionEvent) {
        let subscribers = shared.withLock { Array($0.subscribers.values) }
        for subscriber in subscribers { subscriber.yield(event) }
    }

    /// The connection is over: everything that waits hears of it, and the thread ends.
    private func die(_ reason: AMQPError) {
        guard shared.withLock({ $0.ended == nil }) else { return }
        let error = isClosing ? .closedHere : reason
        var commands = outbound[outboundHead...]
        var subscribers: [AsyncStream<ConnectionEvent>.Continuation] = []
        var waiters: [CheckedContinuation<Void, Never>] = []
        var opening: CheckedContinuation<Result<Void, AMQPError>, Never>?
        shared.withLock { shared in
            shared.ended = error
            commands += shared.commands
            subscribers = Array(shared.subscribers.values)
            waiters = shared.closing
            opening = shared.opening.take()
            (shared.commands, shared.subscribers, shared.closing) = ([], [:], [])
        }
        hasEnded.store(true, ordering: .relaxed)
        isBlocked.store(false, ordering: .relaxed)
        if descriptor >= 0 {
            loop.unwatch(descriptor)
            Foundation.close(descriptor)
        }
        if let connection { amqp_destroy_connection(connection) }
        connection = nil
        watchdog.stop()
        for channel in channels.values { channel.end(error, tellConsumers: !isClosing) }
        for done in closing.values { done() }
        for command in commands { command.fail(error) }
        (outbound, outboundHead, channels, closing) = ([], 0, [:], [:])
        for subscriber in subscribers {
            subscriber.yield(.closed(error))
            subscriber.finish()
        }
        opening?.resume(returning: .failure(error))
        for waiter in waiters { waiter.resume() }
        loop.stop()
    }
}

extension Wire.Command {
    func fail(_ error: AMQPError) {
        switch self {
        case .openChannel(_, let done): done(.failure(error))
        case .request(_, _, _, let done), .consume(_, _, _, _, _, let done): done(.failure(error))
        case .publish(_, _, let onReturn): onReturn?(error)
        case .confirmed(_, _, _, let settle): settle(.failure(error))
        case .closeChannel(_, let done): done()
        case .ack, .nack, .acceptChannelClose, .close: return
        }
    }
}

extension Publication {
    /// About how many bytes it takes up while it waits.
    var queuedSize: Int { body.count + 512 }
}

extension AMQPError {
    static let closedHere = AMQPError(.closed, "this side closed the connection")
    static let emptyMethod = AMQPError(.protocol, "a method without its fields")
}

extension String {
    /// Whether this is an IPv4 or IPv6 address rather than a name.
    fileprivate var isAddress: Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, self, &address) == 1 || inet_pton(AF_INET6, self, &address) == 1
    }
}
