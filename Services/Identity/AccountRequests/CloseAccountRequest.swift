internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension AccountRequestBook {
    private static let reasons: Set<String> = ["not-a-patient", "duplicate", "not-genuine", "handled"]

    /// Nothing comes of a request; what was typed is gone from then on.
    func closeAccountRequest(_ command: CloseAccountRequest, by actor: Actor, in tx: Transaction) async throws -> Answer<CloseAccountRequest> {
        guard Self.reasons.contains(command.reason) else { return .refused(.unknownReason) }
        let isClosed = try await settle(command.request, as: "closed", reason: command.reason, by: actor, in: tx)
        return isClosed ? .done(Done()) : .refused(.notFound)
    }
}
