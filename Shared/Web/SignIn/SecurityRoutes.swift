import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import MessageBus

/// One's own account: password, recovery codes, sessions. What must not be done in a session somebody left open asks first who is
/// there.
public struct SecurityRoutes: Sendable {
    public typealias SignedInFrame = @Sendable (Frame, Person) -> Frame

    let parts: GatewayParts
    /// Puts the gateway's navigation around a page.
    let dressed: SignedInFrame

    public init(parts: GatewayParts, dressed: @escaping SignedInFrame) { (self.parts, self.dressed) = (parts, dressed) }

    public func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/security", parts.signedIn(show))
        routes.post("/security/sessions", parts.signedIn(endSessions))
        routes.post("/security/devices", parts.signedIn(forgetDevices))
        routes.get("/security/confirm", parts.signedIn(askToConfirm))
        routes.post("/security/confirm", parts.signedIn(confirm))
        routes.get("/security/password", parts.signedIn(askForPassword))
        routes.post("/security/password", parts.signedIn(changePassword))
        routes.post("/security/recovery-codes", parts.signedIn(renewCodes))
    }

    private func frame(_ request: Incoming, _ context: GatewayContext, _ person: Person) -> Frame {
        dressed(parts.gateway.bareFrame(request, context), person)
    }

    private func security(_ request: Incoming) async throws -> SecurityView? {
        try await parts.bus.ask(ReadSecurity(audience: parts.audience, handle: try parts.handle(of: request))).security
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        guard let view = try await security(request) else { return parts.sessionEnded }
        let notice = request.uri.queryParameters["done"].flatMap { SecurityNotice(rawValue: String($0)) }
        let (account, zone) = (person.view.account.passkeyUser, parts.facts.site.zone)
        return securityPage(view, account: account, zone: zone, notice: notice, in: frame(request, context, person)).response()
    }

    @Sendable private func endSessions(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let form = context.web.form
        let session = form["session"].map { ID<Session>($0) }
        if case .some(.none) = session { throw HTTPError(.badRequest) }
        let command = EndSessions(
            audience: parts.audience, handle: try parts.handle(of: request), session: session.flatMap(\.self), key: try parts.submission(context))
        return try await parts.answered(command) { _ in .seeOther("/security?done=\(SecurityNotice.ended.rawValue)") }
    }

    @Sendable private func forgetDevices(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let device = context.web.form["device"].map { ID<Device>($0) }
        if case .some(.none) = device { throw HTTPError(.badRequest) }
        let command = ForgetDevices(
            audience: parts.audience, handle: try parts.handle(of: request), device: device.flatMap(\.self), key: try parts.submission(context))
        return try await parts.answered(command) { _ in .seeOther("/security?done=\(SecurityNotice.forgotten.rawValue)") }
    }

    @Sendable private func askToConfirm(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        guard let view = try await security(request) else { return parts.sessionEnded }
        let path = LocalPath(request.uri.queryParameters["to"].map(String.init))?.text ?? "/security"
        return confirmPage(to: path, asksForCode: view.secondFactorSince != nil, problem: nil, in: frame(request, context, person)).response()
    }

    @Sendable private func confirm(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let form = context.web.form
        let path = LocalPath(form["to"])?.text ?? "/security"
        let (handle, cookie) = SessionReader.newHandle()
        let command = Reauthenticate(
            audience: parts.audience, handle: try parts.handle(of: request), newHandle: handle, password: form["password"] ?? "",
            code: form["code"].map { String($0.prefix(40)) }, source: parts.source(context), key: .v7())
        let problem: ConfirmProblem
        switch try await parts.askToHash(command) {
        case .done: return .seeOther(path, cookies: [parts.gateway.session.storing(cookie)])
        case .refused(.sessionEnded): return parts.sessionEnded
        case .refused(.notGood): problem = .notGood
        case .refused(.throttled(let until)): problem = .throttled(until: until)
        }
        let page = confirmPage(to: path, asksForCode: form["code"] != nil, problem: problem, in: frame(request, context, person))
        return if case .throttled(let until) = problem { page.response(throttledUntil: until) } else { page.response(.unprocessableContent) }
    }

    @Sendable private func askForPassword(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        guard person.isFresh else { return parts.stepUp(before: "/security/password") }
        return changePasswordPage(nil, in: frame(request, context, person)).response()
    }

    @Sendable private func changePassword(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let form = context.web.form
        let (handle, cookie) = SessionReader.newHandle()
        var problem = NewPasswordProblem.differs
        if form["password"] == form["password-again"] {
            let command = ChangePassword(
                audience: parts.audience, handle: try parts.handle(of: request), newHandle: handle, password: form["password"] ?? "",
                key: try parts.submission(context))
            switch try await parts.askToHash(command) {
            case .done:
                return .seeOther("/security?done=\(SecurityNotice.password.rawValue)", cookies: [parts.gateway.session.storing(cookie)])
            case .refused(.sessionEnded): return parts.sessionEnded
            case .refused(.stepUp): return parts.stepUp(before: "/security/password")
            case .refused(.passwordTooShort(let minimum)): problem = .tooShort(minimum: minimum)
            case .refused(.passwordTooCommon): problem = .tooCommon
            }
        }
        return changePasswordPage(problem, in: frame(request, context, person)).response(.unprocessableContent)
    }

    @Sendable private func renewCodes(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let command = RenewRecoveryCodes(audience: parts.audience, handle: try parts.handle(of: request), key: try parts.submission(context))
        return try await parts.answered(command) { made in
            recoveryCodesPage(made.codes, isNew: false, next: "/security", in: frame(request, context, person)).response()
        }
    }
}

extension GatewayParts {
    /// Where a session leads that has ended meanwhile.
    var sessionEnded: Response { .seeOther("/sign-in?ended=1", cookies: [gateway.session.forgetting]) }

    /// Where the proof is given that a page asks for.
    func stepUp(before path: String) -> Response { .seeOther("/security/confirm?to=\(path)") }

    /// Sends a command about the own account, and says what came of it.
    func answered<C: Command>(_ command: C, _ done: (C.Reply) -> Response) async throws -> Response where C.Refusal == SecurityRefusal {
        switch try await bus.request(command, as: nil) {
        case .done(let reply): done(reply)
        case .refused(.sessionEnded): sessionEnded
        case .refused(.stepUp): stepUp(before: "/security")
        case .refused(.notEnrolled), .refused(.required): .seeOther("/security")
        }
    }
}

extension Person {
    /// Proven so lately that there is time left to type what follows: identity takes five minutes for fresh.
    var isFresh: Bool { view.proven.map { $0.timeIntervalSinceNow > -180 } ?? false }
}
