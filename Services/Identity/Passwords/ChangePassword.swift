internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Sessions {
    private enum Looked: Sendable {
        case good(OpenSession)
        case refused(ChangePasswordRefusal)
    }

    /// Changes a password, for whoever has proven a moment ago who they are.
    func changePassword(_ command: ChangePassword, by actor: Actor, _ transactions: Transactions) async throws -> LastStep<ChangePassword> {
        try await passwords.hasher.withPlace { place in
            switch try await transactions({ tx in try await look(command, actor, in: tx) }) {
            case .refused(let refusal): return { _, _ in .refused(refusal) }
            case .good(let session):
                let credential = try await place.credential(for: command.password)
                return { tx, actor in
                    tx.queue("UPDATE account SET credential = \(credential.text) WHERE id = \(session.account)")
                    try await session.endOthers(because: .credentialsChanged, in: tx)
                    let expires = try await session.goOn(under: command.newHandle, at: command.audience, in: tx)
                    guard let expires else { return .refused(.sessionEnded) }
                    try writeLetter(.passwordChanged, to: session.account, in: tx)
                    actor.isKnown(by: session)
                    return .done(SignedIn(session: ID(session.id), expires: expires))
                }
            }
        }
    }

    private func look(_ command: ChangePassword, _ actor: Actor, in tx: Transaction) async throws -> Looked {
        let session = try await OpenSession.findWhole(command.handle, at: command.audience, by: actor.issuer, in: tx)
        guard let session, command.newHandle.count == 32 else { return .refused(.sessionEnded) }
        guard session.isFresh else { return .refused(.stepUp) }
        let clinic = try await tx.first("SELECT name FROM clinic", as: String.self)
        return switch passwords.rules.problem(of: command.password, context: [session.username, clinic, "chartline"].compactMap(\.self)) {
        case .tooShort(let minimum): .refused(.passwordTooShort(minimum: minimum))
        case .tooCommon: .refused(.passwordTooCommon)
        case nil: .good(session)
        }
    }
}
