import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What patients say is wrong in their records.
struct AmendmentRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/amendments",
            parts.staff(where: \.mayBreakGlass) { request, _, staff in
                let isDone = request.uri.queryParameters["done"] != nil
                let page = request.number("page")
                return openAmendmentsPage(try await view(staff, at: page, isDone: isDone), in: staff.frame(at: .worklist)).response()
            })
        routes.post("/amendments/:request", parts.staff(where: \.mayBreakGlass, decide))
    }

    private func view(_ staff: Staff, at page: Int?, isDone: Bool = false) async throws -> OpenAmendmentsView {
        OpenAmendmentsView(
            found: try await parts.bus.ask(ReadOpenAmendments(page: page), as: staff.person.token), isDone: isDone, page: page,
            mayDecide: staff.person.role == .clinician, now: staff.now)
    }

    @Sendable private func decide(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (form, asked) = (context.web.form, try context.id("request", of: Resource.self))
        guard let patient = ID<Patient>(form.trimmed("patient")) else { throw HTTPError(.badRequest) }
        let (words, page) = (form.trimmed("words-\(asked)"), form.number("page"))
        let command = DecideAmendment(
            patient: patient, request: asked, accepts: form["answer"] == "yes", words: words.isEmpty ? nil : words,
            key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/amendments?done=1\(page.map { "&page=\($0)" } ?? "")")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(staff, at: page)
            view.refusal = (asked, refusal, words)
            return openAmendmentsPage(view, in: staff.frame(at: .worklist))
                .response(refusal == .alreadyDecided ? .conflict : .unprocessableContent)
        }
    }
}
