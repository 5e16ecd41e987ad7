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
        let refs = Set(command.lines.compactMap(\.practitioner?.uuid) + [patient.uuid])
        try ResourceWriter(tx: tx, actor: actor, now: now).write(
            FHIR.ResourceText(document.root), columns, [],
            at: ResourceWriter.Row(type: "Consent", id: id, version: version, patient: patient.uuid, refs: refs),
            try sealer.cipher(for: patient.uuid, making: true))
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
