import Contracts
import Foundation
import Hummingbird
import MessageBus

/// A new password for whoever has forgotten theirs, by a code that comes by e-mail.
public struct RecoveryRoutes: Sendable {
    let parts: GatewayParts

    public init(parts: GatewayParts) { self.parts = parts }

    public func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/forgot",
            parts.open { request, context in
                forgotPage(username: "", throttledUntil: nil, in: parts.gateway.bareFrame(request, context)).response()
            })
        routes.post("/forgot", parts.open(ask))
        routes.get(
            "/reset",
            parts.open { request, context in
                let isSent = request.uri.queryParameters["sent"] != nil
                return resetPage(code: "", isSent: isSent, problem: nil, in: parts.gateway.bareFrame(request, context)).response()
            })
        routes.post("/reset", parts.open(reset))
    }

    @Sendable private func ask(request: Incoming, context: GatewayContext) async throws -> Response {
        let username = String(context.web.form.trimmed("username").prefix(254))
        let command = RequestReset(
            audience: parts.audience, username: username, source: parts.source(context), key: try parts.submission(context))
        switch try await parts.bus.request(command, as: nil) {
        case .done: return .seeOther("/reset?sent=1")
        case .refused(.throttled(let until)):
            let frame = parts.gateway.bareFrame(request, context)
            return forgotPage(username: username, throttledUntil: until, in: frame).response(throttledUntil: until)
        }
    }

    @Sendable private func reset(request: Incoming, context: GatewayContext) async throws -> Response {
        let form = context.web.form
        let code = String(form.trimmed("code").prefix(40))
        var problem = ResetProblem.password(.differs)
        if form["password"] == form["password-again"] {
            let command = ResetPassword(
                audience: parts.audience, code: code, password: form["password"] ?? "", source: parts.source(context),
                key: try parts.submission(context))
            switch try await parts.askToHash(command) {
            case .done: return .seeOther("/sign-in?reset=1", cookies: [parts.gateway.session.forgetting])
            case .refused(.codeNotGood): problem = .codeNotGood
            case .refused(.throttled(let until)): problem = .throttled(until: until)
            case .refused(.passwordTooShort(let minimum)): problem = .password(.tooShort(minimum: minimum))
            case .refused(.passwordTooCommon): problem = .password(.tooCommon)
            }
        }
        let page = resetPage(code: code, isSent: false, problem: problem, in: parts.gateway.bareFrame(request, context))
        return if case .throttled(let until) = problem { page.response(throttledUntil: until) } else { page.response(.unprocessableContent) }
    }
}
