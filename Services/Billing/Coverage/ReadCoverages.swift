internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let coveragesAtMost = 50

extension CoverageStore {
    @Sendable func readCoverages(_ query: ReadCoverages, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadCoverages> {
        let rows = Self.later(where: "c.patient = \(query.patient.uuid)", limit: coveragesAtMost, in: tx)
        try await tx.end()
        return .done(Coverages(coverages: try all(rows), asOf: Date()))
    }
}
