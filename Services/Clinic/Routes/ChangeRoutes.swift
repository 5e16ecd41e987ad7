import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What patients ask to have changed about who they are.
struct ChangeRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/changes",
            parts.staff(where: \.mayInvite) { request, _, staff in
                let isDone = request.uri.queryParameters["done"] != nil
                return changesPage(try await view(staff, isDone: isDone), in: staff.frame(at: .patients)).response()
            })
        routes.post("/changes/:request", parts.staff(where: \.mayInvite, decide))
    }

    private func view(_ staff: Staff, isDone: Bool = false) async throws -> ChangesView {
        ChangesView(found: try await parts.bus.ask(ReadDemographicRequests(), as: staff.person.token), isDone: isDone, now: staff.now)
    }

    @Sendable private func decide(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (form, asked) = (context.web.form, try context.id("request", of: Resource.self))
        guard let patient = ID<Patient>(form.trimmed("patient")), let field = DetailField(rawValue: form.trimmed("field")) else {
            throw HTTPError(.badRequest)
        }
        let words = form.trimmed("words-\(asked)")
        let command = DecideDemographics(
            patient: patient, request: asked, accepts: form["answer"] == "yes", words: words.isEmpty ? nil : words,
            seen: Detail(field) { form["seen-\($0)"] }, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/changes?done=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(staff)
            view.refusal = (asked, refusal, words)
            let isTyping = refusal == .wordsMissing || refusal == .tooLong
            return changesPage(view, in: staff.frame(at: .patients)).response(isTyping ? .unprocessableContent : .conflict)
        }
    }
}
