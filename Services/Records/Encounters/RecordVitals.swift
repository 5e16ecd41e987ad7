internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Keeps what was measured: an Observation a sign, with the digits as they were read.
    @Sendable func recordVitals(_ command: RecordVitals, actor: Actor, tx: Transaction) async throws -> Answer<RecordVitals> {
        let now = Date()
        var problems = command.readings.flatMap(\.problems)
        if command.readings.isEmpty { problems.append(EntryProblem("readings", .missing)) }
        if Set(command.readings.map(\.sign)).count != command.readings.count { problems.append(EntryProblem("readings", .tooMany)) }
        if command.at > now.addingTimeInterval(60) { problems.append(EntryProblem("at", .inTheFuture)) }
        guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
        let owner = PatientRow.later(command.patient, in: tx)
        if let encounter = command.encounter {
            guard try await self.encounter(encounter, of: command.patient, in: tx) != nil else { return .refused(.notFound) }
        } else {
            try await tx.flush()
        }
        guard try !PatientRow.all(owner).isEmpty else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: command.patient.uuid, making: true)
        let writer = EntryWriter(store: self, patient: command.patient, cipher: cipher, actor: actor, tx: tx, now: now)
        let ids = try command.readings.map { reading in
            let id = ID<Resource>()
            try writer.write(
                reading.resource(of: command.patient, in: command.encounter, by: actor.practitioner, at: command.at), "Observation", id, version: 1,
                encounter: command.encounter)
            return id
        }
        return .done(VitalsRecorded(observations: ids))
    }
}

extension VitalReading {
    fileprivate var problems: [EntryProblem] {
        Measure(sign).problems(value, second, fields: (sign.rawValue, "\(sign.rawValue).second"))
    }

    fileprivate func resource(
        of patient: ID<Patient>, in encounter: ID<Resource>?, by practitioner: ID<Practitioner>?, at time: Date
    ) -> JSONValue {
        var made = Measure(sign).observation(
            value, second, of: patient, at: time.formatted(.iso8601), by: .reference("Practitioner", practitioner))
        made["encounter"] = .reference("Encounter", encounter)
        return made
    }
}
