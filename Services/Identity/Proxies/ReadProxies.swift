internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ProxyBook {
    /// Who may act for a patient, and who could before.
    func readProxies(_ query: ReadProxies, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadProxies> {
        let patient = query.patient.uuid
        let rows = try await tx.all(
            """
            SELECT id, body, relationship, level, state, granted_at, of_child, narrows_at, ends_at, ended_at, reason FROM proxy
            WHERE patient = \(patient) ORDER BY state IN ('invited', 'granted') DESC, granted_at DESC, id DESC LIMIT 100
            """, as: UUID.self, [UInt8].self, String.self, String.self, String.self, Date.self, Bool.self, Date?.self, Date?.self, Date?.self,
            String?.self)
        let now = clock()
        return .done(
            Proxies(
                proxies: rows.compactMap { id, body, relationship, granted, stored, at, ofChild, narrows, ends, ended, reason in
                    guard let level = ProxyLevel(granted, narrows: narrows, at: now), let known = ProxyState(rawValue: stored) else { return nil }
                    // Over from its last moment on, whether the sweep has said so or not.
                    let isOver = !known.hasEnded && ends.map { $0 <= now } == true
                    let person = opened(body, of: patient, row: id)
                    return ProxyLine(
                        proxy: ID(id), name: person?.name ?? "", email: person?.email ?? "", relationship: relationship, level: level,
                        state: isOver ? .expired : known, granted: at, ofChild: ofChild, ends: ends, ended: isOver ? ends : ended, reason: reason)
                }))
    }
}
