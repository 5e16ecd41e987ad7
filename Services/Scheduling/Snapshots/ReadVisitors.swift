internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

private let page = 500

/// Who has a booked visit in some days. Days that are none hold no visits.
@Sendable func readVisitors(_ query: ReadVisitors, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadVisitors> {
    guard let from = LocalDay(query.from)?.text, let until = LocalDay(query.until)?.text else { return .done(Visitors(patients: [])) }
    let patients = try await tx.all(
        """
        SELECT DISTINCT patient FROM appointment
        WHERE day BETWEEN \(from)::date AND \(until)::date AND status IN ('booked', 'arrived', 'checked-in')
            AND (\(query.practitioner?.uuid)::uuid IS NULL OR practitioner = \(query.practitioner?.uuid))
            AND (\(query.service)::text IS NULL OR service = \(query.service))
            AND (\(query.after?.uuid)::uuid IS NULL OR patient > \(query.after?.uuid))
        ORDER BY patient LIMIT \(page)
        """, as: UUID.self)
    return .done(Visitors(patients: patients.map { ID($0) }))
}
