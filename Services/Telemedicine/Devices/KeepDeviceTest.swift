internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

extension CallStore {
    @Sendable func keepDeviceTest(_ command: KeepDeviceTest, _ actor: Actor, _ tx: Transaction) async throws -> Answer<KeepDeviceTest> {
        guard let row = try await CallRow.locked(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        guard !row.state.isOver else { return .refused(.notNow(row.state)) }
        let test = command.test
        tx.queue(
            """
            UPDATE call SET tested_at = \(row.now), camera = \(test.camera.rawValue), microphone = \(test.microphone.rawValue),
                speaker = \(test.speaker.rawValue), network = \(test.network.rawValue)
            WHERE id = \(row.id)
            """)
        try await tx.flush()
        return .done(Done())
    }
}
