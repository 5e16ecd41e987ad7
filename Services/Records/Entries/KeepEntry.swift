internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Writes an entry, or its next version. What is on the list already is not listed twice, and no allergy stands beside "no known allergies".
    @Sendable func keepEntry(_ command: KeepEntry, actor: Actor, tx: Transaction) async throws -> Answer<KeepEntry> {
        let now = Date()
        guard let list = try await EntryList.read(command.content.type, of: command.patient, for: actor, sealer, in: tx) else {
            return .refused(.notFound)
        }
        let old = list.entries.first { $0.id == command.entry }
        switch (old, command.version) {
        case (nil, 0): break
        case (nil, _): return .refused(.notFound)
        case (let old?, let seen) where old.version != seen: return .refused(.changedMeanwhile(version: old.version))
        case (let old?, _) where old.isRetracted: return .refused(.retracted)
        default: break
        }
        let problems = command.content.problems(at: now, before: old.flatMap { EntryContent($0.resource) })
        guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
        if let same = list.active(like: command.content, but: command.entry) {
            return .refused(.alreadyListed(entry: same.id, since: same.line.date))
        }
        let writer = EntryWriter(store: self, patient: command.patient, cipher: list.cipher, actor: actor, tx: tx, now: now)
        switch command.content {
        case .noKnownAllergies:
            if let allergy = list.entries.first(where: { $0.isActiveAllergy }) { return .refused(.contradicts(entry: allergy.id)) }
        case .allergy(let allergy) where allergy.status == "active":
            for statement in list.entries where statement.id != command.entry && statement.isActive && statement.content == .noKnownAllergies {
                var retired = JSONValue(statement.resource)
                retired["clinicalStatus"] = EntryResource.concept("allergyintolerance-clinical", "inactive")
                try writer.write(retired, statement.type, statement.id, version: statement.version + 1)
            }
        default: break
        }
        let made = EntryResource(patient: command.patient, practitioner: actor.practitioner, now: now, old: old?.resource)
        let version = command.version + 1
        try writer.write(
            made.resource(command.content), command.content.type, command.entry, version: version, encounter: command.encounter ?? old?.encounter)
        return .done(EntryKept(version: version))
    }

    /// What a violated constraint means to whoever wrote.
    @Sendable func refusalOfWriting(_ command: KeepEntry, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> EntryRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }
}

/// Writes versions of entries in one transaction, and tells of each.
struct EntryWriter {
    let store: RecordStore
    let patient: ID<Patient>
    let cipher: PatientCipher
    let actor: Actor
    let tx: Transaction
    let now: Date

    /// - Parameter encounter: during which it was written.
    func write(_ resource: JSONValue, _ type: String, _ id: ID<Resource>, version: Int, encounter: ID<Resource>? = nil) throws {
        let root = try JSONDocument(resource.bytes).root
        let columns = SearchColumns(root, zone: .gmt, identifierHash: store.hash)
        // What we write refers to by `Type/id`, and to nothing else.
        let refs = columns.references.compactMap { ID<Resource>(reference: $0)?.uuid }
        let encounter = encounter?.uuid ?? ID<Resource>(reference: columns.encounter)?.uuid
        try ResourceWriter(tx: tx, actor: actor, now: now).write(
            FHIR.ResourceText(root), columns, Sensitivity(codes: SensitivityLabels.of(root)),
            at: ResourceWriter.Row(
                type: type, id: id.uuid, version: version, patient: patient.uuid, encounter: encounter, refs: Set(refs + [patient.uuid])),
            cipher)
        try tx.emit(RecordChanged(patient: patient, type: type, entry: id, version: version))
    }
}

/// The entries of one kind in a patient's record, opened. Whoever reads it to write waits for whoever did before.
struct EntryList {
    struct Entry {
        let id: ID<Resource>
        let version: Int
        let resource: JSONNode
        let line: RecordEntry

        var type: String { resource.string("resourceType") ?? "" }
        var content: EntryContent? { EntryContent(resource) }
        /// The row's, where it was written during one.
        let encounter: ID<Resource>?
        var isRetracted: Bool { line.isRetracted }
        var isActive: Bool { !isRetracted && ConditionEntry.activeStatuses.contains(line.status ?? "active") }
        var isActiveAllergy: Bool { if isActive, case .allergy = content { true } else { false } }
    }

    let entries: [Entry]
    let cipher: PatientCipher

    /// Until this transaction ends nobody else writes that list.
    static func lock(_ type: String, of patient: ID<Patient>, in tx: Transaction) {
        tx.queue("SELECT pg_advisory_xact_lock(hashtextextended(\("records/list/\(patient)/\(type)"), 0))")
    }

    /// - Returns: what whoever asks may see of it; nil when there is no such patient.
    static func read(_ type: String, of patient: ID<Patient>, for actor: Actor, _ sealer: Sealer, in tx: Transaction) async throws -> EntryList? {
        let owner = PatientRow.later(patient, in: tx)
        lock(type, of: patient, in: tx)
        let rows = try await tx.all(
            """
            SELECT id, version, encounter, body FROM resource
            WHERE patient = \(patient.uuid) AND type = \(type) AND NOT deleted AND (type <> 'Observation' OR category @> '{social-history}')
                \(actor.granted.shown)
            """, as: UUID.self, Int.self, UUID?.self, [UInt8].self)
        guard try !PatientRow.all(owner).isEmpty else { return nil }
        let cipher = try sealer.cipher(for: patient.uuid, making: true)
        let entries = try rows.map { id, version, encounter, body in
            let resource = try cipher.resource(body, row: id)
            return Entry(id: ID(id), version: version, resource: resource, line: RecordEntry(resource), encounter: encounter.map { ID($0) })
        }
        return EntryList(entries: entries, cipher: cipher)
    }

    /// Another active entry that says the same: the same code, or the same words.
    func active(like content: EntryContent, but id: ID<Resource>) -> Entry? {
        guard let name = content.activeName else { return nil }
        return entries.first { entry in
            guard entry.id != id, entry.isActive, let other = entry.content?.activeName else { return false }
            return other.isCoded(as: name) || NameNormal.of(other.text) == NameNormal.of(name.text)
        }
    }
}

extension EntryContent {
    /// What must not be on a list twice: the name of what is active.
    fileprivate var activeName: CodedText? {
        switch self {
        case .problem(let problem): ConditionEntry.activeStatuses.contains(problem.status) ? problem.name : nil
        case .allergy(let allergy): allergy.status == "active" ? allergy.substance : nil
        case .noKnownAllergies: CodedText("", system: "http://snomed.info/sct", code: EntryResource.noKnownAllergy)
        case .medication(let medication): medication.status == "active" ? medication.name : nil
        case .immunization, .familyHistory, .socialHistory, .procedure: nil
        }
    }
}
