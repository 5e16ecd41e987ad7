internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

/// A patient's medicines and allergies, opened, with what prescribing needs to know of them.
struct MedicineList {
    struct Medicine {
        let id: ID<Resource>
        let type: String
        let version: Int
        let resource: JSONNode
        let entry: MedicationEntry

        var name: CodedText { CodedText(resource["medicationCodeableConcept"], entry.name) }
        var prescriber: ID<Practitioner>? {
            entry.requester?.hasPrefix("Practitioner/") == true ? ID(reference: entry.requester) : nil
        }
    }

    private static let longestRenewable: TimeInterval = 366 * 86_400

    /// What checks go by.
    struct Opened {
        fileprivate(set) var medicines: [Medicine] = []
        fileprivate(set) var allergies: [MedicineSafety.Allergy] = []

        func safety(by table: SafetyTable?) -> MedicineSafety {
            let taken = medicines.map { medicine in
                MedicineSafety.Taken(
                    entry: medicine.id, name: medicine.name, isActive: ["active", "on-hold"].contains(medicine.entry.status ?? "active"),
                    overrides: PrescriptionResource.overrides(of: medicine.resource))
            }
            return MedicineSafety(allergies: allergies, taken: taken, table: table)
        }
    }

    let patient: PatientSummary
    private let opened: Opened
    var medicines: [Medicine] { opened.medicines }
    let cipher: PatientCipher
    /// Prescriptions whose renewal waits for an answer.
    let requested: Set<ID<Resource>>
    /// Who works here: what they prescribed is ours to renew.
    let colleagues: Set<ID<Practitioner>>

    /// - Returns: what whoever asks may see; nil when there is no such patient. - Parameter locking: nobody else writes medicines until the end.
    static func read(_ patient: ID<Patient>, for actor: Actor, locking: Bool = false, _ sealer: Sealer, in tx: Transaction) async throws -> Self? {
        let owner = PatientRow.later(patient, in: tx)
        if locking { EntryList.lock("MedicationRequest", of: patient, in: tx) }
        let rows = tx.later(
            """
            SELECT type, id, version, body FROM resource
            WHERE patient = \(patient.uuid) AND \(types("resource")) AND NOT deleted AND \(listed("resource")) \(actor.granted.shown)
            """)
        let tasks = tx.later(
            """
            SELECT unnest(refs) FROM resource
            WHERE patient = \(patient.uuid) AND type = 'Task' AND status = 'requested' AND code = \(RenewalTask.code) AND NOT deleted
            """)
        let here = tx.later("SELECT DISTINCT unnest(refs) FROM resource WHERE type = 'PractitionerRole' AND NOT deleted")
        try await tx.flush()
        guard let summary = try PatientRow.all(owner).first else { return nil }
        let cipher = try sealer.cipher(for: patient.uuid, making: true)
        return MedicineList(
            patient: summary, opened: try opened(try rows.all(as: String.self, UUID.self, Int.self, [UInt8].self), cipher), cipher: cipher,
            requested: Set(try tasks.all(as: UUID.self).map { ID($0) }), colleagues: Set(try here.all(as: UUID.self).map { ID($0) }))
    }

    /// The resources of `table` that a list of medicines is made from.
    static func types(_ table: SQL) -> SQL { "\(table).type IN ('MedicationRequest', 'MedicationStatement', 'AllergyIntolerance')" }

    /// Of those, what is taken for true.
    static func listed(_ table: SQL) -> SQL { "coalesce(\(table).status, '') NOT IN ('entered-in-error', 'refuted')" }

    /// - Parameter rows: type, id, version and body of one patient's.
    static func opened(_ rows: [(String, UUID, Int, [UInt8])], _ cipher: PatientCipher) throws -> Opened {
        var opened = Opened()
        for (type, id, version, body) in rows {
            let resource = try cipher.resource(body, row: id)
            if type == "AllergyIntolerance" {
                let entry = AllergyEntry(resource)
                guard !entry.noKnown, entry.clinicalStatus ?? "active" == "active" else { continue }
                opened.allergies.append(MedicineSafety.Allergy(entry: ID(id), name: CodedText(resource["code"], entry.substance)))
            } else {
                opened.medicines.append(Medicine(id: ID(id), type: type, version: version, resource: resource, entry: MedicationEntry(resource)))
            }
        }
        return opened
    }

    func safety(by table: SafetyTable?) -> MedicineSafety { opened.safety(by: table) }

    /// The one place that says whether a medicine may be renewed, and if not, why.
    func renewal(of medicine: Medicine, at now: Date) -> Renewal {
        guard medicine.type == "MedicationRequest", let prescriber = medicine.prescriber, colleagues.contains(prescriber) else { return .notOurs }
        if requested.contains(medicine.id) { return .requested }
        switch medicine.entry.status {
        case "active": break
        case "on-hold": return .onHold
        default: return .ended
        }
        let written = medicine.entry.authoredOn.flatMap { FHIRDate($0)?.start } ?? .distantPast
        return now.timeIntervalSince(written) > Self.longestRenewable ? .tooOld : .possible
    }
}
