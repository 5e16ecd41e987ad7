internal import Access
internal import Contracts
internal import Faults
internal import Foundation
public import Postgres
internal import Sealing

/// The database's view of an actor: the role its transaction takes, and the patients it may see.
struct Asker {
    let actor: Actor
    let service: String

    init(_ actor: Actor, service: String) { (self.actor, self.service) = (actor, service) }

    private var role: String {
        switch actor.role {
        case .patient: "\(service)_limited"
        case .clinician, .nurse, .frontDesk, .billingOffice, .administrator: "\(service)_staff"
        case .operator, .worker, .anonymous: "\(service)_worker"
        }
    }

    /// Patients may also see what belongs to nobody: practitioners, places.
    private var patients: String {
        (actor.patients.map(\.description) + [Sealer.nobody.uuidString.lowercased()]).joined(separator: ",")
    }

    /// For this transaction only: the next one on the connection starts without either.
    var sql: SQL {
        guard !Fault.contextOutlives.isOn else {
            return "SELECT set_config('role', \(role), false), set_config('chartline.patients', \(patients), false)"
        }
        return "SELECT set_config('role', \(role), true), set_config('chartline.patients', \(patients), true)"
    }
}

extension SQL {
    /// What a transaction of the service itself starts with.
    static func worker(of service: String) -> SQL {
        Asker(Actor(issuer: service, role: .worker, purpose: "operations"), service: service).sql
    }
}

/// Opens transactions of a service itself, for its workers.
public protocol WorkerTransactions: Sendable {
    func transaction<R: Sendable>(_ body: @escaping @Sendable (Transaction) async throws -> R) async throws -> R
}

extension PostgresPool {
    /// A transaction of the service itself: sees every row of its schema.
    public func asWorker<R: Sendable>(of service: String, _ body: @escaping @Sendable (Transaction) async throws -> R) async throws -> R {
        try await transaction([.worker(of: service)], body)
    }
}
