import Contracts
import Foundation
import Hummingbird
import MessageBus

/// The second half of a sign-in: the code of a second factor.
public struct CodeRoutes: Sendable {
    let parts: GatewayParts

    public init(parts: GatewayParts) { self.parts = parts }

    public func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/sign-in/code",
            parts.unfinished(.code) { request, context, session in
                codePage(username: session.username, destination: request.destination, problem: nil, in: parts.gateway.bareFrame(request, context))
                    .response()
            })
        routes.post("/sign-in/code", parts.unfinished(.code, verify))
    }

    @Sendable private func verify(request: Incoming, context: GatewayContext, session: UnfinishedSession) async throws -> Response {
        let (handle, cookie) = SessionReader.newHandle()
        let remembered = context.web.form["remember"] == nil ? nil : SessionReader.newHandle()
        let command = VerifyCode(
            audience: parts.audience, handle: try parts.handle(of: request), newHandle: handle,
            code: String(context.web.form.trimmed("code").prefix(40)), source: parts.source(context), key: .v7(),
            device: remembered?.handle)
        let problem: CodeProblem
        switch try await parts.bus.request(command, as: nil) {
        case .done:
            let kept = remembered.map { parts.device.storing($0.cookie, for: 30 * 86_400) }
            return .seeOther(context.destination?.text ?? "/", cookies: [parts.gateway.session.storing(cookie)] + [kept].compactMap(\.self))
        case .refused(.sessionEnded): return .seeOther("/sign-in?ended=1", cookies: [parts.gateway.session.forgetting])
        case .refused(.notGood): problem = .notGood
        case .refused(.throttled(let until)): problem = .throttled(until: until)
        }
        let frame = parts.gateway.bareFrame(request, context)
        return codePage(username: session.username, destination: context.destination, problem: problem, in: frame).response(problem)
    }
}

extension HTML {
    /// The page again, with what is wrong with the code.
    func response(_ problem: CodeProblem) -> Response {
        switch problem {
        case .notGood: response(.unprocessableContent)
        case .throttled(let until): response(throttledUntil: until)
        }
    }
}
