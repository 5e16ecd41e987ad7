internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension SecondFactors {
    private enum Looked: Sendable {
        case good(OpenSession, Proof, counted: Throttle.Counters)
        case refused(CodeRefusal)
    }

    /// Finishes a sign-in. A try is counted before it is looked at; a code is used up in the transaction that lets its owner in, so that of two who
    /// use it at once one gets in.
    func verifyCode(_ command: VerifyCode, by actor: Actor, _ transactions: Transactions) async throws -> LastStep<VerifyCode> {
        switch try await transactions({ tx in try await look(command, actor, in: tx) }) {
        case .refused(let refusal): { _, _ in .refused(refusal) }
        case .good(let session, let proof, let counted): { tx, actor in try await enter(command, session, proof, counted, for: &actor, in: tx) }
        }
    }

    private func look(_ command: VerifyCode, _ actor: Actor, in tx: Transaction) async throws -> Looked {
        let session = try await OpenSession.find(command.handle, at: command.audience, by: actor.issuer, in: tx)
        guard let session, session.needs == .code, command.newHandle.count == 32 else { return .refused(.sessionEnded) }
        // What cannot be a code is no guess, and not counted.
        guard Self.isCode(command.code) else { return .refused(.notGood) }
        switch try await throttle.claim(throttle.code(of: session.account, source: command.source), in: tx) {
        case .blocked(let until): return .refused(.throttled(until: until))
        case .go(let counted):
            guard let proof = try await proof(of: command.code, for: session.account, of: session.patient, in: tx) else { return .refused(.notGood) }
            return .good(session, proof, counted: counted)
        }
    }

    private func enter(
        _ command: VerifyCode, _ session: OpenSession, _ proof: Proof, _ counted: Throttle.Counters, for actor: inout Actor, in tx: Transaction
    ) async throws -> Answer<VerifyCode> {
        guard try await use(proof, of: session.account, in: tx) else { return .refused(.notGood) }
        guard let expires = try await session.goOn(under: command.newHandle, at: command.audience, in: tx) else { return .refused(.sessionEnded) }
        // A recovery code is for the day the phone is gone: nothing is remembered by it.
        if let token = command.device, token.count == 32, case .step = proof {
            RememberedDevice.remember(token, of: session.account, at: command.audience, in: tx)
        }
        throttle.succeed(counted, in: tx)
        actor.isKnown(by: session)
        return .done(SignedIn(session: ID(session.id), expires: expires))
    }
}
