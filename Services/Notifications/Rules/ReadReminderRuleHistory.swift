internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let changesShown = 100

/// Every change with its writer; of one of them what was set before and after.
@Sendable func readReminderRuleHistory(
    _ query: ReadReminderRuleHistory, _ actor: Actor, _ tx: Transaction
) async throws -> Answer<ReadReminderRuleHistory> {
    let service = query.service
    let total = tx.later("SELECT count(*) FROM reminder_rule WHERE service = \(service)")
    let shown = tx.later(
        """
        SELECT r.version, r.rules, b.rules FROM reminder_rule r
        LEFT JOIN reminder_rule b ON b.service = r.service AND b.version = r.version - 1
        WHERE r.service = \(service) AND (\(query.version)::int IS NULL OR r.version = \(query.version)::int) ORDER BY r.version DESC LIMIT 1
        """)
    let rows = try await tx.all(
        "SELECT version, at, account FROM reminder_rule WHERE service = \(service) ORDER BY version DESC LIMIT \(changesShown)",
        as: Int.self, Date.self, UUID?.self)
    guard let (version, after, before) = try shown.first(as: Int.self, [String].self, [String]?.self) else { return .refused(.notFound) }
    return .done(
        ReminderRuleHistory(
            changes: rows.map { SettingChange(version: $0.0, at: $0.1, account: $0.2.map { ID($0) }) }, total: try total.first(as: Int.self) ?? 0,
            shown: version, before: before ?? ReminderPlan.usual.map(\.rawValue), after: after))
}
