internal import Crypto
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
/// A sealed value is `[format][key id][nonce 12][ciphertext][tag 16]`; format 1 is the plain content, 2 content compressed with zstd.
public struct Sealer: Sendable {
    /// What seals the data of no patient.
    public static let nobody = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    /// The most one value may hold when opened, in bytes.
    public static let largest = 64 << 20

    private let schema: String
    private let store: KeyStore

    public init(schema: String, store: KeyStore) {
        (self.schema, self.store) = (schema, store)
    }

    /// The cipher of one patient, to be used for the rows of one request. - Parameter making: makes the key of a new patient.
    public func cipher(for patient: UUID, making: Bool = false) throws(SealingError) -> PatientCipher {
        let key = making ? try store.makeKey(of: patient) : try store.key(of: patient)
        return PatientCipher(HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Array("chartline/\(schema)/1".utf8), outputByteCount: 32))
    }
}

public struct PatientCipher: Sendable {
    private static let keyID: UInt8 = 1
    private let key: SymmetricKey

    fileprivate init(_ key: SymmetricKey) { self.key = key }

    public func seal(_ content: [UInt8], at place: Place, compressed: Bool = false) throws(SealingError) -> [UInt8] {
        let content = compressed ? try Compression.pack(content) : content
        do {
            let box = try AES.GCM.seal(content, using: key, authenticating: Array(place.text.utf8))
            var sealed: [UInt8] = []
            sealed.reserveCapacity(content.count + 30)
            sealed.append(compressed ? 2 : 1)
            sealed.append(Self.keyID)
            sealed.append(contentsOf: box.nonce)
            sealed.append(contentsOf: box.ciphertext)
            sealed.append(contentsOf: box.tag)
            return sealed
        } catch { throw .tooLarge }
    }

    public func open(_ sealed: [UInt8], at place: Place) throws(SealingError) -> [UInt8] {
        guard sealed.count >= 30 else { throw .notAuthentic }
        guard sealed[1] == Self.keyID else { throw .unknownKey(Int(sealed[1])) }
        let content: [UInt8]
        do {
            content = try [UInt8](AES.GCM.open(AES.GCM.SealedBox(combined: sealed[2...]), using: key, authenticating: Array(place.text.utf8)))
        } catch { throw .notAuthentic }
        switch sealed[0] {
        case 1: return content
        case 2: return try Compression.unpack(content, limit: Sealer.largest)
        default: throw .notAuthentic
        }
    }
}
