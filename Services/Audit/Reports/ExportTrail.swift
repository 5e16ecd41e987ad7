internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

extension Questions {
    /// Everything of a period, in the order it was sealed. What leaves is accounted for before it does, page by page.
    func exportTrail(_ query: ExportTrail, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ExportTrail> {
        let size = 1_000
        let after = query.after
        let entries = try await EntryRow.read(
            """
            SELECT \(EntryRow.columns) FROM entry_copy e
            WHERE e.at >= \(query.from) AND e.at < \(query.to)
                AND (\(after == nil) OR (e.service, e.position) > (\(after?.service ?? ""), \(after?.position ?? 0)))
            ORDER BY e.service, e.position LIMIT \(size)
            """, in: tx)
        let patients = Set(entries.flatMap(\.patients))
        if !patients.isEmpty, !Fault.exportsAreUnaccounted.isOn {
            try disclose(query.export ?? .init(), "audit-trail", patients, query, actor, tx)
        }
        return .done(.init(entries: entries, next: entries.count == size ? entries.last?.place : nil))
    }
}
