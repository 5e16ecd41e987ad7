internal import Access
internal import Contracts
internal import Postgres

extension RecordStore {
    /// Current resources by type, without those of patients who are for practice.
    @Sendable func countResources(_ query: CountResources, actor: Actor, tx: Transaction) async throws -> Answer<CountResources> {
        let rows = try await tx.all(
            "SELECT type, count(*) FROM resource WHERE NOT deleted AND \(PracticePatients.excluded("resource.patient")) GROUP BY type",
            as: String.self, Int.self)
        return .done(ResourceCounts(counts: Dictionary(uniqueKeysWithValues: rows.map { ($0.0, $0.1) })))
    }
}
