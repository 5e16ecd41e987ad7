internal import Crypto
internal import Foundation
internal import Sealing

/// What the use cases of the record share: how bodies are sealed and how identifiers are hashed. Each use case is an extension in a file of its own.
struct RecordStore: Sendable {
    let sealer: Sealer
    /// Identifiers (record numbers, social security numbers) are searched by keyed hash: without the key they cannot be tried out.
    let identifierKey: SymmetricKey

    init(sealer: Sealer, identifierKey: SymmetricKey) { (self.sealer, self.identifierKey) = (sealer, identifierKey) }

    @Sendable func hash(identifier: String) -> Int64 {
        HMAC<SHA256>.authenticationCode(for: Array(identifier.utf8), using: identifierKey).withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
    }
}
