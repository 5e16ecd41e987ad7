internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

/// Ends the account and every session of it.
@Sendable func closeStaffAccount(
    _ command: CloseStaffAccount, by actor: Actor, in tx: Transaction
) async throws -> Answer<CloseStaffAccount> {
    guard command.account != actor.account else { return .refused(.own) }
    guard let known = try await StaffRow.find(command.account, in: tx) else { return .refused(.notFound) }
    var terms = known.terms
    terms.state = "closed"
    guard try await known.leavesAnAdministrator(as: terms, in: tx) else { return .refused(.lastAdministrator) }
    try await known.keep(terms, by: actor, because: .disabled, in: tx)
    return .done(Done())
}
