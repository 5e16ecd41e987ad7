internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// A patient's row as it is shown, in the order of `columns`.
enum PatientRow {
    static let columns: SQL = "id, version, name, family, given, birth_date, gender, mrn, phone, language, deceased"

    static func all(_ sql: SQL, in tx: Transaction) async throws -> [PatientSummary] {
        let rows = tx.later(sql)
        try await tx.flush()
        return try all(rows)
    }

    /// The last thing a query asks.
    static func last(_ sql: SQL, in tx: Transaction) async throws -> [PatientSummary] {
        let rows = tx.later(sql)
        try await tx.end()
        return try all(rows)
    }

    static func all(_ rows: Later) throws -> [PatientSummary] {
        try rows.all(
            as: UUID.self, Int.self, String.self, String.self, String.self, String?.self, String?.self, String?.self, String?.self, String?.self,
            Bool.self
        ).map { id, version, name, family, given, birthDate, gender, mrn, phone, language, deceased in
            PatientSummary(
                id: ID(id), name: name, family: family, given: given, birthDate: birthDate, gender: gender, mrn: mrn, phone: phone,
                language: language, deceased: deceased, version: version)
        }
    }

    /// For one that is looked at with what follows.
    static func later(_ patient: ID<Patient>, in tx: Transaction) -> Later {
        tx.later("SELECT \(columns) FROM patient WHERE id = \(patient.uuid)")
    }
}

extension RecordStore {
    /// Who these patients are; at most 500.
    @Sendable func readPatientSummaries(
        _ query: ReadPatientSummaries, actor: Actor, tx: Transaction
    ) async throws -> Answer<ReadPatientSummaries> {
        let ids = query.patients.prefix(500).map(\.uuid)
        return .done(
            PatientSummaries(patients: try await PatientRow.last("SELECT \(PatientRow.columns) FROM patient WHERE id = ANY(\(ids))", in: tx)))
    }

    /// What a new subscriber starts from.
    @Sendable func recordsSnapshot(_ query: RecordsSnapshot, actor: Actor, tx: Transaction) async throws -> Answer<RecordsSnapshot> {
        let limit = max(1, min(query.limit, 1_000))
        let after = query.after?.uuid ?? UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        let rows = try await tx.all(
            "SELECT id, version FROM patient WHERE id > \(after) ORDER BY id LIMIT \(limit)", as: UUID.self, Int.self)
        let patients = rows.map { KnownPatient(patient: ID($0.0), version: $0.1) }
        return .done(PatientsPage(patients: patients, next: patients.count == limit ? patients.last?.patient : nil))
    }
}
