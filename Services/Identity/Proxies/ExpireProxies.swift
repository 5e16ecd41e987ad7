internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ProxyBook {
    /// Says of proxies whose time is over that they have ended: on their last day, or the child's eighteenth birthday. They are of no use from that
    /// moment on, with or without this.
    /// - Returns: how many ended; 500 at most.
    func expireProxies(in tx: Transaction) async throws -> Int {
        let ended = try await tx.all(
            """
            UPDATE proxy SET state = 'expired', ended_at = ends_at
            WHERE id IN (
                SELECT id FROM proxy WHERE state IN ('invited', 'granted') AND ends_at <= \(clock()) ORDER BY ends_at LIMIT 500
                FOR UPDATE SKIP LOCKED)
            RETURNING id, patient, account
            """, as: UUID.self, UUID.self, UUID?.self)
        for (proxy, patient, account) in ended {
            try tx.emit(ProxyChanged(proxy: ID(proxy), patient: ID(patient), account: account.map { ID($0) }, state: .expired))
        }
        return ended.count
    }
}
