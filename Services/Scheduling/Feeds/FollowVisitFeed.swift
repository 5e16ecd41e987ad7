internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Whoever has the secret is whom the patient gave it to: nothing else is asked, and nothing but times and places is told.
@Sendable func followVisitFeed(_ query: FollowVisitFeed, _ actor: Actor, _ tx: Transaction) async throws -> Answer<FollowVisitFeed> {
    let found = try await tx.first(
        "SELECT patient, language FROM visit_feed WHERE digest = \(Array(query.digest))", as: UUID.self, String.self)
    guard let (patient, language) = found else { return .refused(.unknown) }
    let visits = try await AppointmentLine.all(
        """
        SELECT \(AppointmentLine.columns) FROM appointment
        WHERE patient = \(patient) AND end_at > now() - interval '30 days' AND status <> 'pending' AND reason IS DISTINCT FROM 'hold-expired'
        ORDER BY start_at, id LIMIT 500
        """, in: tx)
    return .done(FollowedVisits(visits: visits, language: language))
}
