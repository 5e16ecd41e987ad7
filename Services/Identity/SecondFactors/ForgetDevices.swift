internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Forgets devices of the account of the one who asks; a stranger's stay as they are.
func forgetDevices(_ command: ForgetDevices, by actor: Actor, _ transactions: Transactions) -> LastStep<ForgetDevices> {
    { tx, actor in
        let found = try await OpenSession.findWhole(command.handle, at: command.audience, by: actor.issuer, in: tx)
        guard let found else { return .refused(.sessionEnded) }
        if let one = command.device {
            tx.queue("DELETE FROM device WHERE id = \(one.uuid) AND account = \(found.account)")
        } else {
            RememberedDevice.forgetAll(of: found.account, in: tx)
        }
        try await tx.flush()
        actor.isKnown(by: found)
        return .done(Done())
    }
}
