internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Documents that are opened to be looked through; of more the newest.
    private static let documentsLookedAt = 2_000
    private static let documentsShown = 200

    /// Every document of a record, notes and what an import brought among them. Titles are sealed: they are looked through in memory.
    @Sendable func readDocuments(_ query: ReadDocuments, actor: Actor, tx: Transaction) async throws -> Answer<ReadDocuments> {
        let patient = query.patient.uuid
        let shown: SQL =
            """
            r.type = 'DocumentReference' AND r.patient = \(patient) AND NOT r.deleted
                AND coalesce(r.status, '') <> 'entered-in-error' \(actor.granted.shown)
            """
        let owner = PatientRow.later(query.patient, in: tx)
        let shares = actor.role == .patient ? nil : query.document.map { tx.later(Self.shares(of: $0, query.patient)) }
        let counted = tx.later("SELECT count(*) FROM resource r WHERE \(shown)")
        let rows = try await tx.last(
            """
            SELECT r.id, r.version, v.role, r.body FROM resource r JOIN resource_version v ON v.id = r.id AND v.version = 1
            WHERE \(shown) AND (\(query.document == nil) OR r.id = \(query.document?.uuid)) AND (\(query.type == nil) OR r.code = \(query.type))
            ORDER BY coalesce(r.d_lo, '-infinity') DESC, r.id DESC LIMIT \(Self.documentsLookedAt)
            """, as: UUID.self, Int.self, String?.self, [UInt8].self)
        guard let owner = try PatientRow.all(owner).first else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: patient)
        let fits = DocumentSearch(query)
        let lines = try rows.map { id, version, role, body in
            DocumentResource(try cipher.resource(body, row: id)).line(ID(id), version: version, writtenBy: role)
        }.filter(fits.fits)
        let shared = try shares?.all(as: UUID.self, UUID?.self, UUID?.self, Date.self).map { id, practitioner, location, until in
            ShareLine(share: ID(id), practitioner: practitioner.map { ID($0) }, location: location.map { ID($0) }, until: until)
        }
        return .done(
            Documents(
                patient: owner, documents: Array(lines.prefix(Self.documentsShown)), total: try counted.first(as: Int.self) ?? 0, asOf: Date(),
                withheld: actor.granted.withheld.isEmpty ? nil : true, glassBrokenUntil: actor.granted.glassBrokenUntil,
                shares: lines.isEmpty ? nil : shared))
    }

    private static func shares(of document: ID<Resource>, _ patient: ID<Patient>) -> SQL {
        """
        SELECT id, practitioner, location, until FROM document_share
        WHERE patient = \(patient.uuid) AND document = \(document.uuid) AND withdrawn_at IS NULL AND until > now() ORDER BY until, id
        """
    }
}

/// What is asked of a document beside its type. A date that cannot be read asks for nothing.
private struct DocumentSearch {
    private let words: [String]
    private let source: EntrySource?
    private let from: Date?
    private let until: Date?

    init(_ query: ReadDocuments) {
        words = NameNormal.of(query.text ?? "").split(separator: " ").map(String.init)
        source = query.source
        from = query.from.flatMap { FHIRDate($0)?.range(in: .gmt).lowerBound }
        until = query.until.flatMap { FHIRDate($0)?.range(in: .gmt).upperBound }
    }

    func fits(_ line: DocumentLine) -> Bool {
        guard source == nil || source == line.source else { return false }
        let title = NameNormal.of(line.title)
        guard words.allSatisfy(title.contains) else { return false }
        guard from != nil || until != nil else { return true }
        guard let day = line.date.flatMap({ FHIRDate($0)?.range(in: .gmt) }) else { return false }
        return from.map { day.upperBound > $0 } ?? true && until.map { day.lowerBound < $0 } ?? true
    }
}
