internal import Contracts
internal import Faults
internal import Foundation
internal import Sealing

/// What planning keeps of a patient, sealed under the patient's key. Addresses and numbers are asked for at every sending and not kept.
struct ContactCopy: Codable, Equatable {
    /// IANA name of where the patient lives, when known.
    var zone: String?
    /// Set where it is no person.
    var practice: Bool?

    init(zone: String?, practice: Bool? = nil) { (self.zone, self.practice) = (zone, practice) }

    var home: TimeZone? { zone.flatMap { TimeZone(identifier: $0) } }
    var isPractice: Bool { practice == true && !Fault.practiceIsReal.isOn }

    /// Nil when it cannot be opened: the patient's key was destroyed, or the row is not ours.
    init?(sealed: [UInt8], of patient: ID<Patient>, _ sealer: Sealer) {
        guard let cipher = try? sealer.cipher(for: patient.uuid), let bytes = try? cipher.open(sealed, at: Self.place(patient)),
            let copy = try? JSONDecoder().decode(Self.self, from: Data(bytes))
        else { return nil }
        self = copy
    }

    func sealed(of patient: ID<Patient>, _ sealer: Sealer) throws -> [UInt8] {
        try sealer.cipher(for: patient.uuid).seal([UInt8](JSONEncoder().encode(self)), at: Self.place(patient))
    }

    private static func place(_ patient: ID<Patient>) -> Place { Place("contact", "body", row: patient.uuid) }
}
