internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension RecordStore {
    /// Keeps who has seen a result as it is now, and when. A second time it says the same.
    @Sendable func acknowledgeResult(_ command: AcknowledgeResult, actor: Actor, tx: Transaction) async throws -> Answer<AcknowledgeResult> {
        let (result, patient) = (command.result.uuid, command.patient.uuid)
        // A correction that is being written waits for this, or this for it.
        EntryList.lock("ServiceRequest", of: command.patient, in: tx)
        let version = try await tx.first(
            """
            SELECT version FROM resource JOIN result_review w ON w.result = resource.id AND w.patient = resource.patient
            WHERE type = 'Observation' AND resource.id = \(result) AND resource.patient = \(patient) AND NOT deleted \(actor.granted.shown)
            """, as: Int.self)
        guard let version, let account = actor.account else { return .refused(.notFound) }
        guard version == command.version else { return .refused(.changedMeanwhile(version: version)) }
        tx.queue(
            """
            INSERT INTO result_acknowledgement (result, version, account, patient, practitioner, at)
            VALUES (\(result), \(version), \(account.uuid), \(patient), \(actor.practitioner?.uuid), \(Date()))
            ON CONFLICT (result, version, account) DO NOTHING
            """)
        tx.queue("UPDATE result_acknowledgement SET outdated = false WHERE result = \(result) AND account = \(account.uuid) AND outdated")
        tx.queue("UPDATE result_review SET acknowledged = true WHERE result = \(result)")
        return .done(Done())
    }
}
