internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Lines a consent may have.
    private static let linesAtMost = 50

    /// Keeps what the patient said as the next version of their Consent, and goes by it from the commit on.
    @Sendable func changeConsent(_ command: ChangeConsent, actor: Actor, tx: Transaction) async throws -> Answer<ChangeConsent> {
        let rules = command.lines.compactMap(\.checked)
        guard rules.count == command.lines.count, rules.count <= Self.linesAtMost else { return .refused(.invalidLines) }
        let (id, patient, now) = (PatientConsent.id(of: command.patient), command.patient, Date())
        let owner = PatientRow.later(patient, in: tx)
        // Two changes at once: the second waits, and then finds that it has not seen the first.
        tx.queue("SELECT pg_advisory_xact_lock(hashtextextended(\("records/consent/\(patient)"), 0))")
        let before = try await tx.first("SELECT version FROM resource WHERE type = 'Consent' AND id = \(id)", as: Int.self) ?? 0
        guard try !PatientRow.all(owner).isEmpty else { return .refused(.notFound) }
        guard before == command.version else { return .refused(.changedMeanwhile) }
        let version = before + 1
        let document = try JSONDocument(try PatientConsent(command.lines, of: patient, at: now).text)
        let columns = SearchColumns(document.root, zone: .gmt, identifierHash: hash)
        var text = FHIR.ResourceText(document.root)
        text.stamp(id: id.uuidString.lowercased(), versionId: "\(version)", lastUpdated: now.formatted(.iso8601))
        let cipher = try sealer.cipher(for: patient.uuid, making: true)
        let body = try cipher.seal(text.bytes, at: Place("resource", "body", row: id), compressed: true)
        let old = try cipher.seal(text.bytes, at: Place("resource_version", "body", row: id), compressed: true)
        let refs = Set(command.lines.compactMap(\.practitioner?.uuid) + [patient.uuid])
        tx.queue(
            """
            INSERT INTO resource (type, id, patient, version, last_updated, status, code, d_lo, d_hi, category, tokens, refs, body)
            VALUES ('Consent', \(id), \(patient.uuid), \(version), \(now), \(columns.status), \(columns.code), \(columns.lowest), \(columns.highest),
                \(columns.category), \(columns.tokens), \(Array(refs)), \(body))
            ON CONFLICT ON CONSTRAINT resource_pkey DO UPDATE SET version = excluded.version, last_updated = excluded.last_updated,
                status = excluded.status, d_lo = excluded.d_lo, d_hi = excluded.d_hi, tokens = excluded.tokens, refs = excluded.refs,
                body = excluded.body
            """)
        tx.queue(
            """
            INSERT INTO resource_version (type, id, version, patient, at, actor, op, body)
            VALUES ('Consent', \(id), \(version), \(patient.uuid), \(now), \(actor.principal), \(version == 1 ? "create" : "update"), \(old))
            """)
        try ConsentLines(command.lines, rules).write(id, version, of: patient, in: tx)
        return .done(ConsentKept(version: version))
    }
}

extension ConsentLines {
    /// - Parameter rules: what each line says, in the same order.
    init(_ lines: [ConsentLine], _ rules: [ConsentRule]) {
        self.lines = zip(lines, rules).map { Self.line($1, from: $0.from, until: $0.until) }
    }
}
