import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Results that are written by hand, their corrections, and who has seen them.
struct ResultRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/patients/:id/results/new", parts.chart(showNew))
        routes.post("/patients/:id/results", parts.chart(enter))
        routes.get("/patients/:id/results/:result/versions", parts.chart(show))
        routes.post("/patients/:id/results/:result/versions", parts.chart(correct))
        routes.post("/worklist/results/:result", parts.staff(acknowledge))
    }

    @Sendable private func showNew(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let order = request.uri.queryParameters["order"].flatMap { ID<Resource>(String($0)) }
        return enterResultPage(try await newView(order, context, staff), in: staff.frame(at: .patients)).response()
    }

    private func newView(_ id: ID<Resource>?, _ context: GatewayContext, _ staff: Staff) async throws -> EnterResultView {
        let patient = try context.id("id", of: Patient.self)
        async let chart = staff.readChart(patient)
        let order: OrderLine? = if let id { try await parts.order(id, of: patient, for: staff) } else { nil }
        return EnterResultView(
            chart: try await chart, order: order, form: ResultForm(today: staff.now.day, answering: order), now: staff.now)
    }

    @Sendable private func enter(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let form = ResultForm(typed: context.web.form)
        let order = ID<Resource>(context.web.form.trimmed("order"))
        let submission = try parts.submission(context)
        let command = EnterResult(
            patient: patient, order: order, report: ID(submission), status: form["status"], collected: form["collected"],
            results: form.results(submission), key: submission)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done(let entered):
            return .seeOther(order.map { "/patients/\(patient)/orders/\($0)" } ?? "/patients/\(patient)/results/\(entered.results[0])/versions")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await newView(order, context, staff)
            (view.form, view.refusal) = (form, refusal)
            let status: HTTPResponse.Status = if case .orderClosed = refusal { .conflict } else { .unprocessableContent }
            return enterResultPage(view, in: staff.frame(at: .patients)).response(status)
        }
    }

    private func view(_ context: GatewayContext, _ staff: Staff) async throws -> ResultVersionsView {
        let query = ReadResult(patient: try context.id("id", of: Patient.self), result: try context.id("result", of: Resource.self))
        async let chart = staff.readChart(query.patient)
        guard case .done(let result) = try await parts.bus.request(query, as: staff.person.token) else { throw HTTPError(.notFound) }
        let form = ResultForm(result.reading, status: result.line.status == "preliminary" ? "final" : "corrected")
        return ResultVersionsView(chart: try await chart, result: result, form: form, names: parts.facts.names(), now: staff.now)
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        resultVersionsPage(try await view(context, staff), in: staff.frame(at: .patients)).response()
    }

    @Sendable private func correct(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let typed = context.web.form
        guard let version = typed.number("version") else { throw HTTPError(.badRequest) }
        let form = ResultForm(typed: typed)
        let keeps = form["status"] == "cancelled" || typed["value"] == nil
        let command = CorrectResult(
            patient: try context.id("id", of: Patient.self), result: try context.id("result", of: Resource.self), version: version,
            status: form["status"], reading: keeps ? nil : form.reading(), reason: typed.trimmed("reason"), key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(command.patient)/results/\(command.result)/versions")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(context, staff)
            (view.form, view.reason, view.refusal) = (form, command.reason, refusal)
            let status: HTTPResponse.Status = if case .invalid = refusal { .unprocessableContent } else { .conflict }
            return resultVersionsPage(view, in: staff.frame(at: .patients)).response(status)
        }
    }

    /// What was changed since they looked stays on the list, as it is now.
    @Sendable private func acknowledge(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        guard let patient = ID<Patient>(form.trimmed("patient")), let version = form.number("version") else { throw HTTPError(.badRequest) }
        let result = try context.id("result", of: Resource.self)
        let comment = form.trimmed("comment-\(result)")
        let command = AcknowledgeResult(
            patient: patient, result: result, version: version, comment: comment.isEmpty ? nil : comment, key: try parts.submission(context))
        let onPage = form.number("page").map { "&results=\($0)" } ?? ""
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/worklist?done=1\(onPage)")
        case .refused(.changedMeanwhile): return .seeOther("/worklist?changed=1\(onPage)")
        case .refused(.invalidComment): return .seeOther("/worklist?comment=1\(onPage)")
        case .refused(.notFound): throw HTTPError(.notFound)
        }
    }
}
