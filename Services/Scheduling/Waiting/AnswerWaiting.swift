internal import Access
internal import Contracts
internal import Postgres

/// Ends what waits for the clinic: a request, a call. Who waits for a time is served by the service itself.
@Sendable func answerWaiting(_ command: AnswerWaiting, _ actor: Actor, _ tx: Transaction) async throws -> Answer<AnswerWaiting> {
    let state = try await tx.first(
        """
        SELECT state FROM waiting WHERE id = \(command.waiting.uuid) AND patient = \(command.patient.uuid) AND kind IN ('request', 'call') FOR UPDATE
        """, as: String.self)
    guard let state else { return .refused(.notFound) }
    guard state == "open" else { return .refused(.over) }
    try await tx.run(
        """
        UPDATE waiting SET state = 'done', answer = \(command.answer.rawValue), ended_at = now(), ended_by = \(actor.account?.uuid)
        WHERE id = \(command.waiting.uuid)
        """)
    return .done(Done())
}
