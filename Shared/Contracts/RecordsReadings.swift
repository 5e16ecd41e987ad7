public import Foundation

/// What people measure at home.
public enum HomeMeasure: String, Codable, Sendable, CaseIterable {
    case bloodPressure, pulse, weight, glucose, temperature
}

extension HomeMeasure {
    /// UCUM codes it may be told in, the clinic's own first.
    public var units: [String] {
        switch self {
        case .bloodPressure: ["mm[Hg]"]
        case .pulse: ["/min"]
        case .weight: ["kg", "[lb_av]"]
        case .glucose: ["mg/dL", "mmol/L"]
        case .temperature: ["Cel", "[degF]"]
        }
    }
}

/// Keeps what a patient measured at home: an Observation, marked as told by the patient.
public struct RecordHomeReading: Command {
    public static let name = "records.record-home-reading.v1"
    public typealias Reply = HomeReadingKept
    public typealias Refusal = HomeReadingRefusal

    public var patient: ID<Patient>
    public var observation: ID<Resource>
    public var measure: HomeMeasure
    /// Digits as they were read: `81.4`. Of the blood pressure the upper one.
    public var value: String
    /// Of the blood pressure the lower one.
    public var second: String?
    /// UCUM code, one of `measure.units`.
    public var unit: String
    /// Wall time, `2026-11-24T07:40`.
    public var local: String
    /// IANA name of the zone it was that time in.
    public var zone: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, observation: ID<Resource>, measure: HomeMeasure, value: String, second: String? = nil, unit: String, local: String,
        zone: String, key: UUID
    ) {
        self.patient = patient
        self.observation = observation
        self.measure = measure
        self.value = value
        self.second = second
        self.unit = unit
        self.local = local
        self.zone = zone
        self.key = key
    }
}

public struct HomeReadingKept: Codable, Sendable, Equatable {
    public var at: Date
    public init(at: Date) { self.at = at }
}

public enum HomeReadingRefusal: Codable, Sendable, Equatable {
    case notFound
    /// The fields are `value`, `second`, `unit`, `local` and `zone`.
    case invalid(problems: [EntryProblem])
    case idInUse
}

/// What a patient measured at home, the newest 50 first.
public struct ReadHomeReadings: Query {
    public static let name = "records.read-home-readings.v1"
    public typealias Reply = HomeReadings
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct HomeReadings: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    /// IANA name of where the patient lives, when it is on file.
    public var zone: String?
    public var readings: [ResultLine]
    /// How many there are.
    public var total: Int
    public var asOf: Date

    public init(patient: PatientSummary, zone: String? = nil, readings: [ResultLine], total: Int, asOf: Date) {
        (self.patient, self.zone, self.readings, self.total, self.asOf) = (patient, zone, readings, total, asOf)
    }
}
