internal import Access
internal import Contracts
internal import Postgres

/// Waits no longer; a time that was kept for them is free at once.
@Sendable func leaveWaitingList(_ command: LeaveWaitingList, _ actor: Actor, _ tx: Transaction) async throws -> Answer<LeaveWaitingList> {
    Bookings.wait(for: command.patient, tx)
    let state = try await tx.first(
        "SELECT state FROM waiting WHERE id = \(command.waiting.uuid) AND patient = \(command.patient.uuid)", as: String.self)
    guard let state else { return .refused(.notFound) }
    guard state == "open" else { return .refused(.over) }
    endOffers("waiting = \(command.waiting.uuid)", as: "'declined'", tx)
    try await tx.run(
        """
        UPDATE waiting SET state = 'left', ended_at = now(), ended_by = \(actor.account?.uuid)
        WHERE id = \(command.waiting.uuid) AND state = 'open'
        """)
    return .done(Done())
}
