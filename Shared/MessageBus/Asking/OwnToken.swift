public import Access
public import Foundation

/// This process's own token: signed when first needed, again before it ends.
public actor OwnToken {
    private let signer: ActorSigner
    private let actor: Actor
    private var current: (token: ActorToken, until: Date)?

    /// - Parameter role: `worker` for services, `anonymous` for gateways, `operator` for the command line.
    public init(_ signer: ActorSigner, role: Role) {
        self.signer = signer
        actor = Actor(issuer: signer.issuer, role: role, purpose: "operations")
    }

    public func token(at now: Date = Date()) async throws -> ActorToken {
        if let current, current.until > now { return current.token }
        let token = try await signer.sign(actor, at: now)
        current = (token, now.addingTimeInterval(ActorSigner.longest - 60))
        return token
    }
}
