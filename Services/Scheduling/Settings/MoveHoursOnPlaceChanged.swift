internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Hours go by the clocks of their place: where its zone is another one, they are published anew from today on, by those clocks. Booked visits keep
/// their instants.
func moveHoursOnPlaceChanged(_ event: PlaceChanged, tx: Transaction) async throws {
    guard try await DecisionFacts.isNews(event.version, of: event.location.uuid, in: tx) else { return }
    let practitioners = try await tx.all(
        "SELECT DISTINCT practitioner FROM publication WHERE location = \(event.location.uuid) ORDER BY practitioner", as: UUID.self)
    let services = try await VisitService.all(in: tx)
    let today = try await tx.first("SELECT (now() AT TIME ZONE \(event.zone))::date::text", as: String.self)
    guard let today else { return }
    for practitioner in practitioners {
        var publication = PublishAvailability(
            practitioner: ID(practitioner), location: event.location, zone: event.zone, services: [], weekly: [], from: today, until: today,
            minimumNoticeMinutes: 0, key: .v7())
        _ = try await publication.lock(tx)
        let rows = try await HoursRow.all(
            "p.practitioner = \(practitioner) AND p.location = \(event.location.uuid) ORDER BY p.version DESC LIMIT 1", in: tx)
        guard let hours = rows.first?.line.hours, hours.zone != event.zone, hours.until >= today else { continue }
        publication.services = services.filter { hours.services.contains($0.code) }
        (publication.weekly, publication.minimumNoticeMinutes) = (hours.weekly, hours.minimumNoticeMinutes)
        (publication.from, publication.until) = (max(hours.from, today), hours.until)
        try publication.publish(by: event.account, tx)
    }
    try await tx.flush()
}
