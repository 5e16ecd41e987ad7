import AMQP
import Contracts
import Foundation
import MessageBus
import Synchronization
import Testing
import TestSupport

/// What every instance must know at once.
@Suite(.serialized) struct FanOutTests {
    /// One instance of a process that hears notes.
    private final class Instance: Sendable {
        let heard = Mutex<[UUID]>([])
        let connections = Atomic(0)
        let link: AMQPLink

        init(_ settings: AMQPSettings) {
            let fanOut = FanOut(process: "echo", logger: quiet)
            link = AMQPLink(settings, [fanOut], logger: quiet)
            fanOut.hear(NoteWritten.self, missed: { [self] in _ = connections.add(1, ordering: .relaxed) }) { [self] note in
                heard.withLock { $0.append(note.id) }
            }
        }
    }

    private func tell(_ body: [UInt8], on channel: AMQPChannel) {
        channel.publish(
            Publication(
                exchange: "events", routingKey: NoteWritten.name, mandatory: true,
                properties: Properties(messageID: UUID().uuidString, type: NoteWritten.name, userID: "echo"), body: body))
    }

    @Test func everyInstanceHearsAndLearnsWhenItMayHaveMissedSomething() async throws {
        try await withService("echo", migrations: Echo.migrations, Echo.build) { service in
            try await withRabbit(service, serving: false) { rabbit in
                let instances = [Instance(rabbit.settings), Instance(rabbit.settings)]
                try await withThrowingTaskGroup { group in
                    for instance in instances { group.addTask { await instance.link.run() } }
                    #expect(try await eventually { instances.allSatisfy { $0.connections.load(ordering: .relaxed) == 1 } })
                    let (first, second) = (UUID(), UUID())
                    // What cannot be read harms nothing that comes after it.
                    self.tell([123], on: rabbit.admin)
                    self.tell(try Wire.encode(NoteWritten(id: first)), on: rabbit.admin)
                    #expect(try await eventually { instances.allSatisfy { $0.heard.withLock { $0 } == [first] } })

                    _ = try await rabbit.broker.rabbitmqctl(["close_all_connections", "-p", rabbit.settings.virtualHost, "test"])
                    #expect(try await eventually { instances.allSatisfy { $0.connections.load(ordering: .relaxed) == 2 } })
                    let connection = try await AMQPConnection.open(rabbit.settings)
                    self.tell(try Wire.encode(NoteWritten(id: second)), on: try await connection.channel())
                    #expect(try await eventually { instances.allSatisfy { $0.heard.withLock { $0 } == [first, second] } })
                    await connection.close()
                    group.cancelAll()
                }
            }
        }
    }
}
