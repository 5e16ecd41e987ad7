internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

@Sendable func disputeLine(_ command: DisputeLine, _ actor: Actor, _ tx: Transaction) async throws -> Answer<DisputeLine> {
    let row = try await tx.first(
        """
        SELECT l.invoice, (SELECT coalesce(sum(p.amount), 0)::bigint FROM posting p WHERE p.charge = l.charge AND p.account = 'receivable'),
            EXISTS (SELECT FROM line_dispute d WHERE d.charge = l.charge AND d.state = 'open')
        FROM invoice_line l WHERE l.charge = \(command.charge.uuid) AND l.patient = \(command.patient.uuid)
        """, as: UUID.self, Int.self, Bool.self)
    guard let (invoice, due, isDisputed) = row else { return .refused(.notFound) }
    guard !isDisputed else { return .refused(.alreadyDisputed) }
    guard due > 0 else { return .refused(.nothingOwed) }
    try await tx.run(
        """
        INSERT INTO line_dispute (id, charge, patient, invoice, reason, state, opened_by)
        VALUES (\(command.dispute.uuid), \(command.charge.uuid), \(command.patient.uuid), \(invoice), \(command.reason.rawValue), 'open',
            \(actor.account?.uuid))
        """)
    return .done(Done())
}

@Sendable func refusalOfDispute(_ command: DisputeLine, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> DisputeRefusal? {
    switch constraint {
    case "line_dispute_once": .idInUse
    case "line_dispute_open": .alreadyDisputed
    default: nil
    }
}
