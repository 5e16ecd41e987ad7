internal import Access
internal import Contracts
internal import Crypto
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Signs what the signer read: the note becomes a document that does not change, what the patient takes home becomes another, and the encounter
    /// is finished; all or nothing.
    @Sendable func signNote(_ command: SignNote, actor: Actor, tx: Transaction) async throws -> Answer<SignNote> {
        guard command.text.problems.isEmpty else { return .refused(.invalid(problems: command.text.problems)) }
        guard !command.text.parts.isEmpty else { return .refused(.invalid(problems: [EntryProblem("assessment", .missing)])) }
        let now = Date()
        let writable = try await writable(command.encounter, of: command.patient, from: command.revision, by: actor, at: now, in: tx)
        if case .failure(let refusal) = writable { return .refused(refusal.why) }
        guard let (version, encounter) = try await encounter(command.encounter, of: command.patient, in: tx) else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: command.patient.uuid)
        let writer = EntryWriter(store: self, patient: command.patient, cipher: cipher, actor: actor, tx: tx, now: now)
        let note = NoteDocument(.progressNote, command.text.parts, of: command.patient, in: command.encounter, by: actor.practitioner, at: now)
        let document = NoteDocument.id(.progressNote, of: command.encounter)
        try writer.write(note.resource, "DocumentReference", document, version: 1, encounter: command.encounter)
        if !command.text.instructions.isEmpty {
            let taken = NoteDocument(
                .instructions, [NotePart(.plan, command.text.instructions)], of: command.patient, in: command.encounter, by: actor.practitioner,
                at: now)
            try writer.write(
                taken.resource, "DocumentReference", NoteDocument.id(.instructions, of: command.encounter), version: 1,
                encounter: command.encounter)
        }
        try writer.write(EncounterResource.finished(encounter, at: now), "Encounter", command.encounter, version: version + 1)
        tx.queue("DELETE FROM note_draft WHERE encounter = \(command.encounter.uuid)")
        let entry = EncounterEntry(encounter)
        try tx.emit(
            EncounterFinished(
                patient: command.patient, encounter: command.encounter, version: version + 1, practitioner: actor.practitioner,
                appointment: EncounterResource.appointment(of: encounter), start: entry.start.flatMap { FHIRDate($0)?.start } ?? now, end: now))
        return .done(NoteSigned(document: document, version: 1, digest: note.digest))
    }

    /// The encounter as it stands.
    func encounter(_ id: ID<Resource>, of patient: ID<Patient>, in tx: Transaction) async throws -> (version: Int, resource: JSONNode)? {
        let row = try await tx.first(
            "SELECT version, body FROM resource WHERE type = 'Encounter' AND id = \(id.uuid) AND patient = \(patient.uuid) AND NOT deleted",
            as: Int.self, [UInt8].self)
        guard let row else { return nil }
        let cipher = try sealer.cipher(for: patient.uuid)
        return (row.0, try cipher.resource(row.1, row: id.uuid))
    }
}

/// What is written at an encounter, as a DocumentReference with its text inside: as plain text for every reader, and part by part for ours.
struct NoteDocument {
    enum Kind: String {
        /// LOINC.
        case progressNote = "11506-3"
        case instructions = "69730-0"

        var display: String { self == .progressNote ? "Progress note" : "Instructions" }
    }

    let resource: JSONValue
    /// SHA-256 of the text, in hexadecimal digits.
    let digest: String

    static let digestExtension = "urn:chartline:sha-256"
    private static let partExtension = "urn:chartline:note-part"

    /// - Parameter signed: the version before, where this adds to it.
    init(
        _ kind: Kind, _ parts: [NotePart], of patient: ID<Patient>, in encounter: ID<Resource>, by author: ID<Practitioner>?, at now: Date,
        over signed: JSONNode? = nil
    ) {
        let text = Self.text(parts)
        digest = Self.digest(of: text)
        let attachment: JSONValue = [
            "contentType": "text/plain; charset=utf-8", "data": .string(Data(text.utf8).base64EncodedString()), "title": .string(kind.display),
            "creation": .string(now.formatted(.iso8601)),
            "extension": [["url": .string(Self.digestExtension), "valueString": .string(digest)]],
        ]
        var made: JSONValue = [
            "resourceType": "DocumentReference", "status": "current", "docStatus": "final",
            "type": .concept(system: "http://loinc.org", code: kind.rawValue, display: kind.display),
            "category": [.concept(system: "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", code: "clinical-note")],
            "subject": .reference("Patient", patient),
            "date": .string(now.formatted(.iso8601)),
            "author": [.reference("Practitioner", author)],
        ]
        if let signed {
            made = JSONValue(signed)
            made["docStatus"] = "amended"
        }
        made["extension"] = .array(parts.map(Self.written))
        made["content"] = [["attachment": attachment]]
        made["context"] = ["encounter": [.reference("Encounter", encounter)]]
        resource = made
    }

    private static func written(_ part: NotePart) -> JSONValue {
        [
            "url": .string(partExtension),
            "extension": [
                ["url": "heading", "valueCode": .string(part.heading.rawValue)], ["url": "text", "valueString": .string(part.text)],
                part.at.map { ["url": "at", "valueDateTime": .string($0.formatted(.iso8601))] } ?? .missing,
                part.by == nil ? .missing : ["url": "by", "valueReference": .reference("Practitioner", part.by)],
            ],
        ]
    }

    /// The parts a stored document holds.
    static func parts(of document: JSONNode) -> [NotePart] {
        document.list("extension").filter { $0.string("url") == partExtension }.compactMap { part in
            let members = part.extensions
            guard let heading = members["heading"]?.string("valueCode").flatMap(NotePart.Heading.init) else { return nil }
            return NotePart(
                heading, members["text"]?.string("valueString") ?? "", at: members["at"]?.string("valueDateTime").flatMap { FHIRDate($0)?.start },
                by: ID(reference: members["by"]?.reference("valueReference")))
        }
    }

    /// As every reader of FHIR sees it.
    private static func text(_ parts: [NotePart]) -> String {
        parts.map { part in
            let when = part.at.map { ", \($0.formatted(.iso8601))" } ?? ""
            return "\(part.heading.rawValue.prefix(1).uppercased())\(part.heading.rawValue.dropFirst())\(when)\n\(part.text)"
        }.joined(separator: "\n\n")
    }

    private static func digest(of text: String) -> String { SHA256.hash(data: Data(text.utf8)).hex }

    /// Of the document as it is stored.
    static func digest(of document: JSONNode) -> String { digest(of: text(parts(of: document))) }

    /// The same for an encounter whenever it is asked: a note is signed once.
    static func id(_ kind: Kind, of encounter: ID<Resource>) -> ID<Resource> { ID(UUID(digestOf: "\(kind.rawValue) of \(encounter)")) }
}

extension NoteText {
    /// The parts that say something. What the patient takes home is a document of its own.
    var parts: [NotePart] {
        [NotePart(.history, history), NotePart(.findings, findings), NotePart(.assessment, assessment), NotePart(.plan, plan)]
            .filter { !$0.text.isEmpty }
    }
}
