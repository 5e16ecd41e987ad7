internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ProxyBook {
    /// Nobody acts for somebody who has died.
    @Sendable func endProxiesOnPatientDeceased(_ event: PatientDeceased, _ tx: Transaction) async throws {
        let ended = try await tx.all(
            """
            UPDATE proxy SET state = 'withdrawn', ended_at = now(), reason = 'patient-deceased'
            WHERE patient = \(event.patient.uuid) AND state IN ('invited', 'granted') RETURNING id, account
            """, as: UUID.self, UUID?.self)
        guard !ended.isEmpty else { return }
        tx.queue("UPDATE invitation SET closed_at = now(), closed = 'replaced' WHERE proxy = ANY(\(ended.map(\.0))) AND closed_at IS NULL")
        for (proxy, account) in ended {
            try tx.emit(ProxyChanged(proxy: ID(proxy), patient: event.patient, account: account.map { ID($0) }, state: .withdrawn))
        }
        try await tx.flush()
    }
}
