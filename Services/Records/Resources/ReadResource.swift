internal import Access
internal import Contracts
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// One resource's text as it is kept: equal to what was sent but for id, version, time of update and resolved references.
    @Sendable func readResource(_ query: ReadResource, actor: Actor, tx: Transaction) async throws -> Answer<ReadResource> {
        let condition: SQL
        if let type = query.type, let id = query.id {
            condition = "r.type = \(type) AND r.id = \(id.uuid)"
        } else if let url = query.fullURL {
            condition = "(r.type, r.id) IN (SELECT type, id FROM import_source WHERE url = \(url))"
        } else {
            return .refused(.notFound)
        }
        let row = try await tx.first(
            "SELECT type, id, patient, version, body FROM resource r WHERE \(condition) AND NOT deleted",
            as: String.self, UUID.self, UUID.self, Int.self, [UInt8].self)
        guard let (type, id, patient, version, body) = row else { return .refused(.notFound) }
        let json = try sealer.cipher(for: patient).open(body, at: Place("resource", "body", row: id))
        return .done(ResourceText(type: type, id: ID(id), version: version, json: String(decoding: json, as: UTF8.self)))
    }
}
