internal import Access
internal import Contracts
internal import FHIR
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Writes the next version of where somebody works, unless somebody else did since. What follows of it everybody hears, this service too.
    @Sendable func keepWorkplaces(_ command: KeepWorkplaces, actor: Actor, tx: Transaction) async throws -> Answer<KeepWorkplaces> {
        // One after the other: two who take the last two people away from a place would each see the other still there.
        tx.queue("SELECT pg_advisory_xact_lock(hashtextextended('records/workplaces', 0))")
        let cipher = try sealer.cipher(for: Sealer.nobody)
        guard let row = try await WorkplaceRow.find(command.practitioner, cipher, in: tx) else { return .refused(.notFound) }
        guard row.version == command.version || Fault.placesOverwrite.isOn else { return .refused(.changedMeanwhile(version: row.version)) }
        let (new, old) = (Set(command.locations), Set(row.locations))
        // What changes nothing is no version.
        guard new != old else { return .done(SettingKept(version: row.version)) }
        let known = Set(
            try await tx.all(
                """
                SELECT id FROM resource WHERE type = 'Location' AND NOT deleted
                    AND id IN (SELECT unnest(refs) FROM resource WHERE type = 'PractitionerRole' AND NOT deleted)
                """, as: UUID.self))
        guard new.allSatisfy({ known.contains($0.uuid) }) else { return .refused(.unknownPlace) }
        let others = Set(
            try await tx.all(
                "SELECT unnest(refs) FROM resource WHERE type = 'PractitionerRole' AND NOT deleted AND id <> \(row.id)", as: UUID.self))
        if let deserted = old.subtracting(new).sorted().first(where: { !others.contains($0.uuid) }) { return .refused(.deserted(location: deserted)) }
        var made = JSONValue(row.resource)
        made["location"] = .array(new.sorted().map { .reference("Location", $0) })
        let root = try JSONDocument(made.bytes).root
        let refs = row.refs.subtracting(old.map(\.uuid)).union(new.map(\.uuid))
        try ResourceWriter(tx: tx, actor: actor, now: Date()).write(
            FHIR.ResourceText(root), SearchColumns(root, zone: .gmt, identifierHash: hash), [],
            at: ResourceWriter.Row(type: "PractitionerRole", id: row.id, version: row.version + 1, patient: Sealer.nobody, refs: refs), cipher)
        try tx.emit(WorkplaceChanged(role: ID(row.id), version: row.version + 1, practitioner: command.practitioner, locations: new.sorted()))
        try await tx.flush()
        return .done(SettingKept(version: row.version + 1))
    }
}
