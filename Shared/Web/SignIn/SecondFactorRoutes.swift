import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import MessageBus

/// The second factor a patient may have: turned on and off when they like.
public struct SecondFactorRoutes: Sendable {
    let parts: GatewayParts
    let dressed: SecurityRoutes.SignedInFrame

    public init(parts: GatewayParts, dressed: @escaping SecurityRoutes.SignedInFrame) { (self.parts, self.dressed) = (parts, dressed) }

    public func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/security/second-factor", parts.signedIn { try await offer(nil, $0, $1, $2) })
        routes.post("/security/second-factor", parts.signedIn(enrol))
        routes.post("/security/second-factor/remove", parts.signedIn(remove))
    }

    private func offer(_ problem: CodeProblem?, _ request: Incoming, _ context: GatewayContext, _ person: Person) async throws -> Response {
        guard person.isFresh else { return parts.stepUp(before: "/security/second-factor") }
        let reply = try await parts.bus.ask(ReadEnrolment(audience: parts.audience, handle: try parts.handle(of: request)))
        guard let offer = reply.offer else { return .seeOther("/security") }
        let page = enrolmentPage(
            offer, to: "/security/second-factor", isRequired: false, problem: problem, in: dressed(parts.gateway.bareFrame(request, context), person))
        return problem.map(page.response) ?? page.response()
    }

    @Sendable private func enrol(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let (handle, cookie) = SessionReader.newHandle()
        switch try await parts.enrol(request, context, under: handle) {
        case .done(let enrolled):
            let frame = dressed(parts.frame(for: cookie, request, context), person)
            return recoveryCodesPage(enrolled.recoveryCodes, isNew: true, next: "/security", in: frame).response(storing: cookie, parts)
        case .refused(.notGood): return try await offer(.notGood, request, context, person)
        case .refused(.throttled(let until)): return try await offer(.throttled(until: until), request, context, person)
        case .refused(.alreadyEnrolled): return .seeOther("/security")
        case .refused(.stepUp): return parts.stepUp(before: "/security/second-factor")
        case .refused(.sessionEnded): return parts.sessionEnded
        }
    }

    @Sendable private func remove(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let command = RemoveSecondFactor(audience: parts.audience, handle: try parts.handle(of: request), key: try parts.submission(context))
        return try await parts.answered(command) { _ in .seeOther("/security?done=\(SecurityNotice.removed.rawValue)") }
    }
}
