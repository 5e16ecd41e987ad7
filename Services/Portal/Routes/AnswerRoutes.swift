import Contracts
import Hummingbird
import MessageBus
import Web

/// Where the link in a message about a visit leads: looking changes nothing, the form does.
struct AnswerRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/answer/:link", parts.open { request, context in try await page(request, context) })
        routes.post("/answer/:link", parts.open(answer))
    }

    private func page(_ request: Incoming, _ context: GatewayContext, _ status: HTTPResponse.Status = .ok) async throws -> Response {
        let link = context.parameters.get("link") ?? ""
        let frame = parts.gateway.bareFrame(request, context)
        switch try await parts.bus.request(ReadVisitLink(link: link)) {
        case .done(let visit): return answerPage(visit, link: link, in: frame).response(status)
        case .refused: return unknownAnswerPage(in: frame).response(.notFound)
        }
    }

    @Sendable private func answer(request: Incoming, context: GatewayContext) async throws -> Response {
        let link = context.parameters.get("link") ?? ""
        guard let answer = context.web.form["answer"], answer == "yes" || answer == "no" else { throw HTTPError(.badRequest) }
        let command = AnswerVisit(link: link, accepts: answer == "yes", key: try parts.submission(context))
        switch try await parts.bus.request(command) {
        case .done: return .seeOther("/answer/\(link)")
        case .refused(.closed): return try await page(request, context, .conflict)
        case .refused(.unknown): return unknownAnswerPage(in: parts.gateway.bareFrame(request, context)).response(.notFound)
        }
    }
}
