internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

/// Lets a patient book by an order. Whether there is such an order the asker has seen in the record; that it has ended is heard from there.
@Sendable func issueTicket(_ command: IssueTicket, _ actor: Actor, _ tx: Transaction) async throws -> Answer<IssueTicket> {
    let isByOrder = try await tx.first("SELECT by_order AND mode = 'view' FROM visit_service WHERE code = \(command.service)", as: Bool.self)
    guard isByOrder == true else { return .refused(.notByOrder) }
    let kept = try await tx.run(
        """
        INSERT INTO order_ticket (id, patient, service, issued_by)
        VALUES (\(command.order.uuid), \(command.patient.uuid), \(command.service), \(actor.account?.uuid))
        ON CONFLICT (id) DO UPDATE SET service = excluded.service, issued_by = excluded.issued_by
            WHERE order_ticket.patient = excluded.patient AND NOT order_ticket.ended
                AND NOT EXISTS (SELECT FROM appointment a WHERE a.ticket = order_ticket.id AND a.live)
        """)
    return kept == 1 ? .done(Done()) : .refused(.over)
}
