internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

extension ThreadStore {
    @Sendable func writeStaffMessage(_ command: WriteStaffMessage, _ actor: Actor, _ tx: Transaction) async throws -> Answer<WriteStaffMessage> {
        guard let text = words(command.text) else { return .refused(.empty) }
        guard text.count <= Self.longest else { return .refused(.tooLong) }
        tx.queue(
            """
            INSERT INTO staff_message (id, patient, account, practitioner, body)
            VALUES (\(command.key), \(command.patient.uuid), \(actor.account?.uuid), \(actor.practitioner?.uuid),
                \(try sealed(text, of: command.patient, "staff_message", "body", row: command.key)))
            """)
        return .done(Done())
    }
}
