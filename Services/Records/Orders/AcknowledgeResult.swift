internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension RecordStore {
    /// Keeps who has seen a result as it is now, and when. A second time it says the same.
    @Sendable func acknowledgeResult(_ command: AcknowledgeResult, actor: Actor, tx: Transaction) async throws -> Answer<AcknowledgeResult> {
        let (result, patient) = (command.result.uuid, command.patient.uuid)
        guard command.comment.map({ (3...500).contains($0.count) }) ?? true else { return .refused(.invalidComment) }
        // A correction that is being written waits for this, or this for it.
        EntryList.lock("ServiceRequest", of: command.patient, in: tx)
        // What was imported is nobody's to review, but may wait for its comment.
        let version = try await tx.first(
            """
            SELECT version FROM resource
            WHERE type = 'Observation' AND id = \(result) AND patient = \(patient) AND NOT deleted \(actor.granted.shown)
                AND (EXISTS (SELECT FROM result_review w WHERE w.result = \(result) AND w.patient = \(patient))
                    OR EXISTS (SELECT FROM held_result h WHERE h.resource = \(result) AND h.patient = \(patient) AND h.released_at IS NULL))
            """, as: Int.self)
        guard var version, let account = actor.account else { return .refused(.notFound) }
        guard version == command.version else { return .refused(.changedMeanwhile(version: version)) }
        if let comment = command.comment {
            version += 1
            try await write(comment, on: command.result, of: command.patient, version: version, actor, tx)
        }
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

    /// The comment stands in the result itself, as its next version; then the patient sees both.
    private func write(
        _ comment: String, on id: ID<Resource>, of patient: ID<Patient>, version: Int, _ actor: Actor, _ tx: Transaction
    ) async throws {
        guard let book = try await OrderBook.open(patient, by: actor, in: self, tx),
            let old = try await book.stored("Observation", id)
        else { return }
        let now = book.writer.now
        try book.writer.write(
            ResultResource.noted(old.resource, comment, by: actor.practitioner, at: now), "Observation", id, version: version)
        ResultHold(tx: tx, patient: patient).release(id, at: now)
    }
}
