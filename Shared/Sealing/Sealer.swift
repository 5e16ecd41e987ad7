internal import Crypto
internal import Faults
public import Foundation

/// The place a sealed value stands in: bound to it, so that a value moved elsewhere cannot be opened.
public struct Place: Sendable, Hashable {
    public let table: StaticString
    public let column: StaticString
    public let row: UUID

    public init(_ table: StaticString, _ column: StaticString, row: UUID) {
        (self.table, self.column, self.row) = (table, column, row)
    }

    public static func == (a: Place, b: Place) -> Bool { a.text == b.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
    fileprivate var text: String { "\(table)/\(column)/\(row.uuidString)" }
}

/// Seals what a service stores: AES-256-GCM under a key derived, per schema, from the patient's key.
///
/// A sealed value is `[format][key id][nonce 12][ciphertext][tag 16]`; format 1 is the plain content, 2 content compressed with zstd. The key id is
/// the version of the patient's key.
public struct Sealer: Sendable {
    /// What seals the data of no patient.
    public static let nobody = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    /// The most one value may hold when opened, in bytes.
    public static let largest = 64 << 20

    private let schema: String
    public let store: KeyStore

    public init(schema: String, store: KeyStore) {
        (self.schema, self.store) = (schema, store)
    }

    /// The cipher of one patient, to be used for the rows of one request. - Parameter making: makes the key of a new patient.
    /// - Throws: `noPatientKey` when there is none, `destroyed` when there was one.
    public func cipher(for patient: UUID, making: Bool = false) throws(SealingError) -> PatientCipher {
        let versions = making ? try store.madeVersions(of: patient) : try store.versions(of: patient)
        guard let newest = versions.last else { throw .noPatientKey }
        return PatientCipher(patient, self, newest: newest.version, derived(from: newest), versions)
    }

    /// Before anything is looked up of a patient whose text is gone. - Throws: `destroyed`.
    public func refuseDestroyed(_ patient: UUID) throws(SealingError) {
        do { _ = try store.versions(of: patient) } catch .noPatientKey {}
    }

    /// As `cipher`, from what is on disk now. - Returns: nil when the version that seals is not this one.
    public func cipher(for patient: UUID, version: UInt8) throws(SealingError) -> PatientCipher? {
        let versions = try store.versions(of: patient, fresh: true)
        guard let newest = versions.last, newest.version == version else { return nil }
        return PatientCipher(patient, self, newest: version, derived(from: newest), versions)
    }

    fileprivate func derived(from version: KeyStore.Version) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: version.key, info: Array("chartline/\(schema)/1".utf8), outputByteCount: 32)
    }
}

public struct PatientCipher: Sendable {
    private let patient: UUID
    private let sealer: Sealer
    private let newest: UInt8
    private let key: SymmetricKey
    private let versions: [KeyStore.Version]

    fileprivate init(_ patient: UUID, _ sealer: Sealer, newest: UInt8, _ key: SymmetricKey, _ versions: [KeyStore.Version]) {
        (self.patient, self.sealer, self.newest, self.key, self.versions) = (patient, sealer, newest, key, versions)
    }

    public func seal(_ content: [UInt8], at place: Place, compressed: Bool = false) throws(SealingError) -> [UInt8] {
        try seal(compressed ? try Compression.pack(content) : content, format: compressed ? 2 : 1, at: place)
    }

    private func seal(_ content: [UInt8], format: UInt8, at place: Place) throws(SealingError) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(content, using: key, authenticating: Array(place.text.utf8))
            var sealed: [UInt8] = []
            sealed.reserveCapacity(content.count + 30)
            sealed.append(format)
            sealed.append(newest)
            sealed.append(contentsOf: box.nonce)
            sealed.append(contentsOf: box.ciphertext)
            sealed.append(contentsOf: box.tag)
            return sealed
        } catch { throw .tooLarge }
    }

    public func open(_ sealed: [UInt8], at place: Place) throws(SealingError) -> [UInt8] {
        let content = try unsealed(sealed, at: place)
        switch sealed[0] {
        case 1: return content
        case 2: return try Compression.unpack(content, limit: Sealer.largest)
        default: throw .notAuthentic
        }
    }

    /// The same content under the newest version. - Throws: as `open`; the value is not what it was to be then.
    public func reseal(_ sealed: [UInt8], at place: Place) throws(SealingError) -> [UInt8] {
        try seal(unsealed(sealed, at: place), format: sealed[0], at: place)
    }

    private func unsealed(_ sealed: [UInt8], at place: Place) throws(SealingError) -> [UInt8] {
        guard sealed.count >= 30 else { throw .notAuthentic }
        let key = sealed[1] == newest ? key : try older(sealed[1])
        do {
            return try [UInt8](AES.GCM.open(AES.GCM.SealedBox(combined: sealed[2...]), using: key, authenticating: Array(place.text.utf8)))
        } catch { throw .notAuthentic }
    }

    /// Also one that another process has made since this one looked.
    private func older(_ id: UInt8) throws(SealingError) -> SymmetricKey {
        if let known = versions.first(where: { $0.version == id }) { return sealer.derived(from: known) }
        guard !Fault.versionsAreCached.isOn, let fresh = try sealer.store.versions(of: patient, fresh: true).first(where: { $0.version == id }) else {
            throw .unknownKey(Int(id))
        }
        return sealer.derived(from: fresh)
    }
}
