internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// How far the invitations of a patient have come, newest first.
func readInvitations(_ query: ReadInvitations, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadInvitations> {
    let rows = try await tx.all(
        """
        SELECT issued_at, expires_at, opened_at, verified_at, closed_at, closed, expires_at <= now() FROM invitation
        WHERE patient = \(query.patient.uuid) ORDER BY issued_at DESC, id DESC LIMIT 5
        """, as: Date.self, Date.self, Date?.self, Date?.self, Date?.self, String?.self, Bool.self)
    return .done(
        Invitations(
            invitations: rows.map { issued, expires, opened, verified, closed, why, isOver in
                switch why {
                case "used": InvitationLine(issued: issued, expires: expires, state: .verified, since: closed ?? issued)
                case let why?: InvitationLine(issued: issued, expires: expires, state: .failed, since: closed ?? issued, reason: why)
                case nil where isOver: InvitationLine(issued: issued, expires: expires, state: .failed, since: expires, reason: "expired")
                case nil:
                    InvitationLine(
                        issued: issued, expires: expires, state: verified != nil ? .verified : opened != nil ? .opened : .sent,
                        since: verified ?? opened ?? issued)
                }
            }))
}
