import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import MessageBus

/// Setting up the second factor that staff cannot do without, in the middle of signing in.
public struct EnrolmentRoutes: Sendable {
    let parts: GatewayParts

    public init(parts: GatewayParts) { self.parts = parts }

    public func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/sign-in/second-factor", parts.unfinished(.enrolment) { request, context, _ in try await show(nil, request, context) })
        routes.post("/sign-in/second-factor", parts.unfinished(.enrolment, enrol))
    }

    private func show(_ problem: CodeProblem?, _ request: Incoming, _ context: GatewayContext) async throws -> Response {
        let reply = try await parts.bus.ask(ReadEnrolment(audience: parts.audience, handle: try parts.handle(of: request)))
        guard let offer = reply.offer else { return .seeOther("/sign-in?ended=1", cookies: [parts.gateway.session.forgetting]) }
        let page = enrolmentPage(
            offer, to: "/sign-in/second-factor", isRequired: true, problem: problem, in: parts.gateway.bareFrame(request, context))
        return problem.map(page.response) ?? page.response()
    }

    @Sendable private func enrol(request: Incoming, context: GatewayContext, session: UnfinishedSession) async throws -> Response {
        let (handle, cookie) = SessionReader.newHandle()
        switch try await parts.enrol(request, context, under: handle) {
        case .done(let enrolled):
            let frame = parts.frame(for: cookie, request, context)
            return recoveryCodesPage(enrolled.recoveryCodes, isNew: true, next: "/", in: frame).response(storing: cookie, parts)
        case .refused(.notGood): return try await show(.notGood, request, context)
        case .refused(.throttled(let until)): return try await show(.throttled(until: until), request, context)
        case .refused(.alreadyEnrolled): return .seeOther(SignInStep.code.path)
        case .refused(.sessionEnded), .refused(.stepUp): return .seeOther("/sign-in?ended=1", cookies: [parts.gateway.session.forgetting])
        }
    }
}

extension GatewayParts {
    /// Sets up a second factor with the code that was typed; the session goes on under `handle`.
    func enrol(_ request: Incoming, _ context: GatewayContext, under handle: Data) async throws -> Answer<EnrolSecondFactor> {
        let command = EnrolSecondFactor(
            audience: audience, handle: try self.handle(of: request), newHandle: handle, code: String(context.web.form.trimmed("code").prefix(40)),
            source: source(context), key: try submission(context))
        return try await bus.request(command, as: nil)
    }

    /// The frame of a page that comes with another session cookie: its forms belong to that.
    func frame(for cookie: String, _ request: Incoming, _ context: GatewayContext) -> Frame {
        var frame = gateway.bareFrame(request, context)
        frame.formKey = gateway.formKey(for: cookie, request)
        return frame
    }
}

extension HTML {
    /// The page, with the cookie of the session's new handle.
    func response(storing cookie: String, _ parts: GatewayParts) -> Response {
        var response = response()
        response.headers.append(HTTPField(name: .setCookie, value: parts.gateway.session.storing(cookie)))
        return response
    }
}
