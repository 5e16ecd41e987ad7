internal import Crypto
internal import Foundation
internal import Postgres
internal import Sealing

/// Answers already given, by the key the asker made: asking again is never doing again.
enum StoredAnswer {
    struct Question: Sendable {
        let key: UUID
        let name: String
        let principal: String
        let payload: [UInt8]

        /// Written in the transaction of the effect; the second of two transactions with one key meets `answered_once`.
        func insert(_ answer: [UInt8], sealer: Sealer) throws -> SQL {
            let sealed = try sealer.cipher(for: Sealer.nobody, making: true).seal(answer, at: Place("answered", "answer", row: key))
            return """
                INSERT INTO answered (key, name, principal, digest, answer) VALUES (\(key), \(name), \(principal), \(digest), \(sealed))
                """
        }

        /// The stored answer; `keyReused` when the key came from someone else or with another content.
        func answer(in tx: Transaction, sealer: Sealer) async throws -> Outcome? {
            let row = try await tx.first(
                "SELECT principal, digest, answer FROM answered WHERE key = \(key) AND name = \(name)", as: String.self, [UInt8].self, [UInt8].self)
            guard let (principal, digest, sealed) = row else { return nil }
            guard principal == self.principal, digest == self.digest else { return .keyReused }
            return Outcome(try sealer.cipher(for: Sealer.nobody).open(sealed, at: Place("answered", "answer", row: key)))
        }

        private var digest: [UInt8] { Array(SHA256.hash(data: payload)) }
    }
}
