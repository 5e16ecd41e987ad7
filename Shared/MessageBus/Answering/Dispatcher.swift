public import Access
internal import AuditTrail
internal import Contracts
public import Crypto
internal import CoreMetrics
internal import Faults
internal import Foundation
public import Logging
public import Postgres
public import Sealing

/// A request as it arrived, by whatever transport.
public struct IncomingRequest: Sendable {
    var name: String
    /// Made by the asker; bound to the sealed body.
    var id: String
    /// The process that sent it, as the broker vouches.
    var caller: String
    var deadline: Date
    var trace: TraceContext
    var payload: [UInt8] = []

    var hasTime: Bool { Date() < deadline }
}

/// Runs what a service answers: who asks, may they, has it been answered, then the handler, its audit entry, its stored answer and its events in
/// one transaction.
public final class Dispatcher: Sendable {
    let registry: Registry
    let pool: PostgresPool
    let logger: Logger
    private let verifier: ActorVerifier
    private let cipher: BusCipher
    private let sealer: Sealer
    private let auditKey: SymmetricKey
    /// Of which no token is good any more; and which records some are not.
    public let ended = EndedSessions()
    /// Called after a commit that may have emitted events.
    let committed: @Sendable () -> Void

    public init(
        _ registry: Registry, pool: PostgresPool, verifier: ActorVerifier, cipher: BusCipher, sealer: Sealer, auditKey: SymmetricKey,
        logger: Logger, committed: @escaping @Sendable () -> Void = {}
    ) {
        self.registry = registry
        self.pool = pool
        self.verifier = verifier
        self.cipher = cipher
        self.sealer = sealer
        self.auditKey = auditKey
        self.logger = logger
        self.committed = committed
    }

    /// Where requests are answered.
    var tasks: any TaskExecutor { registry.tasks(pool) }

    /// - Returns: the sealed reply.
    func answer(_ incoming: IncomingRequest, sealed: [UInt8]) async throws(SealingError) -> [UInt8] {
        let outcome = await TraceContext.$current.withValue(incoming.trace) { await decide(incoming, sealed) }
        return try cipher.seal(outcome.bytes, context: "reply/\(incoming.name)/\(incoming.id)")
    }

    private func decide(_ incoming: IncomingRequest, _ sealed: [UInt8]) async -> Outcome {
        guard incoming.hasTime else { return .expired }
        guard let opened = try? cipher.open(sealed, context: "request/\(incoming.name)/\(incoming.id)"), let frame = RequestFrame(opened) else {
            logger.warning("request not sealed for this bus", metadata: ["caller": "\(incoming.caller)"])
            return .invalid("the request is not sealed with a key of this bus")
        }
        guard let answered = registry.answered[incoming.name] else { return .invalid("\(incoming.name) is not answered here") }
        guard let actor = try? await verifier.verify(frame.token) else {
            await auditDenial(incoming, Actor(issuer: incoming.caller, role: .anonymous, purpose: "unknown"), [], "token-not-good")
            return .notAllowed
        }
        // The broker vouches for the caller. A token that was picked up somewhere is of no use to anybody else; who owns the data needs none.
        guard incoming.caller == actor.bearer || incoming.caller == registry.service || Fault.bearersAreBelieved.isOn else {
            await auditDenial(incoming, actor, [], "token-not-theirs")
            return .notAllowed
        }
        guard !ended.contains(actor.session) else {
            await auditDenial(incoming, actor, [], "session-ended")
            return .notAllowed
        }
        var incoming = incoming
        incoming.payload = frame.payload
        let started = ContinuousClock.now
        defer {
            Timer(label: "chartline_answer_seconds", dimensions: [("message", incoming.name)])
                .recordNanoseconds(Int64((ContinuousClock.now - started) / .nanoseconds(1)))
        }
        return await answered.run(self, incoming, ended.withoutEndedProxies(actor))
    }

    // MARK: Queries

    func run<Q: Query>(
        _ type: Q.Type, _ incoming: IncomingRequest, _ asker: Actor,
        _ handler: @escaping @Sendable (Q, Actor, Transaction) async throws -> Answer<Q>
    ) async -> Outcome {
        let query: Q
        switch decode(type, incoming) {
        case .success(let decoded): query = decoded
        case .failure(let wrong): return .invalid(wrong.reason)
        }
        let actor: Actor
        switch await decided(query, incoming, asker) {
        case .success(let allowed): actor = allowed
        case .failure(let no): return no.outcome
        }
        do {
            let answer = try await attempt(incoming) {
                try await self.pool.transaction(self.opening(actor), deadline: incoming.instant, endsWithLast: true) { tx in
                    // First, so that it travels with the handler's first statement: nothing is shown that the trail does not say.
                    if !Fault.trailNotNeeded.isOn { tx.queue(self.entry(incoming, actor, query.patients, .done)) }
                    return try await handler(query, actor, tx)
                }
            }
            return try outcome(answer)
        } catch {
            return await failed(error, incoming, actor, query.patients)
        }
    }

    // MARK: Commands

    private struct Refused<R: Request>: Error {
        let answer: Answer<R>
    }
    private struct TooLate: Error {}

    func run<C: Command>(
        _ type: C.Type, _ incoming: IncomingRequest, _ asker: Actor, _ prepare: @Sendable (C, Actor) async throws -> LastStep<C>,
        _ refusing: (@Sendable (C, String, Actor, Transaction) async throws -> C.Refusal?)?
    ) async -> Outcome {
        let command: C
        switch decode(type, incoming) {
        case .success(let decoded): command = decoded
        case .failure(let wrong): return .invalid(wrong.reason)
        }
        let actor: Actor
        switch await decided(command, incoming, asker) {
        case .success(let allowed): actor = allowed
        case .failure(let no): return no.outcome
        }
        let asked = StoredAnswer.Question(key: command.key, name: C.name, principal: actor.principal, payload: incoming.payload)
        do {
            let handler = try await prepare(command, actor)
            let answer = try await attempt(incoming) {
                try await self.pool.transaction(self.opening(actor), deadline: incoming.instant) { tx in
                    var named = actor
                    let answer = try await handler(tx, &named)
                    guard case .done = answer else { throw Refused(answer: answer) }
                    tx.queue(try self.stored(asked, answer))
                    tx.queue(self.entry(incoming, named, command.patients, .done, reason: named.granted.remark))
                    guard incoming.hasTime else { throw TooLate() }
                    return answer
                }
            }
            committed()
            return try outcome(answer)
        } catch let refused as Refused<C> {
            return await refuse(refused.answer, asked, incoming, actor, command.patients)
        } catch let error as DatabaseError where error.kind == .constraint || error.kind == .outcomeUnknown {
            // The key may have been answered before: by an earlier try of the same asker, or by this very commit.
            if !Fault.unknownIsFailure.isOn, let known = await known(asked) { return known }
            guard error.kind == .constraint, let constraint = error.constraint, let refusing else {
                return await failed(error, incoming, actor, command.patients)
            }
            do {
                let refusal = try await pool.transaction(opening(actor), deadline: incoming.instant) { tx in
                    try await refusing(command, constraint, actor, tx)
                }
                guard let refusal else { return await failed(error, incoming, actor, command.patients) }
                return await refuse(Answer<C>.refused(refusal), asked, incoming, actor, command.patients)
            } catch { return await failed(error, incoming, actor, command.patients) }
        } catch is TooLate {
            return .expired
        } catch {
            return await failed(error, incoming, actor, command.patients)
        }
    }

    /// A refusal changes nothing but the trail, and is the key's answer from now on.
    private func refuse<C: Command>(
        _ answer: Answer<C>, _ asked: StoredAnswer.Question, _ incoming: IncomingRequest, _ actor: Actor, _ patients: [ID<Patient>]
    ) async -> Outcome {
        do {
            try await pool.transaction(opening(actor), deadline: incoming.instant) { tx in
                tx.queue(try self.stored(asked, answer))
                tx.queue(self.entry(incoming, actor, patients, .refused))
            }
            return try outcome(answer)
        } catch let error as DatabaseError where error.kind == .constraint || error.kind == .outcomeUnknown {
            if let known = await known(asked) { return known }
            return await failed(error, incoming, actor, patients)
        } catch { return await failed(error, incoming, actor, patients) }
    }

    // MARK: Pieces

    private struct Undecodable: Error {
        let reason: String
    }

    private func decode<R: Request>(_ type: R.Type, _ incoming: IncomingRequest) -> Result<R, Undecodable> {
        do { return .success(try Wire.decode(type, from: incoming.payload)) } catch let error as DecodingError {
            return .failure(Undecodable(reason: "\(R.name): \(error.place)"))
        } catch { return .failure(Undecodable(reason: "\(R.name) cannot be read")) }
    }

    private struct No: Error {
        let outcome: Outcome
    }

    /// The asker with how far the yes goes; every no is in the trail before it is told.
    private func decided<R: Request>(_ request: R, _ incoming: IncomingRequest, _ actor: Actor) async -> Result<Actor, No> {
        guard let rule = registry.rule(of: R.name) else { return .failure(No(outcome: .notAllowed)) }
        var facts: [ID<Patient>: AccessFacts] = [:]
        if rule.needsFacts(actor) {
            do { facts = try await registry.facts.facts(of: request.patients, for: actor, in: pool) } catch {
                return .failure(No(outcome: await failed(error, incoming, actor, request.patients)))
            }
        }
        var decision = rule.decide(actor, request.patients, facts)
        if decision.isAllowed {
            registry.facts.keep(facts, for: actor)
        } else if let document = request.sharedDocument, rule.needsShares(actor) {
            do {
                let shared = try await registry.facts.facts(withSharesOf: request.patients, for: actor, in: pool)
                decision = rule.decide(actor, request.patients, shared, shared: document)
            } catch { return .failure(No(outcome: await failed(error, incoming, actor, request.patients))) }
        } else if let bill = request.bill, rule.needsPayers(actor) {
            do {
                let billed = try await registry.facts.facts(withPayerOf: bill, of: request.patients, in: pool)
                decision = rule.decide(actor, request.patients, billed, bill: bill)
            } catch { return .failure(No(outcome: await failed(error, incoming, actor, request.patients))) }
        }
        switch decision {
        case .allow(let granted):
            var actor = actor
            actor.granted = granted
            actor.granted.basis = granted.basis ?? Self.basis(granted, actor, request.patients, facts)
            return .success(actor)
        case .deny(let why), .breakGlass(let why):
            await auditDenial(incoming, actor, request.patients, why.rawValue)
            return .failure(No(outcome: .notAllowed))
        }
    }

    /// What made it a yes, as the trail says it.
    private static func basis(_ granted: Granted, _ actor: Actor, _ patients: [ID<Patient>], _ facts: [ID<Patient>: AccessFacts]) -> String? {
        if granted.glassBrokenUntil != nil { return "break-glass" }
        if actor.role == .patient {
            return patients.isEmpty ? nil : patients.contains { actor.acting(for: $0) != nil } ? "proxy" : "own-record"
        }
        return facts.values.map(\.treatment).min().map { treatment in
            switch treatment {
            case .none: "consent"
            case .site: "workplace"
            case .visit: "visit"
            case .team: "care-team"
            }
        }
    }

    /// The database's role, and whose rows it may see, are the first statement of every transaction.
    private func opening(_ actor: Actor) -> [SQL] { [Asker(actor, service: registry.service).sql] }

    private func entry(
        _ incoming: IncomingRequest, _ actor: Actor, _ patients: [ID<Patient>], _ outcome: AuditEntry.Outcome, reason: String? = nil
    ) -> SQL {
        AuditEntry(
            incoming.name, by: actor, patients: patients, outcome: outcome, reason: reason, basis: actor.granted.basis, trace: incoming.trace.trace
        ).insert(key: auditKey)
    }

    private func auditDenial(_ incoming: IncomingRequest, _ actor: Actor, _ patients: [ID<Patient>], _ reason: String) async {
        do {
            try await pool.run([.worker(of: registry.service), entry(incoming, actor, patients, .denied, reason: reason)], deadline: nil)
        } catch { logger.error("denial not in the audit trail", metadata: ["message": "\(incoming.name)", "reason": "\(reason)"]) }
    }

    private func stored<C: Command>(_ asked: StoredAnswer.Question, _ answer: Answer<C>) throws -> SQL {
        try asked.insert(try outcome(answer).bytes, sealer: sealer)
    }

    private func known(_ asked: StoredAnswer.Question) async -> Outcome? {
        try? await pool.asWorker(of: registry.service) { tx in try await asked.answer(in: tx, sealer: self.sealer) }
    }

    private func outcome<R: Request>(_ answer: Answer<R>) throws -> Outcome {
        switch answer {
        case .done(let reply): .done(try Wire.encode(answer: reply))
        case .refused(let refusal): .refused(try Wire.encode(answer: refusal))
        }
    }

    /// Conflicts of concurrent transactions are tried again, while there is time.
    private func attempt<T: Sendable>(_ incoming: IncomingRequest, _ body: @Sendable () async throws -> T) async throws -> T {
        for _ in 0..<4 {
            do { return try await body() } catch let error as DatabaseError where error.kind == .serialization {
                try await Task.sleep(for: .milliseconds(.random(in: 2...20)))
                guard incoming.hasTime else { throw error }
            }
        }
        return try await body()
    }

    /// Says why in the log and, when the database is there to take it, in the trail.
    private func failed(_ error: any Error, _ incoming: IncomingRequest, _ actor: Actor, _ patients: [ID<Patient>]) async -> Outcome {
        if case .destroyed(let date)? = error as? SealingError { return await gone(since: date, incoming, actor, patients) }
        let reason = Reason(error)
        if let error = error as? DatabaseError, error.isOfTheTrail {
            logger.critical("audit trail takes no entries", metadata: ["message": "\(incoming.name)", "reason": "\(reason.code)"])
        }
        guard !reason.isAway else { return .unavailable }
        logger.error(
            "request failed",
            metadata: ["message": "\(incoming.name)", "reason": "\(reason.code)", "trace": "\(incoming.trace.trace)"])
        try? await pool.run([.worker(of: registry.service), entry(incoming, actor, patients, .failed, reason: reason.code)], deadline: nil)
        return .failed
    }

    /// That it was asked for is in the trail before it is told.
    private func gone(since date: Date, _ incoming: IncomingRequest, _ actor: Actor, _ patients: [ID<Patient>]) async -> Outcome {
        do {
            try await pool.run([.worker(of: registry.service), entry(incoming, actor, patients, .refused, reason: "destroyed")], deadline: nil)
            return .destroyed(date)
        } catch { return .unavailable }
    }
}

extension IncomingRequest {
    /// The deadline on the clock that does not jump.
    var instant: ContinuousClock.Instant { .now + .seconds(max(0, deadline.timeIntervalSinceNow)) }
}

extension DecodingError {
    /// Which member is wrong; never its value.
    var place: String {
        let (context, what): (Context, String) =
            switch self {
            case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
            case .valueNotFound(_, let context): (context, "a value is missing")
            case .typeMismatch(_, let context): (context, "a value is of the wrong type")
            case .dataCorrupted(let context): (context, "a value is not what it should be")
            @unknown default: (Context(codingPath: [], debugDescription: ""), "it cannot be read")
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? what : "\(path): \(what)"
    }
}
