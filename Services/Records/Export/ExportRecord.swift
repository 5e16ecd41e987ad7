internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let resourcesAtOnce = 500
    /// Sealed, which is compressed; and opened.
    private static let (sealedBytesAtOnce, bytesAtOnce) = (512 << 10, 2 << 20)
    private static let largestResource = 6 << 20

    /// A part of the whole record: as many resources as a message holds well, at least one.
    @Sendable func exportRecord(_ query: ExportRecord, actor: Actor, tx: Transaction) async throws -> Answer<ExportRecord> {
        let patient = query.patient.uuid
        try sealer.refuseDestroyed(patient)
        let after: SQL =
            if let place = query.after {
                """
                AND (coalesce(d_lo, '-infinity'), id) < (SELECT coalesce(d_lo, '-infinity'), id FROM resource
                    WHERE patient = \(patient) AND id = \(place.uuid) LIMIT 1)
                """
            } else { "" }
        let days = query.days.map(Self.days) ?? ""
        let owner = PatientRow.later(query.patient, in: tx)
        let rows = try await tx.last(
            """
            SELECT type, id, version, body FROM (
                SELECT type, id, version, body, coalesce(d_lo, '-infinity') AS at,
                    sum(octet_length(body)) OVER (ORDER BY coalesce(d_lo, '-infinity') DESC, id DESC) - octet_length(body) AS before
                FROM resource WHERE patient = \(patient) AND NOT deleted \(actor.granted.shown) \(after) \(days)) part
            WHERE before < \(Self.sealedBytesAtOnce) ORDER BY at DESC, id DESC LIMIT \(Self.resourcesAtOnce + 1)
            """, as: String.self, UUID.self, Int.self, [UInt8].self)
        guard let owner = try PatientRow.all(owner).first else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: patient)
        var part = RecordExport(patient: owner, asOf: Date())
        var (size, last): (Int, ID<Resource>?) = (0, nil)
        for (type, id, version, body) in rows.prefix(Self.resourcesAtOnce) {
            let bytes = try cipher.open(body, at: Place("resource", "body", row: id))
            guard last == nil || size + bytes.count <= Self.bytesAtOnce else { break }
            (size, last) = (size + bytes.count, ID(id))
            switch query.form {
            case .resources where bytes.count > Self.largestResource: part.omitted.append("\(type)/\(ID<Resource>(id))")
            case .resources:
                part.resources.append(ResourceText(type: type, id: ID(id), version: version, json: String(decoding: bytes, as: UTF8.self)))
            case .lines:
                let line = RecordLine(try JSONDocument(bytes).root, type, ID(id))
                if !line.retracted { part.lines.append(line) }
            }
        }
        // Less than was found, or as much as was looked for: whether more follow, the next part says.
        part.next = last
        return .done(part)
    }

    /// A day that is not one ends the statement with an error: the gateway reads what people type.
    private static func days(_ days: ExportDays) -> SQL {
        let from: SQL = days.from.map { "AND coalesce(d_hi, d_lo) >= \($0)::date::timestamp AT TIME ZONE \(days.zone)" } ?? ""
        let through: SQL = days.through.map { "AND d_lo < (\($0)::date + 1)::timestamp AT TIME ZONE \(days.zone)" } ?? ""
        return "AND (d_lo IS NULL OR (true \(from) \(through)))"
    }
}
