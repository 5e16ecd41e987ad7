internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Whose chart has all of what somebody typed. Case, accents and hyphens do not count; everything else must be as it is on file. Patients for
    /// practice have nobody who could ask.
    @Sendable func matchPatient(_ query: MatchPatient, actor: Actor, tx: Transaction) async throws -> Answer<MatchPatient> {
        let born = try await tx.all(
            """
            SELECT id, family, given FROM patient
            WHERE birth_date = \(query.birthDate) AND NOT deceased AND \(PracticePatients.excluded(among: "patient")) ORDER BY id LIMIT 1000
            """, as: UUID.self, String.self, String.self)
        let (family, given) = (NameNormal.of(query.family), NameNormal.of(query.given))
        guard !family.isEmpty, !given.isEmpty else { return .done(.init()) }
        let named = born.filter { NameNormal.of($0.1) == family && NameNormal.of($0.2) == given }.prefix(8).map(\.0)
        let email = query.email.trimmingCharacters(in: .whitespaces).lowercased()
        var found: [UUID] = []
        for patient in named {
            let body = try await tx.first(
                "SELECT body FROM resource WHERE type = 'Patient' AND id = \(patient) AND NOT deleted", as: [UInt8].self)
            guard let body else { continue }
            let json: [UInt8]
            do { json = try sealer.cipher(for: patient).open(body, at: Place("resource", "body", row: patient)) } catch {
                guard error.isOfDestroyed else { throw error }
                continue
            }
            let telecom = PatientColumns(try JSONDocument(json).root).telecom
            if telecom.contains(where: { $0.system == "email" && $0.normal == email }) { found.append(patient) }
        }
        return .done(.init(patient: found.count == 1 ? found.first.map { ID($0) } : nil))
    }
}
