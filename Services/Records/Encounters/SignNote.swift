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
        return (row.0, try JSONDocument(try cipher.open(row.1, at: Place("resource", "body", row: id.uuid))).root)
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

    private static let digestExtension = "urn:chartline:sha-256"
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
        let person: JSONValue = author.map { [["reference": .string("Practitioner/\($0)")]] } ?? .missing
        var made: JSONValue = [
            "resourceType": "DocumentReference", "status": "current", "docStatus": "final",
            "type": ["coding": [["system": "http://loinc.org", "code": .string(kind.rawValue), "display": .string(kind.display)]]],
            "category": [
                ["coding": [["system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "code": "clinical-note"]]],
            ],
            "subject": ["reference": .string("Patient/\(patient)")],
            "date": .string(now.formatted(.iso8601)),
            "author": person,
        ]
        if let signed {
            made = JSONValue(signed)
            made["docStatus"] = "amended"
        }
        made["extension"] = .array(parts.map(Self.written))
        made["content"] = [["attachment": attachment]]
        made["context"] = ["encounter": [["reference": .string("Encounter/\(encounter)")]]]
        resource = made
    }

    private static func written(_ part: NotePart) -> JSONValue {
        let author: JSONValue = part.by.map { ["reference": .string("Practitioner/\($0)")] } ?? .missing
        return [
            "url": .string(partExtension),
            "extension": [
                ["url": "heading", "valueCode": .string(part.heading.rawValue)], ["url": "text", "valueString": .string(part.text)],
                part.at.map { ["url": "at", "valueDateTime": .string($0.formatted(.iso8601))] } ?? .missing,
                part.by == nil ? .missing : ["url": "by", "valueReference": author],
            ],
        ]
    }

    /// The parts a stored document holds.
    static func parts(of document: JSONNode) -> [NotePart] {
        document.list("extension").filter { $0.string("url") == partExtension }.compactMap { part in
            let members = Dictionary(part.list("extension").map { ($0.string("url") ?? "", $0) }, uniquingKeysWith: { first, _ in first })
            guard let heading = members["heading"]?.string("valueCode").flatMap(NotePart.Heading.init) else { return nil }
            return NotePart(
                heading, members["text"]?.string("valueString") ?? "", at: members["at"]?.string("valueDateTime").flatMap { FHIRDate($0)?.start },
                by: members["by"]?.reference("valueReference")?.split(separator: "/").last.flatMap { ID(String($0)) })
        }
    }

    /// As every reader of FHIR sees it.
    private static func text(_ parts: [NotePart]) -> String {
        parts.map { part in
            let when = part.at.map { ", \($0.formatted(.iso8601))" } ?? ""
            return "\(part.heading.rawValue.prefix(1).uppercased())\(part.heading.rawValue.dropFirst())\(when)\n\(part.text)"
        }.joined(separator: "\n\n")
    }

    private static func digest(of text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Of the document as it is stored.
    static func digest(of document: JSONNode) -> String { digest(of: text(parts(of: document))) }

    /// The same for an encounter whenever it is asked: a note is signed once.
    static func id(_ kind: Kind, of encounter: ID<Resource>) -> ID<Resource> {
        var bytes = Array(SHA256.hash(data: Array("\(kind.rawValue) of \(encounter)".utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        return ID(bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) })
    }
}

extension NoteText {
    /// The parts that say something. What the patient takes home is a document of its own.
    var parts: [NotePart] {
        [NotePart(.history, history), NotePart(.findings, findings), NotePart(.assessment, assessment), NotePart(.plan, plan)]
            .filter { !$0.text.isEmpty }
    }
}
