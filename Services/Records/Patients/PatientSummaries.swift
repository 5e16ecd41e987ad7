internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres

/// A patient's row as it is shown, in the order of `columns`.
enum PatientRow {
    static let columns: SQL =
        "id, version, name, family, given, birth_date, gender, mrn, phone, language, deceased, practice, also_speaks, interpreter, photo"

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
            Bool.self, Bool.self, [String].self, Bool.self, Bool.self
        ).map { id, version, name, family, given, birthDate, gender, mrn, phone, language, deceased, practice, also, interpreter, photo in
            PatientSummary(
                id: ID(id), name: name, family: family, given: given, birthDate: birthDate, gender: gender, mrn: mrn, phone: phone,
                language: language, deceased: deceased, version: version, practice: practice ? true : nil,
                alsoSpeaks: also.isEmpty ? nil : also, interpreter: interpreter ? true : nil, photo: photo ? true : nil)
        }
    }

    /// Puts what patients are found by beside the resource: the row, and a row for each name. Whether they are for practice their first version says.
    static func write(_ patient: PatientColumns, _ id: UUID, version: Int, in tx: Transaction) {
        let name = patient.names.first
        tx.queue(
            """
            INSERT INTO patient (id, version, name, family, given, birth_date, gender, mrn, phone, language, deceased, practice,
                also_speaks, interpreter, photo)
            VALUES (\(id), \(version), \(name?.full ?? ""), \(name?.family ?? ""), \(name?.given ?? ""), \(patient.birthDate),
                \(patient.gender), \(patient.mrn), \(patient.callable), \(patient.languages.first), \(patient.isDeceased),
                \(patient.isPractice), \(Array(patient.languages.dropFirst())), \(patient.needsInterpreter), \(patient.hasPhoto))
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, family = excluded.family, given = excluded.given,
                birth_date = excluded.birth_date, gender = excluded.gender, mrn = excluded.mrn, phone = excluded.phone, language = excluded.language,
                deceased = excluded.deceased, also_speaks = excluded.also_speaks, interpreter = excluded.interpreter,
                photo = excluded.photo
            """)
        tx.queue("DELETE FROM patient_name WHERE patient = \(id)")
        for words in Set(patient.names.map { " " + $0.fullNormal }) {
            tx.queue("INSERT INTO patient_name (patient, words) VALUES (\(id), \(words))")
        }
    }

    /// For one that is looked at with what follows.
    static func later(_ patient: ID<Patient>, in tx: Transaction) -> Later {
        tx.later("SELECT \(columns) FROM patient WHERE id = \(patient.uuid)")
    }
}

extension PatientColumns {
    /// The first number, as it is searched.
    var callable: String? { telecom.first { $0.system == "phone" || $0.system == "sms" }?.normal }
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
