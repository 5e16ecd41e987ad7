internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

/// The PractitionerRole that says where somebody works. Of several it is the first.
struct WorkplaceRow {
    let id: UUID
    let version: Int
    let resource: JSONNode
    /// Of what it refers to.
    let refs: Set<UUID>

    var locations: [ID<Location>] { Self.locations(resource) }

    static func locations(_ role: JSONNode) -> [ID<Location>] {
        PractitionerRoleEntry(role).locations.compactMap { ID<Location>(reference: $0) }.sorted()
    }

    static func find(_ practitioner: ID<Practitioner>, _ cipher: PatientCipher, in tx: Transaction) async throws -> WorkplaceRow? {
        let rows = try await tx.all(
            """
            SELECT id, version, body, refs FROM resource
            WHERE type = 'PractitionerRole' AND patient = \(Sealer.nobody) AND NOT deleted AND refs @> ARRAY[\(practitioner.uuid)] ORDER BY id
            """, as: UUID.self, Int.self, [UInt8].self, [UUID].self)
        for (id, version, body, refs) in rows {
            let resource = try cipher.resource(body, row: id)
            let role = PractitionerRoleEntry(resource)
            guard role.isActive, ID<Practitioner>(reference: role.practitioner) == practitioner else { continue }
            return WorkplaceRow(id: id, version: version, resource: resource, refs: Set(refs))
        }
        return nil
    }
}
