internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Everything in a record, or a part of it, the newest first and what has no date last. What was entered in error is left out.
    @Sendable func readTimeline(_ query: ReadTimeline, actor: Actor, tx: Transaction) async throws -> Answer<ReadTimeline> {
        let limit = max(1, min(query.limit, 200))
        let patient = query.patient.uuid
        let shown: SQL =
            "patient = \(patient) AND NOT deleted \(actor.granted.shown) AND coalesce(status, '') NOT IN ('entered-in-error', 'refuted')"
        let section: SQL = if let wanted = query.section { "AND \(Self.section) = \(wanted.rawValue)" } else { "" }
        let after: SQL =
            if let place = query.after {
                """
                AND (coalesce(d_lo, '-infinity'), id) < (SELECT coalesce(d_lo, '-infinity'), id FROM resource
                    WHERE patient = \(patient) AND id = \(place.uuid) LIMIT 1)
                """
            } else { "" }
        let owner = PatientRow.later(query.patient, in: tx)
        // The first page says how much there is of everything; the others need not count again.
        let counted = query.after == nil ? tx.later("SELECT \(Self.section), count(*) FROM resource WHERE \(shown) GROUP BY 1") : nil
        let rows = try await tx.last(
            """
            SELECT r.type, r.id, r.body FROM (
                SELECT type, id FROM resource WHERE \(shown) \(section) \(after)
                ORDER BY coalesce(d_lo, '-infinity') DESC, id DESC LIMIT \(limit + 1)) page
            JOIN resource r ON r.type = page.type AND r.id = page.id
            ORDER BY coalesce(r.d_lo, '-infinity') DESC, r.id DESC
            """, as: String.self, UUID.self, [UInt8].self)
        guard let owner = try PatientRow.all(owner).first else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: patient)
        let lines = try rows.prefix(limit).map { type, id, body in
            RecordLine(try cipher.resource(body, row: id), type, ID(id))
        }
        let last = rows.count > limit ? rows[limit - 1] : nil
        let counts = try counted?.all(as: String.self, Int.self) ?? []
        return .done(
            Timeline(
                patient: owner, lines: lines, next: last.map { ID($0.1) },
                counts: Dictionary(counts.map { ($0.0, $0.1) }, uniquingKeysWith: +), asOf: Date(),
                withheld: actor.granted.withheld.isEmpty ? nil : true, glassBrokenUntil: actor.granted.glassBrokenUntil))
    }

    /// `RecordSection` of a row, as people look for it.
    private static let section: SQL = """
        CASE
            WHEN type = 'Observation' AND category @> '{vital-signs}' THEN 'vitals'
            WHEN type = 'Observation' AND category @> '{social-history}' THEN 'social'
            WHEN type IN ('Observation', 'DiagnosticReport', 'ImagingStudy', 'Media') THEN 'results'
            WHEN type = 'Condition' THEN 'problems'
            WHEN type = 'AllergyIntolerance' THEN 'allergies'
            WHEN type IN ('MedicationRequest', 'MedicationStatement', 'MedicationAdministration', 'MedicationDispense') THEN 'medications'
            WHEN type = 'Immunization' THEN 'immunizations'
            WHEN type = 'Procedure' THEN 'procedures'
            WHEN type = 'FamilyMemberHistory' THEN 'family'
            WHEN type IN ('Encounter', 'Appointment') THEN 'visits'
            WHEN type IN ('DocumentReference', 'Composition') THEN 'documents'
            WHEN type IN ('CarePlan', 'CareTeam', 'Goal') THEN 'plans'
            WHEN type IN ('ServiceRequest', 'DeviceRequest', 'NutritionOrder', 'Task') THEN 'orders'
            WHEN type IN ('Claim', 'ClaimResponse', 'ExplanationOfBenefit', 'Coverage', 'Account') THEN 'claims'
            ELSE 'other'
        END
        """
}
