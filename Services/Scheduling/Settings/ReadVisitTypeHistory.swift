internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let changesShown = 100

/// Every change with its writer; of one of them what was there before and after.
@Sendable func readVisitTypeHistory(
    _ query: ReadVisitTypeHistory, _ actor: Actor, _ tx: Transaction
) async throws -> Answer<ReadVisitTypeHistory> {
    let code = query.code
    let total = tx.later("SELECT count(*) FROM visit_service_version WHERE code = \(code)")
    let shown = tx.later(
        """
        SELECT v.version, v.names::text, v.minutes, v.rules::text, b.names::text, b.minutes, b.rules::text FROM visit_service_version v
        LEFT JOIN visit_service_version b ON b.code = v.code AND b.version = v.version - 1
        WHERE v.code = \(code) AND (\(query.version)::int IS NULL OR v.version = \(query.version)::int) ORDER BY v.version DESC LIMIT 1
        """)
    let rows = try await tx.last(
        "SELECT version, at, account FROM visit_service_version WHERE code = \(code) ORDER BY version DESC LIMIT \(changesShown)",
        as: Int.self, Date.self, UUID?.self)
    guard let row = try shown.first(as: Int.self, String.self, Int.self, String?.self, String?.self, Int?.self, String?.self) else {
        return .refused(.notFound)
    }
    let (version, names, minutes, rules, oldNames, oldMinutes, oldRules) = row
    var before: VisitService?
    if let oldNames, let oldMinutes { before = try VisitService(stored: code, oldNames, oldMinutes, oldRules) }
    return .done(
        VisitTypeHistory(
            changes: rows.map { SettingChange(version: $0.0, at: $0.1, account: $0.2.map { ID($0) }) }, total: try total.first(as: Int.self) ?? 0,
            shown: version, before: before, after: try VisitService(stored: code, names, minutes, rules)))
}
