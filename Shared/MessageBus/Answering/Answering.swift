public import Access
public import Contracts
public import Foundation
public import Postgres

/// Thrown by a handler when it can say nothing now but could later: a dependency is away. The asker gets `unavailable`; an event is run again.
public struct TryLater: Error, Sendable {
    /// A code for the log.
    public let reason: String
    public init(_ reason: String) { self.reason = reason }
}

/// Thrown by a subscriber when running again cannot help: the message goes to the dead letters with this reason.
public struct DeadLetter: Error, Sendable {
    /// A code, never content.
    public let reason: String
    public init(_ reason: String) { self.reason = reason }
}

/// What a service answers and hears: its table of contents.
public final class Registry: @unchecked Sendable {  // filled before the service runs, read-only from then on
    struct Answered: Sendable {
        let name: String
        let isCommand: Bool
        let rule: Rule
        let run: @Sendable (Dispatcher, IncomingRequest, Actor) async -> Outcome
    }

    struct Heard: Sendable {
        let event: String
        let handler: String
        /// Given the event's name and its body: what is done about it. nil: it is of no interest, costs no transaction and is not remembered.
        /// What cannot be decoded throws `DecodingError`.
        let read: @Sendable (String, [UInt8]) throws -> Act?

        typealias Act = @Sendable (Transaction) async throws -> Void

        /// Whether an event of this name is one it hears.
        func hears(_ name: String) -> Bool {
            guard event.hasPrefix("every.") else { return name == event }
            return name.drop { $0 != "." } == event.drop { $0 != "." }
        }
    }

    public let service: String
    public var hearsAnything: Bool { !heard.isEmpty }
    private(set) var answered: [String: Answered] = [:]
    private(set) var heard: [Heard] = []
    /// What this service's decisions go by.
    public private(set) var facts: FactsReader

    /// Requests and events are worked on by the thread that owns the database's connections, which saves their every statement two changes of
    /// threads: for services whose handlers compute little. Where they compute much, connections would wait for it, and other cores stay idle.
    public var worksBesideDatabase = false

    public init(service: String) {
        self.service = service
        facts = FactsReader(service: service)
    }

    /// Names of everything that is answered.
    public var messages: [String] { answered.keys.sorted() }

    #if DEBUG
        /// A message whose rule is taken away, for tests.
        @TaskLocal package static var withoutRule: String?
    #endif

    /// Who may ask it; nil for what is not answered.
    func rule(of message: String) -> Rule? {
        #if DEBUG
            if Self.withoutRule == message { return .everybody }
        #endif
        return answered[message]?.rule
    }

    /// Counts the service's own visits among what makes somebody treat a patient. - Parameter visits: see `FactsReader`.
    public func treating(by visits: SQL) { facts = facts.with(visits: visits) }

    /// Lets documents be opened by those they were shared with. - Parameter shares: see `FactsReader`.
    public func sharing(by shares: SQL) { facts = facts.with(shares: shares) }

    /// Lets bills be opened by those they were issued to. - Parameter bills: see `FactsReader`.
    public func billing(by bills: SQL) { facts = facts.with(bills: bills) }

    /// What is sealed in this service's own tables: a key that is replaced is kept until all of it is sealed anew.
    public private(set) var sealed: [SealedColumn] = []
    public func seals(_ columns: [SealedColumn]) { sealed += columns }

    func tasks(_ pool: PostgresPool) -> any TaskExecutor { worksBesideDatabase ? pool.tasks : globalConcurrentExecutor }

    /// The migrations every schema starts with: outbox, inbox, stored answers, audit entries.
    public static var backbone: URL { Bundle.module.bundleURL.appending(path: "Backbone") }

    /// Answers a query. - Parameters:
    ///   - rule: who may ask.
    ///   - handler: reads through the transaction, in which row-level security already knows the asker.
    public func answer<Q: Query>(
        _ query: Q.Type, to rule: Rule, with handler: @escaping @Sendable (Q, Actor, Transaction) async throws -> Answer<Q>
    ) {
        register(query, isCommand: false, rule) { dispatcher, incoming, actor in
            await dispatcher.run(query, incoming, actor, handler)
        }
    }

    /// Carries out a command, once a key. - Parameters:
    ///   - refusing: turns a violated constraint into a refusal, in a transaction of its own; nil when the violation is a fault of ours.
    public func answer<C: Command>(
        _ command: C.Type, to rule: Rule, with handler: @escaping @Sendable (C, Actor, Transaction) async throws -> Answer<C>,
        refusing: (@Sendable (C, _ constraint: String, Actor, Transaction) async throws -> C.Refusal?)? = nil
    ) {
        register(command, isCommand: true, rule) { dispatcher, incoming, actor in
            await dispatcher.run(command, incoming, actor, { command, actor in { tx, _ in try await handler(command, actor, tx) } }, refusing)
        }
    }

    /// Hears an event.
    /// - Parameters:
    ///   - handler: `<verb>-on-<event>`; with the service's name it is the queue's, so it never changes.
    ///   - concerns: says which events are of interest.
    public func on<E: Event>(
        _ event: E.Type, _ handler: String, where concerns: @escaping @Sendable (E) -> Bool = { _ in true },
        do act: @escaping @Sendable (E, Transaction) async throws -> Void
    ) {
        hear(E.name, handler) { _, bytes in
            let event = try Wire.decode(E.self, from: bytes)
            guard concerns(event) else { return nil }
            return { tx in try await act(event, tx) }
        }
    }

    /// Hears what every service tells about itself. - Parameter act: is given the event and the service that told it.
    public func onEvery<E: Event>(_ event: E.Type, _ handler: String, do act: @escaping @Sendable (E, String, Transaction) async throws -> Void) {
        precondition(E.isOfEveryService, "\(E.name) is one service's")
        hear(E.name, handler) { name, bytes in
            let event = try Wire.decode(E.self, from: bytes)
            return { tx in try await act(event, String(name.prefix { $0 != "." }), tx) }
        }
    }

    private func hear(_ event: String, _ handler: String, _ read: @escaping @Sendable (String, [UInt8]) throws -> Heard.Act?) {
        precondition(!heard.contains { $0.handler == handler }, "two subscribers are called \(handler)")
        heard.append(Heard(event: event, handler: handler, read: read))
    }

    /// Runs a subscriber on an event's body, for tests of its effect.
    package func hear(_ handler: String, _ body: [UInt8], from service: String? = nil, _ tx: Transaction) async throws {
        guard let heard = heard.first(where: { $0.handler == handler }) else { throw DeadLetter("no-such-subscriber") }
        try await heard.read(service.map { "\($0)\(heard.event.drop { $0 != "." })" } ?? heard.event, body)?(tx)
    }

    func register<R: Request>(
        _ request: R.Type, isCommand: Bool, _ rule: Rule, _ run: @escaping @Sendable (Dispatcher, IncomingRequest, Actor) async -> Outcome
    ) {
        precondition(R.service == service, "\(R.name) is not \(service)'s to answer")
        precondition(answered[R.name] == nil, "\(R.name) is answered twice")
        answered[R.name] = Answered(name: R.name, isCommand: isCommand, rule: rule, run: run)
    }
}
