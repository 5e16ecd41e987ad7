internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

extension TimeWanted {
    /// A condition: patients take by themselves what the kind of visit lets them. Staff book for them.
    func isAllowed(_ actor: Actor) -> SQL {
        guard actor.role == .patient else { return "true" }
        return """
            (EXISTS (SELECT FROM visit_service v WHERE v.code = \(service) AND v.mode = 'direct') OR \(ticket) IS NOT NULL)
                AND NOT EXISTS (\(openOne))
            """
    }

    /// Why it is not; nil when it is.
    func refusalOfRules(_ actor: Actor, _ tx: Transaction) async throws -> BookingRefusal? {
        guard actor.role == .patient else { return nil }
        let mode = tx.later("SELECT CASE WHEN \(ticket) IS NOT NULL THEN 'direct' ELSE mode END FROM visit_service WHERE code = \(service)")
        if let open = try await tx.first(openOne, as: UUID.self) { return .oneIsOpen(with: ID(open)) }
        return try mode.first(as: String.self).map { $0 == "direct" } == false ? .byClinicOnly : nil
    }

    /// The visit to come that stands in the way of another of its kind.
    private var openOne: SQL {
        """
        SELECT a.id FROM appointment a JOIN visit_service v ON v.code = a.service AND v.only_one
        WHERE a.patient = \(patient.uuid) AND a.service = \(service) AND a.id <> \(appointment.uuid) AND a.end_at > now()
            AND (a.status = 'booked' OR a.status = 'pending' AND a.live AND a.hold_until > clock_timestamp())
        ORDER BY a.start_at LIMIT 1
        """
    }
}
