public import AMQP
public import Access
public import Contracts
internal import CoreMetrics
internal import Faults
internal import Foundation
public import Sealing
internal import Synchronization

/// Requests over RabbitMQ: transient, sealed, with the caller's deadline, answered by direct reply-to on one connection.
public final class RabbitBus: Bus, LinkUser {
    private struct Pending {
        let continuation: CheckedContinuation<Outcome, any Error>
        let deadline: ContinuousClock.Instant
        let context: String
        let service: String
        let asked: Date
    }

    private struct State {
        var channel: AMQPChannel?
        var pending: [String: Pending] = [:]
        var sweeping = false
        /// Services without a queue, and when one of those who wait for each may look again.
        var absent: [String: ContinuousClock.Instant] = [:]
    }

    private struct NotRouted: Error {}

    /// How long a missing request queue is waited for: what a single instance takes to restart.
    private static let routeWait = Duration.seconds(2)
    /// How long after sending it is clear that a message was routed: a broker returns what it cannot route at once.
    private static let returnTime = Duration.milliseconds(250)

    private let own: OwnToken
    private let cipher: BusCipher
    private let user: String
    /// Compares the clocks of those who answer with ours.
    public let clocks: ClockAlarm
    private let state = Mutex(State())

    /// - Parameter user: the AMQP user, which the broker checks.
    public init(user: String, own: OwnToken, cipher: BusCipher, clocks: ClockAlarm = ClockAlarm()) {
        (self.own, self.cipher, self.user, self.clocks) = (own, cipher, user, clocks)
    }

    public func connected(_ connection: AMQPConnection) async throws {
        let channel = try await connection.channel()
        _ = try await channel.consume("amq.rabbitmq.reply-to", noAck: true) { [weak self] in self?.received($0) }
        state.withLock { $0.channel = channel }
    }

    public func disconnected() {
        state.withLock { $0.channel = nil }
        // What was asked may have been done: the askers learn that they do not know.
        fail { _ in true }
    }

    public func request<R: Request>(_ request: R, as token: ActorToken?, within timeout: Duration) async throws(BusError) -> Answer<R> {
        let started = ContinuousClock.now
        let deadline = started + timeout
        let giveUp = min(deadline, started + Self.routeWait) - .milliseconds(60)
        let trace = (TraceContext.current ?? TraceContext()).child
        do {
            let asker = if let token { token } else { try await own.token() }
            let frame = RequestFrame(token: asker, payload: try Wire.encode(request))
            while true {
                try await queue(of: R.service, until: giveUp)
                do {
                    let outcome = try await call(R.name, R.service, frame.bytes, trace, deadline)
                    state.withLock { $0.absent[R.service] = nil }
                    if Fault.askersInsist.isOn, outcome == .unavailable, ContinuousClock.now < deadline { continue }
                    Timer(label: "chartline_request_seconds", dimensions: [("message", R.name)])
                        .recordNanoseconds(Int64((ContinuousClock.now - started) / .nanoseconds(1)))
                    return try outcome.answer(to: R.self)
                } catch is NotRouted {
                    guard ContinuousClock.now < giveUp else { throw BusError.unavailable }
                    if Fault.everyoneProbes.isOn { try await Task.sleep(for: .milliseconds(.random(in: 30...60))) }
                    state.withLock { $0.absent[R.service] = $0.absent[R.service] ?? .now + .milliseconds(.random(in: 30...60)) }
                }
            }
        } catch let error as BusError {
            throw error
        } catch is CancellationError {
            throw .timeout
        } catch { throw .failed }
    }

    private func call(
        _ name: String, _ service: String, _ frame: [UInt8], _ trace: TraceContext, _ deadline: ContinuousClock.Instant
    ) async throws -> Outcome {
        let channel = try await connected(until: deadline)
        let remaining = deadline - .now
        guard remaining > .zero else { throw BusError.timeout }
        let id = UUID.v7().uuidString.lowercased()
        let wallDeadline = Date().addingTimeInterval(remaining / .seconds(1))
        let body = try cipher.seal(frame, context: "request/\(name)/\(id)")
        guard body.count <= Wire.largestBody else { throw BusError.invalid("the request is larger than \(Wire.largestBody) bytes") }
        let publication = Publication(
            exchange: "", routingKey: "\(service).requests", mandatory: true,
            properties: Properties(
                messageID: id, correlationID: id, replyTo: "amq.rabbitmq.reply-to", type: name, userID: user, expiration: remaining,
                headers: [
                    "deadline": .int(Int64(wallDeadline.timeIntervalSince1970 * 1000)), "traceparent": .string(trace.traceparent),
                ]),
            body: body)
        return try await withCheckedThrowingContinuation { continuation in
            let sweep = state.withLock { state in
                state.pending[id] = Pending(
                    continuation: continuation, deadline: deadline, context: "reply/\(name)/\(id)", service: service, asked: clocks.asked())
                defer { state.sweeping = true }
                return !state.sweeping
            }
            if sweep { Task { await self.sweep() } }
            if state.withLock({ $0.absent[service] != nil }) { Task { await self.noteRouted(id, service) } }
            channel.publish(publication) { [weak self] error in
                let thrown: any Error =
                    switch error.kind {
                    case .notRouted: NotRouted()
                    default: BusError.unavailable  // never left this process
                    }
                self?.take(id)?.continuation.resume(throwing: thrown)
            }
        }
    }

    /// Returns when there is reason to think that the service has a queue, or when it is this request's turn to try: of all that wait for a
    /// service, one asks the broker at a time, so that a crowd of askers costs no more than one.
    private func queue(of service: String, until giveUp: ContinuousClock.Instant) async throws {
        while true {
            let now = ContinuousClock.now
            let mayTry = state.withLock { state in
                guard let next = state.absent[service], !Fault.everyoneProbes.isOn else { return true }
                guard now >= next else { return false }
                state.absent[service] = now + .milliseconds(.random(in: 30...60))
                return true
            }
            if mayTry { return }
            guard now < giveUp else { throw BusError.unavailable }
            try await Task.sleep(for: .milliseconds(.random(in: 10...30)))
        }
    }

    /// What did not come back at once has found a queue, however long the answer takes.
    private func noteRouted(_ id: String, _ service: String) async {
        try? await Task.sleep(for: Self.returnTime)
        state.withLock { if $0.pending[id] != nil { $0.absent[service] = nil } }
    }

    /// The channel, waited for when the connection is being made.
    private func connected(until deadline: ContinuousClock.Instant) async throws -> AMQPChannel {
        let giveUp = min(deadline, .now + Self.routeWait) - .milliseconds(50)
        while true {
            if let channel = state.withLock({ $0.channel }) { return channel }
            guard ContinuousClock.now < giveUp else { throw BusError.unavailable }
            try await Task.sleep(for: .milliseconds(25))
        }
    }

    private func take(_ id: String) -> Pending? { state.withLock { $0.pending.removeValue(forKey: id) } }

    private func received(_ delivery: Delivery) {
        guard let id = delivery.properties.correlationID, let pending = take(id) else { return }  // too late, nobody waits
        guard let bytes = try? cipher.open(delivery.body, context: pending.context), let outcome = Outcome(bytes) else {
            pending.continuation.resume(throwing: BusError.failed)
            return
        }
        if let answered = delivery.properties.timestamp {
            // Whole seconds, cut off.
            clocks.compare(answered.timeIntervalSince1970 + 0.5, uncertainty: 0.5, of: pending.service, asked: pending.asked)
        }
        pending.continuation.resume(returning: outcome)
    }

    private func fail(_ when: (Pending) -> Bool) {
        let failed = state.withLock { state in
            let failed = state.pending.filter { when($0.value) }
            for id in failed.keys { state.pending[id] = nil }
            return failed
        }
        for pending in failed.values { pending.continuation.resume(throwing: BusError.timeout) }
    }

    /// Ends the waiting of those whose deadline has passed, for as long as anybody waits.
    private func sweep() async {
        while true {
            try? await Task.sleep(for: .milliseconds(20))
            let now = ContinuousClock.now
            fail { $0.deadline <= now }
            let idle = state.withLock { state in
                if state.pending.isEmpty { state.sweeping = false }
                return state.pending.isEmpty
            }
            if idle { return }
        }
    }
}
