internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Why a visit costs nothing.
enum NoCharge: String, CaseIterable {
    case followUp = "follow-up"
    case courtesy
    case notDone = "not-done"
}

/// What the billing office says of a visit that is over; it may add to what was charged before.
@Sendable func chargeVisit(_ command: ChargeVisit, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ChargeVisit> {
    let encounter = command.encounter.uuid
    let state = try await tx.first(
        "SELECT state FROM encounter WHERE id = \(encounter) AND patient = \(command.patient.uuid) FOR UPDATE", as: String.self)
    guard let state else { return .refused(.notFound) }
    if let nothing = command.nothing {
        guard command.services.isEmpty, NoCharge(rawValue: nothing) != nil, state != "charged" else { return .refused(.nothingSaid) }
        tx.queue("UPDATE encounter SET state = 'no-charge', reason = \(nothing), ask_at = NULL WHERE id = \(encounter)")
        return .done(Done())
    }
    guard !command.services.isEmpty, command.services.count <= 50 else { return .refused(.nothingSaid) }
    guard command.services.allSatisfy({ (1...99).contains($0.quantity) }) else { return .refused(.invalidQuantity) }
    let codes = Array(Set(command.services.map(\.code)))
    let known = try await tx.first("SELECT count(*) FROM fee WHERE code = ANY (\(codes)) AND retired_at IS NULL", as: Int.self)
    guard known == codes.count else { return .refused(.unknownService) }
    for service in command.services {
        tx.queue(chargeAtPrice(of: service.code, quantity: service.quantity, at: encounter, by: actor.account))
    }
    tx.queue("UPDATE encounter SET state = 'charged', reason = NULL, ask_at = NULL WHERE id = \(encounter)")
    return .done(Done())
}
