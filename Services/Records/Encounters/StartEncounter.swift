internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Begins an encounter with an empty note. One person has one open encounter with a patient, and a booked visit one at all.
    @Sendable func startEncounter(_ command: StartEncounter, actor: Actor, tx: Transaction) async throws -> Answer<StartEncounter> {
        var check = EntryCheck()
        check.needed("reason", command.reason)
        check.text("reason", command.reason, atMost: 500)
        if EncounterResource.kinds[command.kind] == nil { check.problems.append(EntryProblem("kind", .unknownCode)) }
        guard check.problems.isEmpty, let account = actor.account else { return .refused(.invalid(problems: check.problems)) }
        let now = Date()
        let owner = PatientRow.later(command.patient, in: tx)
        tx.queue("SELECT pg_advisory_xact_lock(hashtextextended(\("records/encounter/\(command.patient)/\(account)"), 0))")
        let open = try await tx.first(
            "SELECT encounter FROM note_draft WHERE patient = \(command.patient.uuid) AND account = \(account.uuid)", as: UUID.self)
        guard try !PatientRow.all(owner).isEmpty else { return .refused(.notFound) }
        if let there = try await encounter(ofVisit: command, tx) { return .refused(.ofThisVisit(encounter: there)) }
        if let open { return .refused(.alreadyOpen(encounter: ID(open))) }
        let cipher = try sealer.cipher(for: command.patient.uuid, making: true)
        let resource = EncounterResource.new(command, practitioner: actor.practitioner, at: now)
        let writer = EntryWriter(store: self, patient: command.patient, cipher: cipher, actor: actor, tx: tx, now: now)
        try writer.write(resource, "Encounter", command.encounter, version: 1)
        let text = try NoteDraftRow.sealed(NoteText(), of: command.encounter, cipher)
        tx.queue(
            """
            INSERT INTO note_draft (encounter, patient, practitioner, account, started_at, revision, body)
            VALUES (\(command.encounter.uuid), \(command.patient.uuid), \(actor.practitioner?.uuid), \(account.uuid), \(now), 0, \(text))
            """)
        return .done(EncounterStarted(start: now))
    }

    /// The encounter that the visit has already; nil where this one becomes it.
    private func encounter(ofVisit command: StartEncounter, _ tx: Transaction) async throws -> ID<Resource>? {
        guard let visit = command.appointment else { return nil }
        let made = try await tx.run(
            """
            INSERT INTO encounter_of_visit (appointment, patient, encounter)
            VALUES (\(visit.uuid), \(command.patient.uuid), \(command.encounter.uuid)) ON CONFLICT (patient, appointment) DO NOTHING
            """)
        guard made == 0 else { return nil }
        let there = try await tx.first(
            "SELECT encounter FROM encounter_of_visit WHERE appointment = \(visit.uuid) AND patient = \(command.patient.uuid)", as: UUID.self)
        return there.map { ID($0) }
    }

    @Sendable func refusalOfStarting(
        _ command: StartEncounter, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> EncounterRefusal? {
        constraint.hasPrefix("resource_") || constraint == "note_draft_pkey" ? .idInUse : nil
    }
}

/// Encounters as FHIR R4.
enum EncounterResource {
    /// HL7 v3 ActCode, with its display.
    static let kinds = ["AMB": "ambulatory", "VR": "virtual", "HH": "home health"]

    private static let appointmentSystem = "urn:chartline:appointment"

    static func new(_ command: StartEncounter, practitioner: ID<Practitioner>?, at now: Date) -> JSONValue {
        [
            "resourceType": "Encounter",
            "identifier": command.appointment.map { [["system": .string(appointmentSystem), "value": .string("\($0)")]] } ?? .missing,
            "status": "in-progress",
            "class": [
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": .string(command.kind),
                "display": .optional(kinds[command.kind]),
            ],
            "subject": .reference("Patient", command.patient),
            "participant": [["individual": .reference("Practitioner", practitioner)]],
            "period": ["start": .string(now.formatted(.iso8601))],
            "reasonCode": [["text": .string(command.reason)]],
        ]
    }

    /// The visit it was booked as, where it was begun here.
    static func appointment(of encounter: JSONNode) -> ID<Appointment>? {
        encounter.list("identifier").first { $0.string("system") == appointmentSystem }?.string("value").flatMap { ID($0) }
    }

    static func finished(_ encounter: JSONNode, at end: Date) -> JSONValue {
        var made = JSONValue(encounter)
        made["status"] = "finished"
        made["period"]["end"] = .string(end.formatted(.iso8601))
        return made
    }
}
