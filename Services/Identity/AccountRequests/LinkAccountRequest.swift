internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension AccountRequestBook {
    /// Invites the patient a request is about, at the address on file.
    func linkAccountRequest(_ command: LinkAccountRequest, by actor: Actor, in tx: Transaction) async throws -> Answer<LinkAccountRequest> {
        guard try await settle(command.request, as: "invited", by: actor, in: tx) else { return .refused(.notFound) }
        guard try await invite(command.patient, birthDate: command.birthDate, in: tx) else { return .refused(.alreadyActive) }
        try await tx.flush()
        return .done(Done())
    }

    /// - Parameter reason: a code.
    /// - Returns: false when there is none that is open.
    func settle(_ request: ID<AccountRequest>, as state: String, reason: String? = nil, by actor: Actor, in tx: Transaction) async throws -> Bool {
        let settled = try await tx.run(
            """
            UPDATE account_request SET state = \(state), settled_at = now(), body = NULL, reason = \(reason), settled_by = \(actor.account?.uuid)
            WHERE id = \(request.uuid) AND state = 'open' AND asked_at > now() - interval '30 days'
            """)
        return settled == 1
    }
}
