import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Signing in and out.
struct SignInRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/sign-in", parts.open(show))
        routes.post("/sign-in", parts.open(signIn))
        routes.post("/sign-out", parts.open(signOut))
    }

    /// The page again, after a passkey that was not taken.
    @Sendable func signInAgain(request: Incoming, context: GatewayContext, throttledUntil: Date?) -> HTML {
        let problem: SignInView.Problem = throttledUntil.map { .throttled(minutes: minutes(until: $0)) } ?? .passkey
        return signInPage(SignInView(destination: context.destination, problem: problem), in: parts.gateway.bareFrame(request, context))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext) async throws -> Response {
        let asked = request.uri.queryParameters
        let notice: SignInView.Notice? =
            asked["out"] != nil
            ? .signedOut
            : asked["activated"] != nil
                ? .activated
                : asked["reset"] != nil
                    ? .passwordReset
                    : asked["ended"] != nil ? .sessionEnded : nil
        return signInPage(SignInView(destination: request.destination, notice: notice), in: parts.gateway.bareFrame(request, context)).response()
    }

    @Sendable private func signIn(request: Incoming, context: GatewayContext) async throws -> Response {
        let form = context.web.form
        let (handle, cookie) = SessionReader.newHandle()
        let command = SignIn(
            audience: .portal, username: form.trimmed("username"), password: form["password"] ?? "", handle: handle, source: parts.source(context),
            attempt: .v7(), device: parts.device(of: request))
        switch try await parts.askToHash(command) {
        // A record that was chosen stays so: what was typed for it when the session ran out is resumed for it, and for nobody else.
        case .done(let signedIn): return .seeOther(parts.afterSignIn(signedIn, context), cookies: [parts.gateway.session.storing(cookie)])
        case .refused(let refusal):
            let view = SignInView(username: String(form.trimmed("username").prefix(254)), destination: context.destination, problem: .init(refusal))
            let page = signInPage(view, in: parts.gateway.bareFrame(request, context))
            if case .throttled(let until) = refusal { return page.response(throttledUntil: until) }
            return page.response(.unprocessableContent)
        }
    }

    @Sendable private func signOut(request: Incoming, context: GatewayContext) async throws -> Response {
        try await parts.sessions.end(parts.gateway.session.read(request))
        return .signedOut(to: "/sign-in?out=1", forgetting: parts.gateway.session).forgetting(parts.gateway.record)
    }
}

extension SignInView.Problem {
    init(_ refusal: SignInRefusal) {
        switch refusal {
        case .failed: self = .failed
        case .throttled(let until): self = .throttled(minutes: minutes(until: until))
        }
    }
}

/// Whole minutes to wait, at least one.
func minutes(until: Date) -> Int { max(1, Int((until.timeIntervalSinceNow / 60).rounded(.up))) }
