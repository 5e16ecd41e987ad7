import Access
import Contracts
import Crypto
import Foundation
import MessageBus
import TestSupport

@testable import Records

let recordsMigrations = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Services/Records/Migrations")

/// The service of the records over a real, empty database.
func withRecords(
    identifierKey: SymmetricKey = SymmetricKey(size: .bits256), _ body: @escaping @Sendable (ServiceUnderTest) async throws -> Void
) async throws {
    try await withService("records", migrations: recordsMigrations) { registry, sealer in
        RecordsService.answers(registry, RecordStore(sealer: sealer, identifierKey: identifierKey))
    } _: {
        try await body($0)
    }
}

extension ServiceUnderTest {
    /// - Parameter size: of the parts the file is sent in, in bytes.
    func importing(_ file: String, inPartsOf size: Int = 48 << 10, within: Duration = .seconds(20)) async throws -> Answer<ImportBundle> {
        let (me, upload, bytes) = (try await keys.operator(), ID<Upload>(), Data(file.utf8))
        for offset in stride(from: 0, to: bytes.count, by: size) {
            let part = bytes.subdata(in: offset..<min(offset + size, bytes.count))
            _ = try await bus.request(PutUploadPart(upload: upload, offset: offset, bytes: part), as: me, within: .seconds(20))
        }
        return try await bus.request(ImportBundle(upload: upload, size: bytes.count), as: me, within: within)
    }

    /// - Throws: when the file is refused.
    func imported(_ file: String, within: Duration = .seconds(20)) async throws -> ImportOutcome {
        guard case .done(let outcome) = try await importing(file, within: within) else { throw TryLater("refused") }
        return outcome
    }

    /// The patient of a file of one.
    func importedPatient(_ file: String) async throws -> ID<Patient> {
        guard let patient = try await imported(file).patients.first else { throw TryLater("no patient") }
        return patient
    }

    /// Signs in the practitioner that a file called so.
    func clinician(_ fullURL: String) async throws -> ActorToken {
        guard case .done(let person) = try await bus.request(ReadResource(fullURL: fullURL), as: keys.operator()) else {
            throw TryLater("no practitioner")
        }
        return try await keys.staff(.clinician, practitioner: ID(person.id.uuid))
    }
}

/// The same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
