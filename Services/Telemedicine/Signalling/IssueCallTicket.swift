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
        let lately = try await tx.first(
            "SELECT count(*) FROM call_ticket WHERE call = \(row.id) AND account = \(account.uuid) AND expires_at > now() - interval '30 s'",
            as: Int.self)
        guard lately ?? 0 < Self.ticketsAMinute else { return .refused(.tooMany) }
        tx.queue(
            """
            INSERT INTO call_ticket (digest, call, patient, account, expires_at)
            VALUES (\(Array(command.digest)), \(row.id), \(command.patient.uuid), \(account.uuid),
                clock_timestamp() + make_interval(secs => \(Self.ticketLasts)::int))
            """)
        try await tx.flush()
        return .done(Done())
    }
}
