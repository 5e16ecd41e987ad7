internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    @Sendable func readDeviceTest(_ query: ReadDeviceTest, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadDeviceTest> {
        let found = try await tx.first(
            """
            SELECT state, tested_at, camera, microphone, speaker, network FROM call
            WHERE id = \(query.appointment.uuid) AND patient = \(query.patient.uuid) AND is_video
            """, as: String.self, Date?.self, String?.self, String?.self, String?.self, String?.self)
        guard let found, let state = CallState(rawValue: found.0) else { return .refused(.notFound) }
        guard let at = found.1, let camera = found.2.flatMap(DeviceState.init), let microphone = found.3.flatMap(DeviceState.init),
            let speaker = found.4.flatMap(SpeakerState.init), let network = found.5.flatMap(NetworkState.init)
        else { return .done(KeptDeviceTest(state: state)) }
        let test = DeviceTest(camera: camera, microphone: microphone, speaker: speaker, network: network)
        return .done(KeptDeviceTest(state: state, test: test, testedAt: at))
    }
}
