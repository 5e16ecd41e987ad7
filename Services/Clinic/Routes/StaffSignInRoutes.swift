import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Signing in and out, and opening an account with a one-time code.
struct StaffSignInRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/sign-in", parts.open(show))
        routes.post("/sign-in", parts.open(signIn))
        routes.post("/sign-out", parts.open(signOut))
        routes.get(
            "/activate",
            parts.open { request, context in
                staffActivatePage(StaffActivateView(), in: parts.gateway.bareFrame(request, context)).response()
            })
        routes.post("/activate", parts.open(activate))
    }

    /// The page again, after a passkey that was not taken.
    @Sendable func signInAgain(request: Incoming, context: GatewayContext, throttledUntil: Date?) -> HTML {
        let problem: StaffSignInView.Problem = throttledUntil.map { .throttled(minutes: Self.minutes($0)) } ?? .passkey
        return staffSignInPage(StaffSignInView(destination: context.destination, problem: problem), in: parts.gateway.bareFrame(request, context))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext) async throws -> Response {
        let asked = request.uri.queryParameters
        let notice: StaffSignInView.Notice? =
            asked["out"] != nil
            ? .signedOut
            : asked["activated"] != nil
                ? .activated
                : asked["reset"] != nil
                    ? .passwordReset
                    : asked["ended"] != nil ? .sessionEnded : nil
        return staffSignInPage(StaffSignInView(destination: request.destination, notice: notice), in: parts.gateway.bareFrame(request, context))
            .response()
    }

    @Sendable private func signIn(request: Incoming, context: GatewayContext) async throws -> Response {
        let form = context.web.form
        let (handle, cookie) = SessionReader.newHandle()
        let command = SignIn(
            audience: .clinic, username: form.trimmed("username"), password: form["password"] ?? "", handle: handle, source: parts.source(context),
            attempt: .v7(), device: parts.device(of: request))
        let refusal: SignInRefusal
        switch try await parts.askToHash(command) {
        case .done(let signedIn): return .seeOther(parts.afterSignIn(signedIn, context), cookies: [parts.gateway.session.storing(cookie)])
        case .refused(let why): refusal = why
        }
        let problem: StaffSignInView.Problem =
            switch refusal {
            case .failed: .failed
            case .throttled(let until): .throttled(minutes: Self.minutes(until))
            }
        let view = StaffSignInView(username: String(form.trimmed("username").prefix(254)), destination: context.destination, problem: problem)
        let page = staffSignInPage(view, in: parts.gateway.bareFrame(request, context))
        if case .throttled(let until) = refusal { return page.response(throttledUntil: until) }
        return page.response(.unprocessableContent)
    }

    @Sendable private func signOut(request: Incoming, context: GatewayContext) async throws -> Response {
        try await parts.sessions.end(parts.gateway.session.read(request))
        return .signedOut(to: "/sign-in?out=1", forgetting: parts.gateway.session)
    }

    @Sendable private func activate(request: Incoming, context: GatewayContext) async throws -> Response {
        let form = context.web.form
        var view = StaffActivateView(code: String(form.trimmed("code").prefix(40)), username: String(form.trimmed("username").prefix(254)))
        if form["password"] != form["password-again"] {
            view.problems = [.passwordsDiffer]
        } else {
            let command = ActivateAccount(
                code: view.code, username: view.username, password: form["password"] ?? "", language: context.web.t?.language.tag,
                source: parts.source(context), key: try parts.submission(context))
            switch try await parts.askToHash(command) {
            case .done: return .seeOther("/sign-in?activated=1")
            case .refused(let refusal):
                view.problems = [Self.problem(refusal)]
                if case .throttled(let until) = refusal {
                    return staffActivatePage(view, in: parts.gateway.bareFrame(request, context)).response(throttledUntil: until)
                }
            }
        }
        return staffActivatePage(view, in: parts.gateway.bareFrame(request, context)).response(.unprocessableContent)
    }

    private static func problem(_ refusal: ActivateRefusal) -> StaffActivateView.Problem {
        switch refusal {
        case .codeNotGood: .codeNotGood
        case .throttled(let until): .throttled(minutes: minutes(until))
        case .passwordTooShort(let minimum): .passwordTooShort(minimum: minimum)
        case .passwordTooCommon: .passwordTooCommon
        case .usernameTaken: .usernameTaken
        case .usernameNotAnAddress: .usernameNotAnAddress
        }
    }

    private static func minutes(_ until: Date) -> Int { max(1, Int((until.timeIntervalSinceNow / 60).rounded(.up))) }
}
