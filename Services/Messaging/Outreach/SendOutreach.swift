internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    /// Lets its readers be written to, as they were seen and not a day later.
    @Sendable func sendOutreach(_ command: SendOutreach, _ actor: Actor, _ tx: Transaction) async throws -> Answer<SendOutreach> {
        let id = command.outreach.uuid
        let row = try await tx.first(
            """
            SELECT state, ready_at < now() - interval '1 day' FROM outreach WHERE id = \(id) AND account = \(actor.account?.uuid) FOR UPDATE
            """, as: String.self, Bool?.self)
        guard let (code, isOld) = row, let state = OutreachState(rawValue: code) else { return .refused(.notFound) }
        switch state {
        case .sending, .sent: return .done(OutreachTaken(outreach: command.outreach))
        case .gathering, .tooLarge: return .refused(.notReady)
        case .ready: break
        }
        let chosen = try await tx.first("SELECT count(*) FROM outreach_reader WHERE outreach = \(id) AND state = 'chosen'", as: Int.self) ?? 0
        guard chosen > 0 else { return .refused(.notReady) }
        guard isOld != true, chosen == command.chosen else { return .refused(.changedMeanwhile) }
        tx.queue("UPDATE outreach SET state = 'sending' WHERE id = \(id)")
        return .done(OutreachTaken(outreach: command.outreach))
    }
}
