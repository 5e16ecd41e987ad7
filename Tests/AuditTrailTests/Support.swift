import Access
import AuditTrail
import Contracts
import Crypto
import Foundation
import Logging
import MessageBus
import Postgres
import TestSupport

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// The trail of a service that answers nothing: a database, keys and a folder for the file.
struct Trail: Sendable {
    static let service = "echo"

    let under: ServiceUnderTest
    let superuser: PostgresPool
    let signer: TrailSigner
    let folder: URL
    let file: TrailFile
    /// The one that is at work; others leave it to it.
    let main: TrailSealer

    var key: SymmetricKey { under.keys.auditKey }

    func entry(_ number: Int = 0, at: Date = Date()) -> AuditEntry {
        let role = Role.allCases[number % Role.allCases.count]
        let actor = Actor(
            issuer: "identity", role: role, account: number % 5 == 0 ? nil : .init(), session: .init(),
            purpose: number % 2 == 0 ? "treatment" : "own-record")
        return AuditEntry(
            "echo.read-\(number).v1", by: actor, patients: (0..<(number % 4)).map { _ in .init() }, outcome: number % 7 == 0 ? .refused : .done,
            reason: number % 3 == 0 ? "some-reason" : nil, basis: number % 6 == 0 ? "care-team" : nil, trace: UUID().uuidString, at: at)
    }

    /// Writes entries as the service does, each in a transaction of its own.
    func write(_ numbers: Range<Int>, at: Date? = nil) async throws {
        for number in numbers { try await under.pool.asWorker(of: Self.service) { $0.queue(entry(number, at: at ?? Date()).insert(key: key)) } }
    }

    func sealer(pool: PostgresPool? = nil, file: TrailFile? = nil) -> TrailSealer {
        TrailSealer(service: Self.service, pool: pool ?? under.pool, key: key, signer: signer, file: file ?? self.file, logger: quiet)
    }

    func sealAll() async throws {
        while try await main.seal() > 0 {}
        try await main.keepFile()
    }

    /// - Parameter page: rows read at once; few, so that there are many pages.
    func verify(file: TrailFile? = nil, page: Int = 16) async throws -> TrailReport {
        try await TrailVerification(
            service: Self.service, pool: under.pool, key: key, verifier: signer.verifier, file: file ?? self.file, page: page
        ).run()
    }

    func change(_ statements: String...) async throws {
        try await superuser.run(["SET LOCAL search_path = echo"] + statements.map { SQL(trusted: $0) })
    }
}

/// - Parameter entries: written, sealed and in the file.
func withTrail(entries: Int = 0, _ body: (Trail) async throws -> Void) async throws {
    try await withService(Trail.service, migrations: nil, { _, _ in }) { under in
        let folder = FileManager.default.temporaryDirectory.appending(path: "trail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        guard let signer = TrailSigner(of: Trail.service, seed: [UInt8](repeating: 7, count: 32)) else { throw CancellationError() }
        let superuser = under.database.pool(under.database.superuser)
        let file = TrailFile(folder: folder.path, service: Trail.service)
        let main = TrailSealer(service: Trail.service, pool: under.pool, key: under.keys.auditKey, signer: signer, file: file, logger: quiet)
        let trail = Trail(under: under, superuser: superuser, signer: signer, folder: folder, file: file, main: main)
        do {
            try await trail.write(0..<entries)
            try await trail.sealAll()
            try await body(trail)
        } catch {
            await superuser.close()
            throw error
        }
        await superuser.close()
    }
}

/// The same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
