internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

/// What was sent to many before stays where it is; what is about to be is not sent any more.
@Sendable func chooseOutreach(_ command: ChooseOutreach, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ChooseOutreach> {
    if command.wanted {
        try await tx.run("DELETE FROM outreach_refused WHERE patient = \(command.patient.uuid)")
    } else {
        try await tx.run(
            "INSERT INTO outreach_refused (patient, account) VALUES (\(command.patient.uuid), \(actor.account?.uuid)) ON CONFLICT DO NOTHING")
    }
    return .done(Done())
}
