internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let encountersShown = 20
    private static let proceduresShown = 20

    /// The chart's first page: one round trip to the database, whatever the record's size.
    ///
    /// Of each test the newest result that still stands: what was entered in error must not hide it, nor a first report its correction, nor what
    /// the patient measured at home, which stands beside it.
    @Sendable func readChart(_ query: ReadChart, actor: Actor, tx: Transaction) async throws -> Answer<ReadChart> {
        let id = query.patient.uuid
        try sealer.refuseDestroyed(id)
        let owner = PatientRow.later(query.patient, in: tx)
        let shown = actor.granted.shown
        // What clinicians ask about, and write down, at a visit.
        let history: SQL =
            if query.history == true {
                """
                UNION ALL SELECT type, id, body FROM resource WHERE patient = \(id) AND type = 'FamilyMemberHistory' AND NOT deleted \(shown)
                UNION ALL SELECT 'social', id, body FROM resource
                    WHERE patient = \(id) AND type = 'Observation' AND category @> '{social-history}' AND NOT deleted \(shown)
                UNION ALL (SELECT type, id, body FROM resource WHERE patient = \(id) AND type = 'Procedure' AND NOT deleted \(shown)
                    ORDER BY d_lo DESC NULLS LAST, id DESC LIMIT \(Self.proceduresShown))
                """
            } else { "" }
        let rows = try await tx.last(
            """
            SELECT type, id, body FROM resource WHERE patient = \(id) AND type = 'Condition' AND NOT deleted \(shown)
            UNION ALL SELECT type, id, body FROM resource WHERE patient = \(id) AND type = 'AllergyIntolerance' AND NOT deleted \(shown)
            UNION ALL SELECT type, id, body FROM resource WHERE patient = \(id) AND type = 'MedicationRequest' AND NOT deleted \(shown)
            UNION ALL SELECT type, id, body FROM resource WHERE patient = \(id) AND type = 'MedicationStatement' AND NOT deleted \(shown)
            UNION ALL SELECT type, id, body FROM resource WHERE patient = \(id) AND type = 'Immunization' AND NOT deleted \(shown)
            UNION ALL (SELECT type, id, body FROM resource WHERE patient = \(id) AND type = 'Encounter' AND NOT deleted \(shown)
                ORDER BY d_lo DESC, id DESC LIMIT \(Self.encountersShown))
            UNION ALL (SELECT 'Observation', o.id, o.body FROM
                (SELECT DISTINCT ON (code) id FROM resource
                    WHERE patient = \(id) AND type = 'Observation' AND NOT deleted \(shown) AND code IS NOT NULL
                        AND status IS DISTINCT FROM 'entered-in-error' AND NOT category @> '{patient-reported}'
                    ORDER BY code, d_lo DESC, status IN ('corrected', 'amended') DESC, id DESC) newest
                JOIN resource o ON o.type = 'Observation' AND o.id = newest.id)
            UNION ALL (SELECT DISTINCT ON (code) 'Observation', id, body FROM resource
                WHERE patient = \(id) AND type = 'Observation' AND NOT deleted \(shown) AND code IS NOT NULL
                    AND status IS DISTINCT FROM 'entered-in-error' AND category @> '{patient-reported}'
                ORDER BY code, d_lo DESC, id DESC)
            UNION ALL SELECT 'count', \(id), int8send(count(*)) FROM resource WHERE patient = \(id) AND type = 'Encounter' AND NOT deleted \(shown)
            \(history)
            """, as: String.self, UUID.self, [UInt8].self)
        guard let patient = try PatientRow.all(owner).first else { return .refused(.notFound) }
        var chart = Chart(
            patient: patient, conditions: [], allergies: [], medications: [], immunizations: [], results: [], encounters: [], encounterCount: 0,
            asOf: Date(), withheld: actor.granted.withheld.isEmpty ? nil : true, glassBrokenUntil: actor.granted.glassBrokenUntil)
        let cipher = try sealer.cipher(for: id)
        for (type, id, body) in rows {
            guard type != "count" else {
                chart.encounterCount = body.reduce(0) { $0 << 8 | Int($1) }
                continue
            }
            try add(try cipher.resource(body, row: id), type, ID(id), to: &chart)
        }
        chart.sort()
        return .done(chart)
    }

    private func add(_ resource: JSONNode, _ type: String, _ id: ID<Resource>, to chart: inout Chart) throws {
        switch type {
        case "Condition":
            let entry = ConditionEntry(resource)
            guard !entry.isRetracted else { return }
            chart.conditions.append(
                ConditionLine(
                    id: id, display: entry.display, code: entry.code, clinicalStatus: entry.clinicalStatus,
                    verificationStatus: entry.verificationStatus,
                    onset: entry.onset ?? entry.recorded, abatement: entry.abatement))
        case "AllergyIntolerance":
            let entry = AllergyEntry(resource)
            guard !entry.isRetracted else { return }
            chart.allergies.append(
                AllergyLine(
                    id: id, substance: entry.substance, criticality: entry.criticality, clinicalStatus: entry.clinicalStatus,
                    reactions: entry.reactions, noKnown: entry.noKnown, recorded: entry.recorded))
        case "MedicationRequest", "MedicationStatement":
            let entry = MedicationEntry(resource)
            guard !entry.isRetracted else { return }
            chart.medications.append(
                MedicationLine(
                    id: id, name: entry.name, status: entry.status, dosage: entry.dosage, authoredOn: entry.authoredOn,
                    type: type == "MedicationRequest" ? nil : type, parts: Dosage(prescribed: resource)))
        case "Immunization":
            let entry = ImmunizationEntry(resource)
            guard !entry.isRetracted else { return }
            chart.immunizations.append(ImmunizationLine(id: id, vaccine: entry.vaccine, status: entry.status, date: entry.date))
        case "Encounter":
            let entry = EncounterEntry(resource)
            guard !entry.isRetracted else { return }
            chart.encounters.append(
                EncounterLine(
                    id: id, display: entry.display, start: entry.start, end: entry.end, reason: entry.reason, practitioner: entry.practitioner,
                    status: entry.status))
        case "FamilyMemberHistory", "Procedure", "social":
            let line = RecordLine(resource, type == "social" ? "Observation" : type, id)
            guard !line.retracted else { return }
            chart.history = (chart.history ?? []) + [line]
        default:
            let entry = ResultEntry(resource)
            guard !entry.isRetracted else { return }
            chart.results.append(ResultLine(entry, id: id))
        }
    }
}

extension Granted {
    /// A condition that leaves out what the patient keeps from whoever asks; for most it is none.
    var shown: SQL { withheld.isEmpty ? "" : "AND sensitivity & \(withheld.rawValue)::int = 0" }
}

extension Chart {
    /// What matters now first, then the newest.
    fileprivate mutating func sort() {
        // What does not say is taken for active.
        func isOpen(_ status: String?) -> Int { status.map(ConditionEntry.activeStatuses.contains) == false ? 0 : 1 }
        conditions.sort { (isOpen($0.clinicalStatus), $0.onset ?? "") > (isOpen($1.clinicalStatus), $1.onset ?? "") }
        allergies.sort { ($0.criticality == "high" ? 0 : 1, $0.substance) < ($1.criticality == "high" ? 0 : 1, $1.substance) }
        medications.sort { ($0.status == "active" ? 1 : 0, $0.authoredOn ?? "") > ($1.status == "active" ? 1 : 0, $1.authoredOn ?? "") }
        immunizations.sort { ($0.date ?? "") > ($1.date ?? "") }
        results.sort { ($0.at ?? .distantPast, $1.display) > ($1.at ?? .distantPast, $0.display) }
        encounters.sort { ($0.start ?? "") > ($1.start ?? "") }
        // "No known allergies" is not said beside an allergy.
        if allergies.contains(where: { !$0.noKnown && $0.clinicalStatus != "resolved" }) { allergies.removeAll(where: \.noKnown) }
    }
}

extension ResultLine {
    init(_ entry: ResultEntry, id: ID<Resource>) {
        self.init(
            id: id, code: entry.code ?? "", display: entry.display, status: entry.status, category: entry.category.first, effective: entry.effective,
            at: entry.at, value: entry.value.text, unit: entry.value.unit, number: entry.value.number, low: entry.range?.lowNumber,
            high: entry.range?.highNumber, interpretation: entry.interpretation,
            components: entry.components.map {
                ResultComponent(code: $0.code ?? "", display: $0.display, value: $0.value.text, unit: $0.value.unit, number: $0.value.number)
            }, corrected: entry.corrected, fromPatient: entry.fromPatient ? true : nil, comment: entry.notes.last)
    }
}
