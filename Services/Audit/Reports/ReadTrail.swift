internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Questions {
    /// A page of the report: any period, sorted by any field, newest first where the field says the same. What is about
    /// nobody but patients who are for practice is in no report, unless one of them is asked about.
    func readTrail(_ query: ReadTrail, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadTrail> {
        let size = 50
        let about = query.about?.uuid
        let nobody = about == nil ? practice.ids : []
        let real: SQL = "(e.patients = '{}' OR NOT e.patients <@ \(nobody)::uuid[])"
        let counted = tx.later(
            """
            SELECT count(*) FROM entry_copy e
            WHERE e.at >= \(query.from) AND e.at < \(query.to) AND (\(about == nil) OR e.patients @> ARRAY[\(about)::uuid]) AND \(real)
            """)
        // The places first, the rest for those 50 only.
        let order = query.sort.prefix(10).reduce("" as SQL) { order, field in
            query.descending ? "\(order)\(column(field)) DESC NULLS LAST, " : "\(order)\(column(field)) ASC NULLS LAST, "
        }
        let entries = try await EntryRow.read(
            """
            WITH page AS MATERIALIZED (
                SELECT e.service, e.position, row_number() OVER () AS number FROM (
                    SELECT e.service, e.position FROM entry_copy e \(join(query.sort))
                    WHERE e.at >= \(query.from) AND e.at < \(query.to) AND (\(about == nil) OR e.patients @> ARRAY[\(about)::uuid]) AND \(real)
                    ORDER BY \(order)e.at DESC, e.service, e.position DESC LIMIT \(size) OFFSET \(min(max(0, query.page), 1_000) * size)
                ) e
            )
            SELECT \(EntryRow.columns) FROM page JOIN entry_copy e USING (service, position) ORDER BY page.number
            """, in: tx)
        return .done(.init(entries: entries, total: try counted.first(as: Int.self) ?? 0))
    }
}

private func column(_ field: TrailField) -> SQL {
    switch field {
    case .at: "e.at"
    case .person: "named.name"
    case .role: "e.role"
    case .action: "e.action"
    case .patient: "e.patients"
    case .outcome: "e.outcome"
    case .purpose: "e.purpose"
    case .basis: "e.basis"
    case .reason: "e.reason"
    case .service: "e.service"
    }
}

private func join(_ fields: [TrailField]) -> SQL {
    guard fields.contains(.person) else { return "" }
    return "LEFT JOIN (SELECT DISTINCT ON (account) account, name FROM person ORDER BY account, since DESC) named USING (account)"
}
