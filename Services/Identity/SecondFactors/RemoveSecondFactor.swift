internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension SecondFactors {
    /// A patient goes back to the password alone. The account's other sessions end: whoever sits there would be kept in by nothing but it.
    func removeSecondFactor(_ command: RemoveSecondFactor, by actor: Actor, _ transactions: Transactions) -> LastStep<RemoveSecondFactor> {
        { tx, actor in
            let session = try await OpenSession.findWhole(command.handle, at: command.audience, by: actor.issuer, in: tx)
            guard let session else { return .refused(.sessionEnded) }
            guard !session.role.isStaff else { return .refused(.required) }
            guard session.isFresh else { return .refused(.stepUp) }
            let removed = try await tx.run("DELETE FROM totp WHERE account = \(session.account)")
            guard removed == 1 else { return .refused(.notEnrolled) }
            tx.queue("DELETE FROM recovery_code WHERE account = \(session.account)")
            try await session.endOthers(because: .credentialsChanged, in: tx)
            try writeLetter(.secondFactorOff, to: session.account, in: tx)
            actor.isKnown(by: session)
            return .done(Done())
        }
    }
}
