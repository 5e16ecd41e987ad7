internal import Contracts
internal import Crypto
internal import FHIR
internal import Foundation
internal import Sealing

extension PatientCipher {
    /// The resource that a row holds.
    func resource(_ body: [UInt8], row: UUID, of table: StaticString = "resource") throws -> JSONNode {
        try JSONDocument(try open(body, at: Place(table, "body", row: row))).root
    }
}

extension ID {
    /// What a reference in a stored resource points at, of whatever type: `Practitioner/<id>`.
    init?(reference: String?) {
        guard let last = reference?.split(separator: "/").last else { return nil }
        self.init(String(last))
    }
}

extension UUID {
    /// The same whenever it is asked, for what there is one of: version 8, from the SHA-256 of its name.
    init(digestOf name: String) {
        var bytes = Array(SHA256.hash(data: Array(name.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        self = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
