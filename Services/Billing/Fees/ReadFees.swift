internal import Access
internal import Contracts
internal import Postgres

@Sendable func readFees(_ query: ReadFees, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadFees> {
    let rows = try await tx.last(
        "SELECT code, name_en, name_es, amount, currency, visit FROM fee WHERE retired_at IS NULL ORDER BY code", as: String.self, String.self,
        String.self, Int.self, String.self, String?.self)
    return .done(
        Fees(fees: rows.map { Fee(code: $0.0, name: ["en": $0.1, "es": $0.2], price: Money($0.3, $0.4), visit: $0.5) }))
}
