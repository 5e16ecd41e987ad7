internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// What is set for each kind of visit.
@Sendable func readReminderRules(_ query: ReadReminderRules, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadReminderRules> {
    let rows = try await tx.all(
        "SELECT DISTINCT ON (service) service, rules, version FROM reminder_rule ORDER BY service, version DESC LIMIT 200",
        as: String.self, [String].self, Int.self)
    return .done(
        AllReminderRules(
            usual: ReminderPlan.usual.map(\.rawValue), own: rows.map { ReminderRules(service: $0.0, rules: $0.1, version: $0.2) }))
}
