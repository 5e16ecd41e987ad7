internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ProxyBook {
    /// Since when somebody can see a patient's record: an account of their own, or one that may act for them.
    func readPortalAccess(_ query: ReadPortalAccess, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadPortalAccess> {
        let (patient, now) = (query.patient.uuid, clock())
        let since = try await tx.first(
            """
            SELECT min(since) FROM (
                SELECT created_at AS since FROM account WHERE patient = \(patient) AND state NOT IN ('invited', 'closed')
                UNION ALL SELECT granted_at FROM proxy WHERE patient = \(patient) AND state = 'granted' AND (ends_at IS NULL OR ends_at > \(now))
            ) access
            """, as: Date?.self)
        return .done(.init(since: since ?? nil))
    }
}
