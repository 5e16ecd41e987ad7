internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// How to reach a patient, read out of the sealed resource: e-mail and address stand in clear nowhere.
    @Sendable func readContact(_ query: ReadContact, actor: Actor, tx: Transaction) async throws -> Answer<ReadContact> {
        let row = try await tx.first(
            """
            SELECT version, body, EXISTS (SELECT FROM patient WHERE id = resource.id AND practice) FROM resource
            WHERE type = 'Patient' AND id = \(query.patient.uuid) AND NOT deleted
            """, as: Int.self, [UInt8].self, Bool.self)
        guard let (version, body, practice) = row else { return .refused(.notFound) }
        let json = try sealer.cipher(for: query.patient.uuid).open(body, at: Place("resource", "body", row: query.patient.uuid))
        let resource = try JSONDocument(json).root
        let patient = PatientColumns(resource)
        let phone =
            patient.telecom.first { $0.system == "sms" } ?? patient.telecom.first { $0.system == "phone" && $0.use == "mobile" }
            ?? patient.telecom.first { $0.system == "phone" }
        return .done(
            Contact(
                patient: query.patient, version: version, name: patient.names.first?.given ?? "", language: patient.languages.first,
                email: patient.email, phone: phone.flatMap { Self.international($0.normal) }, zone: PlaceEntry(resource).zone,
                deceased: patient.isDeceased, practice: practice ? true : nil))
    }

    /// E.164. A number of ten digits is North America's; anything that is no number at all is no phone.
    static func international(_ number: String) -> String? {
        let digits = number.filter(\.isNumber)
        if number.hasPrefix("+") { return (8...15).contains(digits.count) ? "+\(digits)" : nil }
        switch digits.count {
        case 10: return "+1\(digits)"
        case 11 where digits.hasPrefix("1"): return "+\(digits)"
        default: return nil
        }
    }
}
