internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import ServiceHost

/// Looks once, then waits for the end: a worker that returns is begun again.
func learnLeave(of service: Service) async throws {
    try await learnLeave(service.bus, service)
    while !Task.isCancelled { try await Task.sleep(for: .seconds(3_600)) }
}

/// What was entered before this service heard of absences: asked for once, page by page, and how far that is stays written down.
func learnLeave(_ bus: any Bus, _ database: any WorkerTransactions) async throws {
    while !Task.isCancelled {
        let step = try await database.transaction { tx in
            try await tx.first("SELECT reached, is_over FROM leave_learnt", as: UUID?.self, Bool.self)
        }
        guard let (reached, isOver) = step, !isOver else { return }
        guard let absences = try? await bus.ask(ReadLeave(after: reached)).absences else {
            try await Task.sleep(for: .seconds(2) * Double.random(in: 0.8...1.2))
            continue
        }
        try await database.transaction { tx in
            for absence in absences { try await noteAbsenceOnLeaveChanged(absence, tx: tx) }
            try await tx.run("UPDATE leave_learnt SET reached = \(absences.last?.absence ?? reached), is_over = \(absences.isEmpty)")
        }
    }
}
