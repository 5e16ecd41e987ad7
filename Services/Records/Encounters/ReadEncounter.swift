internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let entriesShown = 200

    /// An encounter with what belongs to it. A draft is for those who write; the patient sees what was signed.
    @Sendable func readEncounter(_ query: ReadEncounter, actor: Actor, tx: Transaction) async throws -> Answer<ReadEncounter> {
        let (patient, id, now) = (query.patient.uuid, query.encounter.uuid, Date())
        let owner = PatientRow.later(query.patient, in: tx)
        let written = tx.later(
            """
            SELECT type, id, version, last_updated, body FROM resource
            WHERE patient = \(patient) AND encounter = \(id) AND NOT deleted \(actor.granted.shown)
            ORDER BY last_updated DESC, id DESC LIMIT \(Self.entriesShown)
            """)
        let row = try await tx.first(
            "SELECT body FROM resource WHERE type = 'Encounter' AND id = \(id) AND patient = \(patient) AND NOT deleted \(actor.granted.shown)",
            as: [UInt8].self)
        let draft = actor.role == .patient ? nil : try await NoteDraftRow.read(query.encounter, of: query.patient, locking: false, in: tx)
        guard let owner = try PatientRow.all(owner).first, let row else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: patient)
        let resource = try cipher.resource(row, row: id)
        let encounter = EncounterEntry(resource)
        var view = EncounterView(
            patient: owner, encounter: query.encounter, status: encounter.status ?? "unknown", reason: encounter.reason,
            start: encounter.start.flatMap { FHIRDate($0)?.start }, end: encounter.end.flatMap { FHIRDate($0)?.start },
            practitioner: ID(reference: encounter.practitionerReference), vitals: [],
            entries: [], asOf: now, withheld: actor.granted.withheld.isEmpty ? nil : true, glassBrokenUntil: actor.granted.glassBrokenUntil)
        if let draft {
            let holder = draft.holder(but: actor.account, at: now)
            view.draft = NoteDraft(
                text: try draft.text(of: query.encounter, cipher), revision: draft.revision, saved: draft.saved, heldUntil: holder?.until,
                heldBy: holder?.practitioner)
        }
        let note = NoteDocument.id(.progressNote, of: query.encounter)
        let instructions = NoteDocument.id(.instructions, of: query.encounter)
        for (type, id, version, at, body) in try written.all(as: String.self, UUID.self, Int.self, Date.self, [UInt8].self) {
            let resource = try cipher.resource(body, row: id)
            let line = RecordLine(resource, type, ID(id))
            guard !line.retracted else { continue }
            switch line.id {
            case note: view.note = SignedNote(resource, document: note, version: version, at: at)
            case instructions: view.instructions = NoteDocument.parts(of: resource).map(\.text).joined(separator: "\n\n")
            default: add(line, resource, to: &view)
            }
        }
        return .done(view)
    }

    private func add(_ line: RecordLine, _ resource: JSONNode, to view: inout EncounterView) {
        if line.type == "Observation" {
            let result = ResultEntry(resource)
            if result.category.contains("vital-signs") { return view.vitals.append(ResultLine(result, id: line.id)) }
        }
        view.entries.append(line)
    }

    /// What the asker has begun, or was the last to write, and nobody has signed.
    func readUnsignedNotes(
        _ query: ReadUnsignedNotes, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader
    ) async throws -> Answer<ReadUnsignedNotes> {
        let account = actor.account?.uuid
        let rows = try await tx.all(
            """
            SELECT patient, encounter, started_at, saved_at FROM note_draft
            WHERE (account = \(account) OR held_by = \(account)) AND \(PracticePatients.excluded("note_draft.patient")) ORDER BY started_at LIMIT 200
            """, as: UUID.self, UUID.self, Date.self, Date?.self)
        guard !rows.isEmpty else { return .done(UnsignedNotes(notes: [])) }
        let reading = facts.read(of: "SELECT unnest(\(Array(Set(rows.map(\.0)))))", for: actor, in: tx)
        try await tx.flush()
        let known = try reading.facts()
        // Whom they do not treat any more, or who has said no since, is not named.
        let ids = rows.map(\.0).filter { actor.decide(on: .clinical, of: ID($0), known[ID($0)] ?? AccessFacts()).isAllowed }
        let patients = try await PatientRow.last("SELECT \(PatientRow.columns) FROM patient WHERE id = ANY(\(ids))", in: tx)
        let named = Dictionary(patients.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return .done(
            UnsignedNotes(
                notes: rows.compactMap { patient, encounter, started, saved in
                    named[ID(patient)].map { UnsignedNote(patient: $0, encounter: ID(encounter), start: started, saved: saved) }
                }))
    }
}

extension SignedNote {
    /// - Parameter time: when the version was written, where the document does not say when it was signed.
    fileprivate init(_ document: JSONNode, document id: ID<Resource>, version: Int, at time: Date) {
        self.init(
            document: id, version: version, parts: NoteDocument.parts(of: document), digest: NoteDocument.digest(of: document),
            signed: document.string("date").flatMap { FHIRDate($0)?.start } ?? time,
            signedBy: ID(reference: document.list("author").first?.string("reference")), amended: document.string("docStatus") == "amended")
    }
}
