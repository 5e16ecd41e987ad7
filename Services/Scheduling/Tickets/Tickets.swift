internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension TimeWanted {
    /// The first order by which this visit can be booked; NULL where there is none, or the kind of visit needs none.
    var ticket: SQL {
        """
        (SELECT t.id FROM order_ticket t JOIN visit_service v ON v.code = t.service AND v.by_order AND v.mode = 'view'
        WHERE t.patient = \(patient.uuid) AND t.service = \(service) AND NOT t.ended
            AND NOT EXISTS (SELECT FROM appointment a WHERE a.ticket = t.id AND a.live AND a.id <> \(appointment.uuid))
        ORDER BY t.issued_at, t.id LIMIT 1)
        """
    }
}

/// Who lets whom book by an order, and until when.
func answerTickets(_ service: Registry) {
    service.answer(IssueTicket.self, to: .bookingOver, with: issueTicket)
    service.on(OrderEnded.self, "end-ticket-on-order-ended", do: endTicketOnOrderEnded)
}

/// Kinds of visit that a patient can book by an order now.
func servicesByOrder(of patient: ID<Patient>) -> SQL {
    """
    SELECT DISTINCT t.service FROM order_ticket t JOIN visit_service v ON v.code = t.service AND v.by_order AND v.mode = 'view'
    WHERE t.patient = \(patient.uuid) AND NOT t.ended AND NOT EXISTS (
        SELECT FROM appointment a WHERE a.ticket = t.id AND a.live AND (a.hold_until IS NULL OR a.hold_until > clock_timestamp()))
    """
}
