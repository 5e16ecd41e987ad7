internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Sessions {
    private struct Asked: Sendable {
        let session: OpenSession
        let credential: String?
        let proof: SecondFactors.Proof?
        let counted: Throttle.Counters
    }

    private enum Looked: Sendable {
        case at(Asked)
        case refused(CodeRefusal)
    }

    /// A session somebody left open is no proof of who sits there now. Tries are counted with those of signing in.
    func reauthenticate(_ command: Reauthenticate, by actor: Actor, _ transactions: Transactions) async throws -> LastStep<Reauthenticate> {
        try await passwords.hasher.withPlace { place in
            switch try await transactions({ tx in try await look(command, actor, in: tx) }) {
            case .refused(let refusal): return { _, _ in .refused(refusal) }
            case .at(let asked):
                let matches = try await place.matches(command.password, asked.credential.flatMap { Credential($0) })
                guard matches, !asked.session.hasFactor || asked.proof != nil else { return { _, _ in .refused(.notGood) } }
                return { tx, actor in try await goOn(command, asked, for: &actor, in: tx) }
            }
        }
    }

    private func look(_ command: Reauthenticate, _ actor: Actor, in tx: Transaction) async throws -> Looked {
        let session = try await OpenSession.findWhole(command.handle, at: command.audience, by: actor.issuer, in: tx)
        guard let session, command.newHandle.count == 32 else { return .refused(.sessionEnded) }
        switch try await throttle.claim(throttle.signIn(Username(session.username), source: command.source), in: tx) {
        case .blocked(let until): return .refused(.throttled(until: until))
        case .go(let counted):
            let credential = try await tx.first("SELECT credential FROM account WHERE id = \(session.account)", as: String?.self)
            let proof = try await factors.proof(of: command.code ?? "", for: session.account, of: session.patient, in: tx)
            return .at(Asked(session: session, credential: credential ?? nil, proof: proof, counted: counted))
        }
    }

    private func goOn(_ command: Reauthenticate, _ asked: Asked, for actor: inout Actor, in tx: Transaction) async throws -> Answer<Reauthenticate> {
        let session = asked.session
        if session.hasFactor {
            guard let proof = asked.proof, try await factors.use(proof, of: session.account, in: tx) else { return .refused(.notGood) }
        }
        guard let expires = try await session.goOn(under: command.newHandle, at: command.audience, in: tx) else { return .refused(.sessionEnded) }
        throttle.succeed(asked.counted, in: tx)
        actor.isKnown(by: session)
        return .done(SignedIn(session: ID(session.id), expires: expires))
    }
}
