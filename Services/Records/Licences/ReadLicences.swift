internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let changesShown = 100

/// Where somebody is licensed now, and every change with its writer; of one of them what was there before and after.
@Sendable func readLicences(_ query: ReadLicences, actor: Actor, tx: Transaction) async throws -> Answer<ReadLicences> {
    let practitioner = query.practitioner.uuid
    guard try await isKnown(practitioner, tx) else { return .refused(.notFound) }
    let shown = tx.later(
        """
        SELECT version, regions FROM licence_version
        WHERE practitioner = \(practitioner) AND version <= coalesce(\(query.version)::int, 2147483647) ORDER BY version DESC LIMIT 2
        """)
    let newest = tx.later("SELECT version, regions FROM licence_version WHERE practitioner = \(practitioner) ORDER BY version DESC LIMIT 1")
    let changes = try await tx.last(
        "SELECT version, at, account FROM licence_version WHERE practitioner = \(practitioner) ORDER BY version DESC LIMIT \(changesShown)",
        as: Int.self, Date.self, UUID.self)
    guard let (version, regions) = try newest.first(as: Int.self, [String].self) else {
        return query.version == nil
            ? .done(LicencesView(version: 0, regions: [], changes: [], total: 0, shown: 0, after: [])) : .refused(.notFound)
    }
    let versions = try shown.all(as: Int.self, [String].self).map { ($0, $1.compactMap { Region($0) }) }
    guard let (found, after) = versions.first, query.version == nil || query.version == found else { return .refused(.notFound) }
    return .done(
        LicencesView(
            version: version, regions: regions.compactMap { Region($0) },
            changes: changes.map { SettingChange(version: $0.0, at: $0.1, account: ID($0.2)) }, total: version, shown: found,
            before: versions.dropFirst().first?.1, after: after))
}
