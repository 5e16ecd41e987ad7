internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

/// Puts a resource into the store: its row, with what it is searched by, and its version, which stays.
///
/// A first version is inserted, any other put in place of the one before it. Whoever writes the same version a second time violates
/// `resource_version_once`.
struct ResourceWriter {
    /// What and whose a resource is.
    struct Row {
        let type: String
        let id: UUID
        let version: Int
        let patient: UUID
        var encounter: UUID?
        /// Of what it refers to.
        var refs: Set<UUID> = []
    }

    let tx: Transaction
    let actor: Actor
    let now: Date

    /// - Parameters:
    ///   - resource: without a stamp: id, version and time are set here.
    ///   - cipher: of the patient it belongs to.
    func write(
        _ resource: FHIR.ResourceText, _ columns: SearchColumns, _ sensitivity: Sensitivity, at row: Row, _ cipher: PatientCipher
    ) throws {
        var text = resource
        text.stamp(id: row.id.text, versionId: "\(row.version)", lastUpdated: now.formatted(Self.instant))
        let bytes = text.bytes
        let body = try cipher.seal(bytes, at: Place("resource", "body", row: row.id), compressed: true)
        let kept = try cipher.seal(bytes, at: Place("resource_version", "body", row: row.id), compressed: true)
        let refs = Array(row.refs)
        if row.version == 1 {
            tx.queue(
                """
                INSERT INTO resource (type, id, patient, version, last_updated, status, code, d_lo, d_hi, num, unit, encounter, category,
                    tokens, refs, sensitivity, body)
                VALUES (\(row.type), \(row.id), \(row.patient), 1, \(now), \(columns.status), \(columns.code), \(columns.lowest),
                    \(columns.highest), \(columns.num), \(columns.unit), \(row.encounter), \(columns.category), \(columns.tokens), \(refs),
                    \(sensitivity.rawValue)::int, \(body))
                """)
        } else {
            tx.queue(
                """
                UPDATE resource SET patient = \(row.patient), version = \(row.version), last_updated = \(now), status = \(columns.status),
                    code = \(columns.code), d_lo = \(columns.lowest), d_hi = \(columns.highest), num = \(columns.num), unit = \(columns.unit),
                    encounter = \(row.encounter), category = \(columns.category), tokens = \(columns.tokens), refs = \(refs),
                    sensitivity = \(sensitivity.rawValue)::int | (sensitivity & \(ResultHold.bit)::int), body = \(body), deleted = false
                WHERE type = \(row.type) AND id = \(row.id)
                """)
        }
        tx.queue(
            """
            INSERT INTO resource_version (type, id, version, patient, at, actor, op, body, role, practitioner)
            VALUES (\(row.type), \(row.id), \(row.version), \(row.patient), \(now), \(actor.principal),
                \(row.version == 1 ? "create" : "update"), \(kept), \(actor.role.rawValue), \(actor.practitioner?.uuid))
            """)
    }

    /// A FHIR instant in UTC.
    private static let instant = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
