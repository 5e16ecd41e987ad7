internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

private let changesShown = 100

extension RecordStore {
    /// Where somebody works now, and every change with its writer; of one of them what was there before and after.
    @Sendable func readWorkplaces(_ query: ReadWorkplaces, actor: Actor, tx: Transaction) async throws -> Answer<ReadWorkplaces> {
        let cipher = try sealer.cipher(for: Sealer.nobody)
        guard let row = try await WorkplaceRow.find(query.practitioner, cipher, in: tx) else { return .refused(.notFound) }
        let shown = tx.later(
            """
            SELECT version, body FROM resource_version
            WHERE type = 'PractitionerRole' AND id = \(row.id) AND version <= coalesce(\(query.version)::int, 2147483647)
            ORDER BY version DESC LIMIT 2
            """)
        let changes = try await tx.last(
            """
            SELECT version, at, actor FROM resource_version WHERE type = 'PractitionerRole' AND id = \(row.id)
            ORDER BY version DESC LIMIT \(changesShown)
            """, as: Int.self, Date.self, String.self)
        let versions = try shown.all(as: Int.self, [UInt8].self).map { version, body in
            (version, WorkplaceRow.locations(try cipher.resource(body, row: row.id, of: "resource_version")))
        }
        guard let (version, after) = versions.first, query.version == nil || query.version == version else { return .refused(.notFound) }
        return .done(
            WorkplacesView(
                version: row.version, locations: row.locations, changes: changes.map { SettingChange(version: $0.0, at: $0.1, account: ID($0.2)) },
                total: row.version, shown: version, before: versions.dropFirst().first?.1, after: after))
    }
}
