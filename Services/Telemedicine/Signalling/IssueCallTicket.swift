internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    private static let (ticketLasts, ticketsAMinute) = (30, 20)

    /// For the patient who waits or was let in, and for who receives them.
    @Sendable func issueCallTicket(_ command: IssueCallTicket, _ actor: Actor, _ tx: Transaction) async throws -> Answer<IssueCallTicket> {
        guard let row = try await CallRow.one(command.appointment, of: command.patient, tx), let account = actor.account else {
            return .refused(.notFound)
        }
        guard !row.state.isOver, row.isInTime, actor.role != .patient || row.state != .scheduled else { return .refused(.notNow(row.state)) }
        guard try await keepTicket(command.digest, of: account.uuid, for: row, tx) else { return .refused(.tooMany) }
        return .done(Done())
    }

    /// - Parameter account: whose it is, or which guest's.
    /// - Returns: false where so many were asked for lately.
    func keepTicket(_ digest: Data, of account: UUID, for row: CallRow, _ tx: Transaction) async throws -> Bool {
        let lately = try await tx.first(
            "SELECT count(*) FROM call_ticket WHERE call = \(row.id) AND account = \(account) AND expires_at > now() - interval '30 s'",
            as: Int.self)
        guard lately ?? 0 < Self.ticketsAMinute else { return false }
        tx.queue(
            """
            INSERT INTO call_ticket (digest, call, patient, account, expires_at)
            VALUES (\(Array(digest)), \(row.id), \(row.patient), \(account), clock_timestamp() + make_interval(secs => \(Self.ticketLasts)::int))
            """)
        try await tx.flush()
        return true
    }
}
