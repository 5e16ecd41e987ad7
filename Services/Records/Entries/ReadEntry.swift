internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Versions one page shows.
    private static let versionsShown = 50

    /// One entry and what it said before. Of something that is not written by hand there is a line, and no content.
    @Sendable func readEntry(_ query: ReadEntry, actor: Actor, tx: Transaction) async throws -> Answer<ReadEntry> {
        let rows = try await tx.last(
            """
            SELECT v.type, v.version, v.at, v.role, v.practitioner, v.body FROM resource_version v
            JOIN resource r ON r.type = v.type AND r.id = v.id
            WHERE v.id = \(query.entry.uuid) AND r.patient = \(query.patient.uuid) AND NOT r.deleted \(actor.granted.shown)
            ORDER BY v.version DESC LIMIT \(Self.versionsShown)
            """, as: String.self, Int.self, Date.self, String?.self, UUID?.self, [UInt8].self)
        guard let (type, version, _, _, _, _) = rows.first else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: query.patient.uuid)
        var newest: JSONNode?
        let versions = try rows.map { _, version, at, role, practitioner, body in
            let resource = try cipher.resource(body, row: query.entry.uuid, of: "resource_version")
            if newest == nil { newest = resource }
            return EntryVersion(
                version: version, at: at, source: EntrySource(writtenBy: role.flatMap(Role.init)), practitioner: practitioner.map { ID($0) },
                line: RecordLine(resource, type, query.entry))
        }
        return .done(
            EntryView(
                type: type, entry: query.entry, version: version, content: newest.flatMap { EntryContent($0) },
                retracted: newest.map { RecordEntry($0).isRetracted } ?? false, versions: versions))
    }
}

extension EntrySource {
    /// - Parameter role: nil for what was written before it was noted: an import.
    init(writtenBy role: Role?) {
        switch role {
        case .patient?: self = .patient
        case .clinician?, .nurse?, .frontDesk?, .billingOffice?, .administrator?: self = .clinic
        case .operator?, .worker?, .anonymous?, nil: self = .imported
        }
    }
}

extension RecordLine {
    init(_ resource: JSONNode, _ type: String, _ id: ID<Resource>) {
        let entry = RecordEntry(resource)
        let dosage = Dosage(prescribed: resource)
        self.init(
            type: type, id: id, title: entry.title, date: entry.date, status: entry.status, details: entry.details.filter { $0 != dosage?.words },
            dosage: dosage, retracted: entry.isRetracted)
    }
}
