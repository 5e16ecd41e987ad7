public import AMQP
internal import CoreMetrics
internal import Faults
internal import Synchronization

/// Puts messages that can never be applied aside, with a reason.
public final class DeadLetters: LinkUser {
    private let user: String
    private let channel = Mutex<AMQPChannel?>(nil)

    public init(user: String) { self.user = user }

    public func connected(_ connection: AMQPConnection) async throws {
        let channel = try await connection.channel()
        try await channel.confirmSelect()
        self.channel.withLock { $0 = channel }
    }

    public func disconnected() { channel.withLock { $0 = nil } }

    /// - Returns: true once the broker has it on disk.
    func publish(_ properties: Properties, _ body: [UInt8], queue: String, reason: String) async -> Bool {
        guard let channel = channel.withLock({ $0 }) else { return false }
        var properties = properties
        properties.userID = user
        properties.persistent = true
        properties.expiration = nil
        properties.headers["chartline-reason"] = .string(reason)
        let publication = Publication(exchange: "dead-letters", routingKey: queue, mandatory: true, properties: properties, body: body)
        guard !Fault.deadLettersUnconfirmed.isOn else {
            channel.publish(publication)
            return true
        }
        do {
            try await channel.publishConfirmed(publication)
            Counter(label: "chartline_dead_letters_total", dimensions: [("queue", queue)]).increment()
            return true
        } catch { return false }
    }
}
