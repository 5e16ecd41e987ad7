internal import Contracts
internal import FHIR
internal import Foundation

/// What can be measured of a person: what LOINC calls it, its unit, and what a living person can have.
struct Measure: Sendable {
    let code: String
    let display: String
    /// Where LOINC's own name says more than people do.
    var name: String?
    let ucum: String
    /// The unit as people write it.
    let unit: String
    let possible: ClosedRange<Double>

    /// What is wrong with digits that were typed; nil when they can be kept as they are.
    func fault(in text: String) -> EntryProblem.Fault? {
        guard !text.isEmpty else { return .missing }
        guard text.wholeMatch(of: /(0|[1-9][0-9]{0,3})(\.[0-9]{1,2})?/) != nil, let number = Double(text) else { return .notANumber }
        return possible.contains(number) ? nil : .notPossible
    }

    /// What is wrong with a value, by the names its fields have. - Parameter second: of the blood pressure the lower one.
    func problems(_ value: String, _ second: String?, fields: (value: String, second: String)) -> [EntryProblem] {
        var found = fault(in: value).map { [EntryProblem(fields.value, $0)] } ?? []
        guard isPressure else { return found }
        if let fault = fault(in: second ?? "") { found.append(EntryProblem(fields.second, fault)) }
        if found.isEmpty, let second, let upper = Double(value), let lower = Double(second), lower >= upper {
            found.append(EntryProblem(fields.second, .notPossible))
        }
        return found
    }

    /// The Observation of a value, with the digits as they were read. - Parameter time: FHIR dateTime.
    func observation(_ value: String, _ second: String?, of patient: ID<Patient>, at time: String, by performer: JSONValue) -> JSONValue {
        func loinc(_ code: String, _ display: String, text: String? = nil) -> JSONValue {
            .concept(system: "http://loinc.org", code: code, display: display, text: text)
        }
        var made: JSONValue = [
            "resourceType": "Observation", "status": "final",
            "category": [EntryResource.concept("observation-category", isLaboratory ? "laboratory" : "vital-signs")],
            "code": loinc(code, display, text: name),
            "subject": .reference("Patient", patient),
            "effectiveDateTime": .string(time),
            "performer": [performer],
        ]
        if isPressure {
            made["component"] = [
                ["code": loinc("8480-6", "Systolic blood pressure"), "valueQuantity": quantity(value)],
                ["code": loinc("8462-4", "Diastolic blood pressure"), "valueQuantity": quantity(second ?? "")],
            ]
        } else {
            made["valueQuantity"] = quantity(value)
        }
        return made
    }

    private var isPressure: Bool { code == Self.bloodPressure.code }
    private var isLaboratory: Bool { code == Self.glucose.code || code == Self.molarGlucose.code }

    private func quantity(_ digits: String) -> JSONValue {
        ["value": .number(digits), "unit": .string(unit), "system": "http://unitsofmeasure.org", "code": .string(ucum)]
    }
}

extension Measure {
    static let bloodPressure = Measure(
        code: "85354-9", display: "Blood pressure panel with all children optional", name: "Blood pressure", ucum: "mm[Hg]", unit: "mmHg",
        possible: 30...300)
    static let heartRate = Measure(code: "8867-4", display: "Heart rate", ucum: "/min", unit: "/min", possible: 10...300)
    static let temperature = Measure(code: "8310-5", display: "Body temperature", ucum: "Cel", unit: "°C", possible: 25...45)
    static let weight = Measure(code: "29463-7", display: "Body weight", ucum: "kg", unit: "kg", possible: 0.2...500)
    static let glucose = Measure(
        code: "2339-0", display: "Glucose [Mass/volume] in Blood", name: "Glucose", ucum: "mg/dL", unit: "mg/dL", possible: 10...1_500)
    static let molarGlucose = Measure(
        code: "15074-8", display: "Glucose [Moles/volume] in Blood", name: "Glucose", ucum: "mmol/L", unit: "mmol/L", possible: 0.5...85)

    init(_ sign: VitalSign) {
        self =
            switch sign {
            case .bloodPressure: .bloodPressure
            case .heartRate: .heartRate
            case .respiratoryRate: Measure(code: "9279-1", display: "Respiratory rate", ucum: "/min", unit: "/min", possible: 2...100)
            case .temperature: .temperature
            case .oxygenSaturation:
                Measure(
                    code: "59408-5", display: "Oxygen saturation in Arterial blood by Pulse oximetry", name: "Oxygen saturation", ucum: "%",
                    unit: "%", possible: 30...100)
            case .weight: .weight
            case .height: Measure(code: "8302-2", display: "Body height", ucum: "cm", unit: "cm", possible: 20...260)
            case .pain:
                Measure(
                    code: "72514-3", display: "Pain severity - 0-10 verbal numeric rating [Score] - Reported", name: "Pain", ucum: "{score}",
                    unit: "of 10", possible: 0...10)
            }
    }

    /// Nil when it is not measured in that unit.
    init?(_ measure: HomeMeasure, in ucum: String) {
        switch (measure, ucum) {
        case (.bloodPressure, "mm[Hg]"): self = .bloodPressure
        case (.pulse, "/min"): self = .heartRate
        case (.weight, "kg"): self = .weight
        case (.weight, "[lb_av]"):
            self = Measure(code: Self.weight.code, display: Self.weight.display, ucum: "[lb_av]", unit: "lb", possible: 0.5...1_100)
        case (.glucose, "mg/dL"): self = .glucose
        case (.glucose, "mmol/L"): self = .molarGlucose
        case (.temperature, "Cel"): self = .temperature
        case (.temperature, "[degF]"):
            self = Measure(code: Self.temperature.code, display: Self.temperature.display, ucum: "[degF]", unit: "°F", possible: 77...113)
        default: return nil
        }
    }
}
