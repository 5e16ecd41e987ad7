internal import Postgres
internal import ServiceHost

/// Opens transactions of this service itself.
protocol WorkerTransactions: Sendable {
    func transaction<R: Sendable>(_ body: @escaping @Sendable (Transaction) async throws -> R) async throws -> R
}

extension Service: WorkerTransactions {}
