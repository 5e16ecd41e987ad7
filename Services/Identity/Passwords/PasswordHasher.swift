internal import Crypto
internal import CryptoExtras
internal import Dispatch
internal import Faults
internal import Foundation
internal import MessageBus
internal import Synchronization

/// Hashes passwords one at a time, on a thread that is not Swift's: each takes a third of a second and 128 MB on purpose.
final class PasswordHasher: Sendable {
    /// With more in the queue the last would wait longer than a gateway does.
    static let waitingAtMost = 16

    let cost: Credential.Cost
    private let pepper: SymmetricKey
    private let queue = DispatchQueue(label: "chartline.passwords")
    private let waiting = Mutex(0)
    private let count = Atomic(0)
    /// What the password of nobody is compared with.
    private let nobody: Credential

    /// - Parameter pepper: kept outside the database; a stolen table alone cannot be searched.
    init(logN: Int, pepper: SymmetricKey) {
        cost = Credential.Cost(logN: logN)
        self.pepper = pepper
        nobody = Credential(cost: cost, salt: Self.random(16), hash: Self.random(32))
    }

    /// A place in the queue. Taken before a try is counted, so that no try is counted that was never looked at.
    struct Place: Sendable {
        fileprivate let hasher: PasswordHasher

        /// Takes as long whether there is a credential or not.
        func matches(_ password: String, _ credential: Credential?) async throws -> Bool {
            if credential == nil, Fault.strangersUnhashed.isOn { return false }
            let expected = credential ?? hasher.nobody
            let hash = try await hasher.hash(password, salt: expected.salt, cost: expected.cost)
            // Every byte is looked at, wherever the first difference is.
            let difference = zip(hash, expected.hash).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
            return difference == 0 && hash.count == expected.hash.count && credential != nil
        }

        func credential(for password: String) async throws -> Credential {
            let salt = PasswordHasher.random(16)
            return Credential(cost: hasher.cost, salt: salt, hash: try await hasher.hash(password, salt: salt, cost: hasher.cost))
        }
    }

    /// - Throws: `TryLater` when the queue is full.
    func withPlace<R: Sendable>(_ body: (Place) async throws -> R) async throws -> R {
        let free = waiting.withLock { waiting in
            guard waiting < Self.waitingAtMost else { return false }
            waiting += 1
            return true
        }
        guard free else { throw TryLater("busy") }
        defer { waiting.withLock { $0 -= 1 } }
        return try await body(Place(hasher: self))
    }

    /// Hashes made so far.
    var made: Int { count.load(ordering: .relaxed) }

    private func hash(_ password: String, salt: [UInt8], cost: Credential.Cost) async throws -> [UInt8] {
        count.add(1, ordering: .relaxed)
        // The same password typed on two systems may differ in how its accents are composed.
        let typed = Array(password.precomposedStringWithCanonicalMapping.utf8)
        let peppered = Array(HMAC<SHA256>.authenticationCode(for: typed, using: pepper))
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(
                    with: Result {
                        let key = try KDF.Scrypt.deriveKey(
                            from: peppered, salt: salt, outputByteCount: 32, rounds: 1 << cost.logN, blockSize: cost.blockSize,
                            parallelism: cost.parallelism)
                        return key.withUnsafeBytes { Array($0) }
                    })
            }
        }
    }

    private static func random(_ count: Int) -> [UInt8] { SymmetricKey(size: .init(bitCount: 8 * count)).withUnsafeBytes { Array($0) } }
}
