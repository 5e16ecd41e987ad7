internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// The clinic's own people and places: those with a role at a place whose time zone is known. Others' practitioners, who came with imported
    /// records, are not offered.
    @Sendable func readDirectory(_ query: ReadDirectory, actor: Actor, tx: Transaction) async throws -> Answer<ReadDirectory> {
        let rows = try await tx.all(
            """
            SELECT type, id, body FROM resource WHERE type = 'PractitionerRole' AND patient = \(Sealer.nobody) AND NOT deleted
            UNION ALL SELECT r.type, r.id, r.body FROM resource r WHERE r.type IN ('Practitioner', 'Location', 'Organization') AND NOT r.deleted
                AND r.id IN (SELECT unnest(refs) FROM resource WHERE type = 'PractitionerRole' AND NOT deleted)
            """, as: String.self, UUID.self, [UInt8].self)
        guard !rows.isEmpty else { return .done(Directory(practitioners: [], locations: [])) }
        let cipher = try sealer.cipher(for: Sealer.nobody)
        var directory = Directory(practitioners: [], locations: [])
        var specialties: [String: String] = [:]
        for (type, id, body) in rows {
            let resource = try cipher.resource(body, row: id)
            switch type {
            case "PractitionerRole":
                let role = PractitionerRoleEntry(resource)
                if let practitioner = role.practitioner { specialties[practitioner] = role.specialty ?? role.role }
            case "Practitioner":
                let entry = PractitionerEntry(resource)
                directory.practitioners.append(DirectoryPractitioner(id: ID(id), name: entry.name))
            case "Location":
                let entry = PlaceEntry(resource)
                guard entry.zone != nil else { continue }
                directory.locations.append(
                    DirectoryLocation(id: ID(id), name: entry.name, address: entry.address, phone: entry.phone, zone: entry.zone))
            default:
                directory.organization = directory.organization ?? PlaceEntry(resource).name
            }
        }
        for place in directory.practitioners.indices {
            directory.practitioners[place].specialty = specialties["Practitioner/\(directory.practitioners[place].id)"]
        }
        directory.practitioners.sort { $0.name < $1.name }
        directory.locations.sort { $0.name < $1.name }
        return .done(directory)
    }
}
