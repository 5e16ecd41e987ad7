/// A patient who is no person: a chart to try things on.
public struct PracticePatient: Codable, Sendable, Equatable {
    /// `Access.Role` raw value of the staff it was made for; nil where it was imported as test data.
    public var role: String?
    public var patient: PatientSummary

    public init(role: String? = nil, patient: PatientSummary) { (self.role, self.patient) = (role, patient) }
}

/// The patients who are no people, at most 200: whoever works here tries things on theirs, services leave them out.
public struct ReadPracticePatients: Query {
    public static let name = "records.read-practice-patients.v1"
    public struct Reply: Codable, Sendable, Equatable {
        public var patients: [PracticePatient]

        public init(patients: [PracticePatient]) { self.patients = patients }
    }

    public init() {}
}
