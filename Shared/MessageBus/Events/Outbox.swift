public import Contracts
internal import Faults
internal import Foundation
public import Postgres

extension Transaction {
    /// Tells the world, if and only if this transaction commits. The relay publishes it; there is no other way to publish.
    public func emit<E: Event>(_ event: E) throws {
        guard !Fault.emitForgets.isOn else { return }
        let trace = (TraceContext.current ?? TraceContext()).child
        queue(
            """
            INSERT INTO outbox (id, name, body, traceparent)
            VALUES (\(UUID.v7()), \(E.name), \(try Wire.encode(event)), \(trace.traceparent))
            """)
    }

    /// The same for what every service tells about itself: `every.` in its name becomes the service's own.
    func emit<E: Event>(_ event: E, of service: String) throws {
        let name = E.name(of: service)
        queue("INSERT INTO outbox (id, name, body) VALUES (\(UUID.v7()), \(name), \(try Wire.encode(event)))")
    }
}
