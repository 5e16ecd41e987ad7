internal import Contracts
internal import Postgres

/// Nobody books by an order that is over, also when its ticket comes later. A visit that is booked stays.
@Sendable func endTicketOnOrderEnded(_ event: OrderEnded, _ tx: Transaction) async throws {
    try await tx.run(
        """
        INSERT INTO order_ticket (id, patient, ended) VALUES (\(event.order.uuid), \(event.patient.uuid), true)
        ON CONFLICT (id) DO UPDATE SET ended = true
        """)
}
