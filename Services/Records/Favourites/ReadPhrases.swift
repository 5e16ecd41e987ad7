internal import Access
internal import Contracts
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    @Sendable func readPhrases(_ query: ReadPhrases, actor: Actor, tx: Transaction) async throws -> Answer<ReadPhrases> {
        let rows = try await tx.all(
            "SELECT id, body FROM phrase WHERE account = \(actor.account?.uuid) ORDER BY name", as: UUID.self, [UInt8].self)
        return .done(Phrases(phrases: try rows.map { try opened($0.1, at: Place("phrase", "body", row: $0.0), as: Phrase.self) }))
    }
}
