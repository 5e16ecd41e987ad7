internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

private let changesShown = 100

extension RecordStore {
    /// What a place says now, and every change with its writer; of one of them what was there before and after.
    @Sendable func readPlace(_ query: ReadPlace, actor: Actor, tx: Transaction) async throws -> Answer<ReadPlace> {
        let id = query.location.uuid
        let now = tx.later(
            """
            SELECT version, body FROM resource WHERE type = 'Location' AND id = \(id) AND patient = \(Sealer.nobody) AND NOT deleted
                AND id IN (SELECT unnest(refs) FROM resource WHERE type = 'PractitionerRole' AND NOT deleted)
            """)
        let shown = tx.later(
            """
            SELECT version, body FROM resource_version
            WHERE type = 'Location' AND id = \(id) AND version <= coalesce(\(query.version)::int, 2147483647) ORDER BY version DESC LIMIT 2
            """)
        let total = tx.later("SELECT count(*) FROM resource_version WHERE type = 'Location' AND id = \(id)")
        let changes = try await tx.last(
            """
            SELECT version, at, actor FROM resource_version WHERE type = 'Location' AND id = \(id) ORDER BY version DESC LIMIT \(changesShown)
            """, as: Int.self, Date.self, String.self)
        let cipher = try sealer.cipher(for: Sealer.nobody)
        guard let current = try now.first(as: Int.self, [UInt8].self) else { return .refused(.notFound) }
        let versions = try shown.all(as: Int.self, [UInt8].self).map { version, body in
            (version, PlaceContent(try cipher.resource(body, row: id, of: "resource_version")))
        }
        guard let (version, after) = versions.first, query.version == nil || query.version == version else { return .refused(.notFound) }
        return .done(
            PlaceView(
                version: current.0, content: PlaceContent(try cipher.resource(current.1, row: id)),
                changes: changes.map { SettingChange(version: $0.0, at: $0.1, account: ID($0.2)) }, total: try total.first(as: Int.self) ?? 0,
                shown: version, before: versions.dropFirst().first?.1, after: after))
    }
}
