internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension SecondFactors {
    /// Makes new recovery codes, for the day the list was lost or seen by somebody.
    func renewRecoveryCodes(_ command: RenewRecoveryCodes, by actor: Actor, _ transactions: Transactions) -> LastStep<RenewRecoveryCodes> {
        { tx, actor in
            let session = try await OpenSession.findWhole(command.handle, at: command.audience, by: actor.issuer, in: tx)
            guard let session else { return .refused(.sessionEnded) }
            guard session.isFresh else { return .refused(.stepUp) }
            guard session.hasFactor else { return .refused(.notEnrolled) }
            let made = makeRecoveryCodes(of: session.account, in: tx)
            actor.isKnown(by: session)
            return .done(RecoveryCodes(codes: made))
        }
    }
}
