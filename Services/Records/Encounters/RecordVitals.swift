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

extension VitalSign {
    /// LOINC, its display, the UCUM unit and how people write it, and what a living person can have.
    fileprivate var definition: (code: String, display: String, ucum: String, unit: String, possible: ClosedRange<Double>) {
        switch self {
        case .bloodPressure: ("85354-9", "Blood pressure panel with all children optional", "mm[Hg]", "mmHg", 30...300)
        case .heartRate: ("8867-4", "Heart rate", "/min", "/min", 10...300)
        case .respiratoryRate: ("9279-1", "Respiratory rate", "/min", "/min", 2...100)
        case .temperature: ("8310-5", "Body temperature", "Cel", "°C", 25...45)
        case .oxygenSaturation: ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%", "%", 30...100)
        case .weight: ("29463-7", "Body weight", "kg", "kg", 0.2...500)
        case .height: ("8302-2", "Body height", "cm", "cm", 20...260)
        case .pain: ("72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported", "{score}", "of 10", 0...10)
        }
    }
}

extension VitalReading {
    fileprivate var problems: [EntryProblem] {
        var found: [EntryProblem] = []
        func check(_ text: String, _ field: String) {
            guard !text.isEmpty else { return found.append(EntryProblem(field, .missing)) }
            guard text.count <= 8, text.wholeMatch(of: /[0-9]{1,3}(\.[0-9]{1,2})?/) != nil, let number = Double(text) else {
                return found.append(EntryProblem(field, .notANumber))
            }
            if !sign.definition.possible.contains(number) { found.append(EntryProblem(field, .notPossible)) }
        }
        check(value, sign.rawValue)
        if sign == .bloodPressure { check(second ?? "", "\(sign.rawValue).second") }
        if found.isEmpty, let second, let upper = Double(value), let lower = Double(second), lower >= upper {
            found.append(EntryProblem("\(sign.rawValue).second", .notPossible))
        }
        return found
    }

    fileprivate func resource(
        of patient: ID<Patient>, in encounter: ID<Resource>?, by practitioner: ID<Practitioner>?, at time: Date
    ) -> JSONValue {
        let definition = sign.definition
        func quantity(_ digits: String) -> JSONValue {
            [
                "value": .number(digits), "unit": .string(definition.unit), "system": "http://unitsofmeasure.org", "code": .string(definition.ucum),
            ]
        }
        func loinc(_ code: String, _ display: String, text: String? = nil) -> JSONValue {
            .concept(system: "http://loinc.org", code: code, display: display, text: text)
        }
        // Where LOINC's own name says more than people do.
        let name = ["85354-9": "Blood pressure", "59408-5": "Oxygen saturation", "72514-3": "Pain"][definition.code]
        var made: JSONValue = [
            "resourceType": "Observation", "status": "final",
            "category": [EntryResource.concept("observation-category", "vital-signs")],
            "code": loinc(definition.code, definition.display, text: name),
            "subject": .reference("Patient", patient),
            "encounter": .reference("Encounter", encounter),
            "effectiveDateTime": .string(time.formatted(.iso8601)),
            "performer": [.reference("Practitioner", practitioner)],
        ]
        if sign == .bloodPressure {
            made["component"] = [
                ["code": loinc("8480-6", "Systolic blood pressure"), "valueQuantity": quantity(value)],
                ["code": loinc("8462-4", "Diastolic blood pressure"), "valueQuantity": quantity(second ?? "")],
            ]
        } else {
            made["valueQuantity"] = quantity(value)
        }
        return made
    }
}
