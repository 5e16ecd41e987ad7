internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension SecondFactors {
    private enum Looked: Sendable {
        case good(OpenSession, step: Int64, counted: Throttle.Counters)
        case refused(EnrolRefusal)
    }

    /// Sets up a second factor, once a first code shows that the app has the secret.
    func enrolSecondFactor(
        _ command: EnrolSecondFactor, by actor: Actor, _ transactions: Transactions
    ) async throws -> LastStep<EnrolSecondFactor> {
        switch try await transactions({ tx in try await look(command, actor, in: tx) }) {
        case .refused(let refusal): { _, _ in .refused(refusal) }
        case .good(let session, let step, let counted): { tx, actor in try await enrol(command, session, step, counted, for: &actor, in: tx) }
        }
    }

    private func look(_ command: EnrolSecondFactor, _ actor: Actor, in tx: Transaction) async throws -> Looked {
        let session = try await OpenSession.find(command.handle, at: command.audience, by: actor.issuer, in: tx)
        guard let session, command.newHandle.count == 32 else { return .refused(.sessionEnded) }
        guard !session.hasFactor else { return .refused(session.needs == .code ? .sessionEnded : .alreadyEnrolled) }
        // A sign-in that is being finished has just been proven; how long that may take is its end.
        guard session.isFresh || session.needs == .enrolment else { return .refused(.stepUp) }
        guard Self.isCode(command.code) else { return .refused(.notGood) }
        switch try await throttle.claim(throttle.code(of: session.account, source: command.source), in: tx) {
        case .blocked(let until): return .refused(.throttled(until: until))
        case .go(let counted):
            let code = command.code.filter { !$0.isWhitespace }
            guard let step = offered(to: command.handle).step(of: code, at: Date()) else { return .refused(.notGood) }
            return .good(session, step: step, counted: counted)
        }
    }

    private func enrol(
        _ command: EnrolSecondFactor, _ session: OpenSession, _ step: Int64, _ counted: Throttle.Counters, for actor: inout Actor, in tx: Transaction
    ) async throws -> Answer<EnrolSecondFactor> {
        let kept = try await keep(offered(to: command.handle), of: session.account, patient: session.patient, usedUpTo: step, in: tx)
        guard kept else { return .refused(.alreadyEnrolled) }
        let made = makeRecoveryCodes(of: session.account, in: tx)
        try await session.endOthers(because: .credentialsChanged, in: tx)
        guard let expires = try await session.goOn(under: command.newHandle, at: command.audience, in: tx) else { return .refused(.sessionEnded) }
        try writeLetter(.secondFactorOn, to: session.account, in: tx)
        throttle.succeed(counted, in: tx)
        actor.isKnown(by: session)
        return .done(Enrolled(session: ID(session.id), expires: expires, recoveryCodes: made))
    }
}
