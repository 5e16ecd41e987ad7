internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// One field, merged with what others changed meanwhile: another field of theirs stays, the same field is for the patient to look at again.
    @Sendable func changeDemographics(_ command: ChangeDemographics, actor: Actor, tx: Transaction) async throws -> Answer<ChangeDemographics> {
        let now = Date()
        let problems = command.after.problems(at: now, before: command.before)
        guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
        guard let person = try await PatientVersion.locked(command.patient, sealer, in: tx) else { return .refused(.notFound) }
        let (field, after) = (command.after.field, command.after.kept)
        let current = person.details[field]
        guard current == command.before || current == after else { return .refused(.changedMeanwhile(now: current)) }
        guard current != after else { return .done(DemographicsChanged(version: person.version)) }
        let writer = EntryWriter(store: self, patient: command.patient, cipher: person.cipher, actor: actor, tx: tx, now: now)
        if field.needsStaff {
            let waiting = try await DetailTask.all(of: command.patient, person.cipher, in: tx).contains {
                $0.status == "requested" && $0.after.field == field
            }
            guard !waiting else { return .refused(.alreadyRequested) }
            try writer.write(DetailTask.new(command, after, at: now), "Task", command.request, version: 1)
            return .done(DemographicsChanged())
        }
        return .done(DemographicsChanged(version: try person.write(after, writer)))
    }

    @Sendable func refusalOfDemographics(
        _ command: ChangeDemographics, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> DemographicsRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }
}

/// A patient's own resource as it stands, held until the transaction ends.
struct PatientVersion {
    let version: Int
    let details: PatientDetails
    let cipher: PatientCipher

    static func locked(_ patient: ID<Patient>, _ sealer: Sealer, in tx: Transaction) async throws -> PatientVersion? {
        try sealer.refuseDestroyed(patient.uuid)
        let row = try await tx.first(
            "SELECT version, body FROM resource WHERE type = 'Patient' AND id = \(patient.uuid) AND NOT deleted FOR UPDATE",
            as: Int.self, [UInt8].self)
        guard let (version, body) = row else { return nil }
        let cipher = try sealer.cipher(for: patient.uuid, making: true)
        return PatientVersion(version: version, details: PatientDetails(try cipher.resource(body, row: patient.uuid)), cipher: cipher)
    }

    /// Writes the next version, with one field as it is to be, and tells whoever keeps copies. - Returns: its version.
    func write(_ detail: Detail, _ writer: EntryWriter) throws -> Int {
        let (resource, next, patient) = (details.with(detail), version + 1, writer.patient)
        try writer.write(resource, "Patient", ID(patient.uuid), version: next)
        let columns = PatientColumns(try JSONDocument(resource.bytes).root)
        if detail.field.needsStaff {
            PatientRow.write(columns, patient.uuid, version: next, in: writer.tx)
        } else {
            // Patients change no more of it than this.
            writer.tx.queue(
                """
                UPDATE patient SET version = \(next), phone = \(columns.callable), language = \(columns.languages.first),
                    also_speaks = \(Array(columns.languages.dropFirst())), interpreter = \(columns.needsInterpreter)
                WHERE id = \(patient.uuid)
                """)
        }
        try writer.tx.emit(ContactChanged(patient: patient, version: next))
        return next
    }
}
