internal import Access
internal import Contracts
internal import Faults
internal import Postgres

/// Patients who are no people: in no list of what waits, and in no number.
enum PracticePatients {
    /// The record number of those made here is this and the role they are for.
    private static let record = "PRACTICE-"

    static func role(of patient: PatientSummary) -> String? {
        patient.mrn.flatMap { $0.hasPrefix(record) ? Role(rawValue: $0.dropFirst(record.count).lowercased())?.rawValue : nil }
    }

    /// Of rows of `patient`: those of people.
    static func excluded(among patients: SQL) -> SQL { Fault.practiceIsReal.isOn ? "true" : "NOT \(patients).practice" }

    /// Not one of them. - Parameter patient: the column that says whose a row is.
    static func excluded(_ patient: SQL) -> SQL {
        Fault.practiceIsReal.isOn ? "true" : "NOT EXISTS (SELECT FROM patient nobody WHERE nobody.practice AND nobody.id = \(patient))"
    }
}

extension RecordStore {
    private static let practiceShown = 200

    /// Those that are there; of a record that was destroyed nothing is left to try.
    @Sendable func readPracticePatients(
        _ query: ReadPracticePatients, actor: Actor, tx: Transaction
    ) async throws -> Answer<ReadPracticePatients> {
        let found = try await PatientRow.last(
            "SELECT \(PatientRow.columns) FROM patient WHERE practice AND destroyed_at IS NULL ORDER BY id LIMIT \(Self.practiceShown)", in: tx)
        return .done(.init(patients: found.map { PracticePatient(role: PracticePatients.role(of: $0), patient: $0) }))
    }
}
