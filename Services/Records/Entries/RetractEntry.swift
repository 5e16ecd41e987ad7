internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Marks an entry as made in error. It leaves lists, graphs and checks; every version of it stays.
    @Sendable func retractEntry(_ command: RetractEntry, actor: Actor, tx: Transaction) async throws -> Answer<RetractEntry> {
        var check = EntryCheck()
        check.why("reason", command.reason)
        guard check.problems.isEmpty else { return .refused(.invalid(problems: check.problems)) }
        let row = try await tx.first(
            """
            SELECT version, body FROM resource
            WHERE id = \(command.entry.uuid) AND patient = \(command.patient.uuid) AND NOT deleted \(actor.granted.shown) FOR UPDATE
            """, as: Int.self, [UInt8].self)
        guard let (version, body) = row else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: command.patient.uuid)
        let resource = try cipher.resource(body, row: command.entry.uuid)
        guard EntryContent(resource) != nil, let type = resource.string("resourceType") else { return .refused(.notFound) }
        guard version == command.version else { return .refused(.changedMeanwhile(version: version)) }
        guard !RecordEntry(resource).isRetracted else { return .refused(.retracted) }
        let writer = EntryWriter(store: self, patient: command.patient, cipher: cipher, actor: actor, tx: tx, now: Date())
        try writer.write(
            Self.retracted(JSONValue(resource), type, "Entered in error: \(command.reason)"), type, command.entry, version: version + 1)
        return .done(EntryKept(version: version + 1))
    }

    /// FHIR has an element of its own for it where a status is about the illness rather than about the entry.
    private static func retracted(_ resource: JSONValue, _ type: String, _ why: String) -> JSONValue {
        var made = resource
        switch type {
        case "Condition", "AllergyIntolerance":
            let system = type == "Condition" ? "condition-ver-status" : "allergyintolerance-verification"
            made["verificationStatus"] = EntryResource.concept(system, "entered-in-error")
            // con-5, ait-2: what was never so has no clinical status.
            made["clinicalStatus"] = .missing
        default: made["status"] = "entered-in-error"
        }
        let notes: [JSONValue] = if case .array(let notes) = made["note"] { notes } else { [] }
        made["note"] = .array(notes + [["text": .string(why)]])
        return made
    }
}
