internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Synchronization

/// Which patients are no people, as records says. Kept in memory: there are few, and none ever becomes another. Until records has answered nobody is
/// left out of anything.
final class PracticePatients: Sendable {
    /// A patient who is made is known after this time at the latest. Each question is in records' trail, so there are not to be many.
    private static let pause = Duration.seconds(300)
    private static let untilAnswered = Duration.seconds(2)

    private let known = Mutex<[UUID]>([])

    var ids: [UUID] { Fault.practiceIsReal.isOn ? [] : known.withLock(\.self) }

    func run(on bus: any Bus) async throws {
        while !Task.isCancelled {
            let reply = try? await bus.ask(ReadPracticePatients())
            if let reply { learn(reply.patients.map(\.patient.id)) }
            try await Task.sleep(for: (reply == nil ? Self.untilAnswered : Self.pause) * Double.random(in: 0.8...1.2))
        }
    }

    func learn(_ patients: [ID<Patient>]) { known.withLock { $0 = patients.map(\.uuid) } }
}
