internal import Access
internal import Contracts
internal import Postgres

/// The time is free for the next one; who declined it keeps their place.
@Sendable func declineOffer(_ command: DeclineOffer, _ actor: Actor, _ tx: Transaction) async throws -> Answer<DeclineOffer> {
    Bookings.wait(for: command.patient, tx)
    let isOpen = try await tx.first(
        "SELECT outcome IS NULL FROM offer WHERE offer = \(command.offer.uuid) AND patient = \(command.patient.uuid) FOR UPDATE", as: Bool.self)
    guard let isOpen else { return .refused(.notFound) }
    guard isOpen else { return .refused(.over) }
    endOffers("offer = \(command.offer.uuid)", as: "'declined'", tx)
    try await tx.flush()
    return .done(Done())
}
