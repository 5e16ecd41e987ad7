internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Ends the account and every session of it.
@Sendable func closeStaffAccount(
    _ command: CloseStaffAccount, by actor: Actor, in tx: Transaction
) async throws -> Answer<CloseStaffAccount> {
    guard command.account != actor.account else { return .refused(.own) }
    let closed = try await tx.run(
        "UPDATE account SET state = 'closed' WHERE id = \(command.account.uuid) AND role <> 'patient' AND state <> 'closed'")
    guard closed == 1 else { return .refused(.notFound) }
    try await Sessions.end(of: command.account.uuid, because: .disabled, in: tx)
    return .done(Done())
}
