internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// What the patient said, who treats them now, and what each of those sees; with what is proposed, also what each would see.
    @Sendable func readConsent(_ query: ReadConsent, actor: Actor, tx: Transaction) async throws -> Answer<ReadConsent> {
        let (id, patient) = (PatientConsent.id(of: query.patient), query.patient)
        try sealer.refuseDestroyed(patient.uuid)
        let owner = PatientRow.later(patient, in: tx)
        let stored = tx.later("SELECT version, body FROM resource WHERE type = 'Consent' AND id = \(id) AND NOT deleted")
        let said = tx.later("SELECT source, permits, practitioner, role, kind FROM consent_rule WHERE patient = \(patient.uuid) AND valid @> now()")
        let treating = try await tx.last(
            """
            SELECT practitioner, bool_or(location IS NULL) FROM care WHERE patient = \(patient.uuid) AND valid @> now() GROUP BY practitioner
            """, as: UUID.self, Bool.self)
        guard let owner = try PatientRow.all(owner).first else { return .refused(.notFound) }
        var (version, lines): (Int, [ConsentLine]) = (0, [])
        if let (known, body) = try stored.first(as: Int.self, [UInt8].self) {
            version = known
            let text = try sealer.cipher(for: patient.uuid).open(body, at: Place("resource", "body", row: id))
            lines = PatientConsent.lines(of: try JSONDocument(text).root)
        }
        var (now, others): ([ConsentRule], [ConsentRule]) = ([], [])
        for (source, permits, practitioner, role, kind) in try said.all(as: UUID.self, Bool.self, UUID?.self, String?.self, Int?.self) {
            let recipient: ConsentRule.Recipient =
                if let practitioner { .practitioner(ID(practitioner)) } else if let role = role.flatMap(Role.init) { .role(role) } else { .everybody }
            let rule = ConsentRule(permits: permits, recipient: recipient, kind: kind.map(Sensitivity.init))
            now.append(rule)
            // What came with an imported Consent stays, whatever is said here.
            if source != id { others.append(rule) }
        }
        let proposed = query.proposed.map { $0.compactMap(\.checked) + others }
        var readers = treating.map { (practitioner: ID<Practitioner>($0.0), why: $0.1 ? "team" : "visit", treats: Treatment.team) }
        for case .practitioner(let permitted) in ((proposed ?? []) + now).filter({ $0.permits && $0.kind == nil }).map(\.recipient)
        where !readers.contains(where: { $0.practitioner == permitted }) {
            readers.append((permitted, "permitted", .none))
        }
        return .done(
            ConsentView(
                patient: owner, version: version, lines: lines,
                readers: readers.sorted { $0.practitioner < $1.practitioner }.map { reader in
                    var shown = RecordReader(practitioner: reader.practitioner, why: reader.why, seesRecord: false, withheld: [])
                    (shown.seesRecord, shown.withheld) = Self.sight(
                        of: reader.practitioner, patient, AccessFacts(treatment: reader.treats, consent: now))
                    if let proposed {
                        let then = Self.sight(of: reader.practitioner, patient, AccessFacts(treatment: reader.treats, consent: proposed))
                        (shown.wouldSeeRecord, shown.wouldBeWithheld) = (then.0, then.1)
                    }
                    return shown
                }, asOf: Date()))
    }

    /// The same decision as when they ask.
    private static func sight(of practitioner: ID<Practitioner>, _ patient: ID<Patient>, _ facts: AccessFacts) -> (Bool, [String]) {
        let reader = Actor(issuer: "records", role: .clinician, practitioner: practitioner, purpose: "treatment")
        guard case .allow(let granted) = reader.decide(on: .clinical, of: patient, facts) else { return (false, []) }
        return (true, granted.withheld.codes)
    }
}
