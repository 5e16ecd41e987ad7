import Contracts
public import Foundation
public import Hummingbird
import MessageBus

/// Passkeys: signing in by one, adding and removing one's own.
public struct PasskeyRoutes: Sendable {
    let parts: GatewayParts
    /// The sign-in page, saying that a passkey was not taken, or until when none is looked at.
    let signInAgain: @Sendable (Incoming, GatewayContext, _ throttledUntil: Date?) -> HTML

    public init(parts: GatewayParts, signInAgain: @escaping @Sendable (Incoming, GatewayContext, _ throttledUntil: Date?) -> HTML) {
        (self.parts, self.signInAgain) = (parts, signInAgain)
    }

    public func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.post("/sign-in/passkey", parts.open(signIn))
        routes.post("/security/passkeys", parts.signedIn(addPasskey))
        routes.post("/security/passkeys/remove", parts.signedIn(remove))
    }

    @Sendable private func signIn(request: Incoming, context: GatewayContext) async throws -> Response {
        let form = context.web.form
        guard let question = try parts.passkeyQuestion(context) else { return signInAgain(request, context, nil).response(.unprocessableContent) }
        let (handle, cookie) = SessionReader.newHandle()
        let command = SignInWithPasskey(
            audience: parts.audience, question: question, credential: form.bytes("credential"), authenticator: form.bytes("said"),
            client: form.bytes("client"), signature: form.bytes("signature"), handle: handle, source: parts.source(context),
            key: try parts.submission(context))
        switch try await parts.bus.request(command, as: nil) {
        case .done(let signedIn): return .seeOther(parts.afterSignIn(signedIn, context), cookies: [parts.gateway.session.storing(cookie)])
        case .refused(.failed): return signInAgain(request, context, nil).response(.unprocessableContent)
        case .refused(.throttled(let until)): return signInAgain(request, context, until).response(throttledUntil: until)
        }
    }

    @Sendable private func addPasskey(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let form = context.web.form
        guard let question = try parts.passkeyQuestion(context) else { return Self.done(.passkeyNotAdded) }
        let command = AddPasskey(
            audience: parts.audience, handle: try parts.handle(of: request), label: String(form.trimmed("label").prefix(60)), question: question,
            authenticator: form.bytes("said"), publicKey: form.bytes("public-key"), client: form.bytes("client"), key: try parts.submission(context))
        switch try await parts.bus.request(command, as: nil) {
        case .done: return Self.done(.passkeyAdded)
        case .refused(.sessionEnded): return parts.sessionEnded
        case .refused(.stepUp): return parts.stepUp(before: "/security")
        case .refused(.notGood), .refused(.tooMany), .refused(.taken): return Self.done(.passkeyNotAdded)
        }
    }

    @Sendable private func remove(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        guard let passkey = ID<Passkey>(context.web.form.trimmed("passkey")) else { throw HTTPError(.badRequest) }
        let command = RemovePasskey(
            audience: parts.audience, handle: try parts.handle(of: request), passkey: passkey, key: try parts.submission(context))
        return try await parts.answered(command) { _ in Self.done(.passkeyRemoved) }
    }

    private static func done(_ notice: SecurityNotice) -> Response { .seeOther("/security?done=\(notice.rawValue)") }
}
