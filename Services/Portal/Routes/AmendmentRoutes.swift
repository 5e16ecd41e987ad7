import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What the patient says is wrong in the record, and what became of it.
struct AmendmentRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/record/amendments",
            parts.visitor { request, _, visitor in
                let found = try await parts.bus.own(ReadAmendments(patient: visitor.patient), visitor.token)
                let view = AmendmentsView(found: found, isAsked: request.uri.queryParameters["asked"] != nil, now: visitor.now)
                return amendmentsPage(view, in: visitor.frame(at: .record, found.patient, asOf: found.asOf)).response()
            })
        routes.get(
            "/record/amendments/:id",
            parts.visitor { _, context, visitor in
                let view = AmendmentFormView(entry: try await entry(context, visitor), now: visitor.now)
                return amendmentFormPage(view, in: visitor.frame(at: .record, try await visitor.readPatient())).response()
            })
        routes.post("/record/amendments/:id", parts.visitor(ask))
    }

    /// The entry as it says now.
    private func entry(_ context: GatewayContext, _ visitor: Visitor) async throws -> RecordLine {
        let query = ReadEntry(patient: visitor.patient, entry: try context.id("id", of: Resource.self))
        guard let newest = try await parts.bus.own(query, visitor.token).versions.first else { throw HTTPError(.notFound) }
        return newest.line
    }

    @Sendable private func ask(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        var view = AmendmentFormView(entry: try await entry(context, visitor), now: visitor.now)
        (view.wrong, view.right) = (context.web.form.trimmed("wrong"), context.web.form.trimmed("right"))
        let submission = try parts.submission(context)
        let command = RequestAmendment(
            patient: visitor.patient, request: ID(submission), entry: view.entry.id, wrong: view.wrong, right: view.right, key: submission)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/record/amendments?asked=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.idInUse): throw HTTPError(.conflict)
        case .refused(.alreadyRequested): view.isWaiting = true
        case .refused(.invalid(let problems)): view.problems = problems
        }
        let page = amendmentFormPage(view, in: visitor.frame(at: .record, try await visitor.readPatient()))
        return page.response(view.isWaiting ? .conflict : .unprocessableContent)
    }
}
