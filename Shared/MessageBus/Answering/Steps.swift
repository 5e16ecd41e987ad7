public import Access
public import Contracts
public import Postgres

/// Opens transactions of the service itself, for what a command does before its own.
public struct Transactions: Sendable {
    let pool: PostgresPool
    let service: String

    /// Commits when `body` returns, whatever becomes of the command afterwards.
    public func callAsFunction<R: Sendable>(_ body: @escaping @Sendable (Transaction) async throws -> R) async throws -> R {
        try await pool.asWorker(of: service, body)
    }
}

/// The part of a command that runs in its transaction. The actor is whom the audit entry of a command that is done names: a step that learns who
/// asks, as a sign-in does, writes the account there.
public typealias LastStep<C: Command> = @Sendable (Transaction, inout Actor) async throws -> Answer<C>

extension Registry {
    /// Carries out a command, once a key, in two steps: the first holds no transaction and no connection, so it may take long or commit something
    /// that outlasts a refusal; what it returns runs in the command's transaction.
    public func answer<C: Command>(
        _ command: C.Type, to rule: Rule, preparing first: @escaping @Sendable (C, Actor, Transactions) async throws -> LastStep<C>,
        refusing: (@Sendable (C, _ constraint: String, Actor, Transaction) async throws -> C.Refusal?)? = nil
    ) {
        register(command, isCommand: true, rule) { dispatcher, incoming, actor in
            let transactions = Transactions(pool: dispatcher.pool, service: dispatcher.registry.service)
            return await dispatcher.run(command, incoming, actor, { try await first($0, $1, transactions) }, refusing)
        }
    }
}
