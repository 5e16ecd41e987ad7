internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let changesShown = 100

/// Every change with its writer; of one of them what was there before and after.
@Sendable func readHoursHistory(_ query: ReadHoursHistory, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadHoursHistory> {
    let (practitioner, location) = (query.practitioner.uuid, query.location.uuid)
    let rows = try await tx.all(
        """
        SELECT version, published_at, account FROM publication WHERE practitioner = \(practitioner) AND location = \(location)
        ORDER BY version DESC LIMIT \(changesShown)
        """, as: Int.self, Date.self, UUID?.self)
    guard let newest = rows.first?.0 else { return .refused(.notFound) }
    let shown = query.version ?? newest
    let versions = try await HoursRow.all(
        """
        p.practitioner = \(practitioner) AND p.location = \(location) AND p.version IN (\(shown), \(shown - 1)) ORDER BY p.version DESC
        """, in: tx)
    guard let after = versions.first(where: { $0.line.version == shown }) else { return .refused(.notFound) }
    return .done(
        HoursHistory(
            changes: rows.map { SettingChange(version: $0.0, at: $0.1, account: $0.2.map { ID($0) }) }, total: newest, shown: shown,
            before: versions.first { $0.line.version == shown - 1 }?.line.hours, after: after.line.hours))
}
