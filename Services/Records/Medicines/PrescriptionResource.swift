internal import Contracts
internal import FHIR
internal import Foundation

/// Prescriptions as FHIR R4 MedicationRequest.
enum PrescriptionResource {
    private static let overrideExtension = "urn:chartline:override"

    static func new(
        _ command: Prescribe, practitioner: ID<Practitioner>?, overriding entries: [ID<Resource>], at now: Date
    ) -> JSONValue {
        let overrides = command.override.map { reason in entries.map { override($0, reason) } }
        return [
            "resourceType": "MedicationRequest",
            "extension": .array(overrides ?? []),
            "status": "active", "intent": "order",
            "medicationCodeableConcept": command.medicine.concept,
            "subject": .reference("Patient", command.patient),
            "encounter": .reference("Encounter", command.encounter),
            "authoredOn": .string(now.formatted(.iso8601)), "requester": .reference("Practitioner", practitioner),
            "reasonCode": command.reason.map { [["text": .string($0)]] } ?? .missing,
            "dosageInstruction": [instruction(command.dosage)],
            "dispenseRequest": [
                "numberOfRepeatsAllowed": .number("\(command.refills)"),
                "quantity": ["value": .number("\(command.quantity)"), "unit": .string(command.dosage.unit)],
            ],
            "substitution": ["allowedBoolean": .bool(command.substitution)],
            "priorPrescription": .reference("MedicationRequest", command.renews),
        ]
    }

    private static func instruction(_ dosage: Dosage) -> JSONValue {
        [
            "text": .string(dosage.words), "additionalInstruction": dosage.note.map { [["text": .string($0)]] } ?? .missing,
            "timing": ["repeat": ["frequency": .number("\(dosage.frequency)"), "period": .number("\(dosage.period)"), "periodUnit": "d"]],
            "asNeededBoolean": .bool(dosage.asNeeded), "route": ["text": .string(dosage.route)],
            "doseAndRate": [["doseQuantity": ["value": .number(dosage.amount), "unit": .string(dosage.unit)]]],
        ]
    }

    /// The same medicine, taken the same way, from now on.
    static func renewed(_ old: JSONNode, from id: ID<Resource>, practitioner: ID<Practitioner>?, overriding: [ID<Resource>: String], at now: Date)
        -> JSONValue
    {
        var made = JSONValue(old)
        made["id"] = .missing
        made["meta"] = .missing
        made["encounter"] = .missing
        made["status"] = "active"
        made["statusReason"] = .missing
        made["authoredOn"] = .string(now.formatted(.iso8601))
        made["requester"] = .reference("Practitioner", practitioner)
        made["priorPrescription"] = .reference("MedicationRequest", id)
        made["extension"] = .array(overriding.map(override))
        return made
    }

    private static func override(_ entry: ID<Resource>, _ reason: String) -> JSONValue {
        [
            "url": .string(overrideExtension),
            "extension": [["url": "entry", "valueString": .string("\(entry)")], ["url": "reason", "valueString": .string(reason)]],
        ]
    }

    /// What was gone over when it was written, with the reason.
    static func overrides(of prescription: JSONNode) -> [ID<Resource>: String] {
        var found: [ID<Resource>: String] = [:]
        for one in prescription.list("extension") where one.string("url") == overrideExtension {
            let members = one.extensions
            guard let entry = members["entry"]?.string("valueString").flatMap({ ID<Resource>($0) }) else { continue }
            found[entry] = members["reason"]?.string("valueString") ?? ""
        }
        return found
    }

    /// Where a status may lead: FHIR's, without those that are no doing of a person's.
    static let transitions: [String: Set<String>] = [
        "draft": ["active", "cancelled"], "active": ["on-hold", "stopped", "completed", "cancelled"],
        "on-hold": ["active", "stopped", "completed", "cancelled"], "stopped": [], "completed": [], "cancelled": [],
    ]
}

extension Dosage {
    /// As it was prescribed here; nil where the instructions are somebody else's words.
    init?(prescribed resource: JSONNode) {
        guard resource.string("resourceType") == "MedicationRequest", let instruction = resource.list("dosageInstruction").first,
            let quantity = instruction.list("doseAndRate").first?["doseQuantity"], let amount = quantity["value"]?.literal,
            let plan = instruction["timing"]?["repeat"], let frequency = plan["frequency"]?.number, let period = plan["period"]?.number
        else { return nil }
        self.init(
            amount: amount, unit: quantity.string("unit") ?? "", route: instruction["route"]?.string("text") ?? "", frequency: Int(frequency),
            period: Int(period), asNeeded: instruction["asNeededBoolean"]?.bool ?? false,
            note: instruction.list("additionalInstruction").first?.string("text"))
        guard instruction.string("text") == words else { return nil }
    }

    /// `1 tablet by mouth, 2 times a day, when needed. With food`
    var words: String {
        let times = frequency == 1 ? "once" : "\(frequency) times"
        let every = period == 1 ? "a day" : "every \(period) days"
        let base = "\(amount) \(unit) \(route), \(times) \(every)\(asNeeded ? ", when needed" : "")"
        return note.map { "\(base). \($0)" } ?? base
    }

    var problems: [EntryProblem] {
        var check = EntryCheck()
        if amount.wholeMatch(of: /[0-9]{1,4}(\.[0-9]{1,3})?/) == nil || Double(amount) == 0 {
            check.problems.append(EntryProblem("amount", .notANumber))
        }
        check.needed("unit", unit)
        check.text("unit", unit, atMost: 40)
        check.needed("route", route)
        check.text("route", route, atMost: 60)
        check.number("frequency", frequency, in: 1...24)
        check.number("period", period, in: 1...90)
        check.text("note", note, atMost: 300)
        return check.problems
    }
}
