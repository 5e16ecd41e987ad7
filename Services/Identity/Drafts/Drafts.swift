internal import Contracts
internal import Foundation
internal import Sealing

/// What people had typed when their session ran out.
struct Drafts: Sendable {
    let sealer: Sealer

    func sealed(_ draft: Draft, of patient: UUID?, row: UUID) throws -> [UInt8] {
        let body = try JSONEncoder().encode(draft)
        return try sealer.cipher(for: patient ?? Sealer.nobody, making: true).seal(Array(body), at: Place("draft", "body", row: row))
    }

    func opened(_ sealed: [UInt8], of patient: UUID?, row: UUID) throws -> Draft {
        let body = try sealer.cipher(for: patient ?? Sealer.nobody).open(sealed, at: Place("draft", "body", row: row))
        return try JSONDecoder().decode(Draft.self, from: Data(body))
    }
}
