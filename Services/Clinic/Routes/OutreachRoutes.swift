import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// One message to many patients: prepared, looked at, sent.
struct OutreachRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/outreach",
            parts.staff(where: \.writesToMany) { _, _, staff in
                let found = try await parts.bus.ask(ReadOutreaches(), as: staff.person.token)
                return outreachesPage(found, parts.facts.names(), staff.now, in: staff.frame(at: .messages)).response()
            })
        routes.get(
            "/outreach/new",
            parts.staff(where: \.writesToMany) { _, _, staff in
                newOutreachPage(try await newView(staff), in: staff.frame(at: .messages)).response()
            })
        routes.post("/outreach", parts.staff(where: \.writesToMany, prepare))
        routes.get("/outreach/:outreach", parts.staff(where: \.writesToMany, show))
        routes.post("/outreach/:outreach/send", parts.staff(where: \.writesToMany, send))
    }

    /// Without kinds of visits where scheduling does not answer.
    private func newView(_ staff: Staff) async throws -> NewOutreachView {
        let services = (try? await parts.bus.ask(ReadDay(), as: staff.person.token).services) ?? []
        return NewOutreachView(
            purposes: staff.readsCharts ? [.medical, .medicine] : staff.isAdministrator ? [.appointment, .bill, .other] : [.appointment, .other],
            practitioners: parts.facts.directory?.practitioners.map(\.id) ?? [], services: services, names: parts.facts.names(services))
    }

    @Sendable private func prepare(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let typed = OutreachForm(context.web.form)
        guard let purpose = ThreadPurpose(rawValue: typed.purpose) else { throw HTTPError(.badRequest) }
        let submission = try parts.submission(context)
        let command = PrepareOutreach(
            outreach: ID(submission), cohort: typed.cohort ?? OutreachCohort(), purpose: purpose, subject: typed.subject, text: typed.text,
            onePerHousehold: typed.onePerHousehold, key: submission)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done(let taken): return .seeOther("/outreach/\(taken.outreach)")
        case .refused(let refusal):
            var view = try await newView(staff)
            (view.typed, view.refusal) = (typed, refusal)
            return newOutreachPage(view, in: staff.frame(at: .messages)).response(refusal == .tooMany ? .conflict : .unprocessableContent)
        }
    }

    private func view(_ context: GatewayContext, _ staff: Staff, page: Int = 0) async throws -> OutreachPageView {
        let id = try context.id("outreach", of: Outreach.self)
        guard case .done(let found) = try await parts.bus.request(ReadOutreach(outreach: id, page: page), as: staff.person.token) else {
            throw HTTPError(.notFound)
        }
        return OutreachPageView(
            found: found, patients: await staff.summaries(of: found.leftOut.map(\.patient)), names: parts.facts.names(),
            page: page, now: staff.now)
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let view = try await view(context, staff, page: min(max(request.number("page") ?? 0, 0), 1_000))
        let response = outreachPage(view, in: staff.frame(at: .messages)).response()
        // Its readers are being looked up, or written to: the page follows.
        guard view.found.line.state == .gathering || view.found.line.state == .sending else { return response }
        return response.leadingOn(to: "/outreach/\(view.found.line.outreach)", after: 3)
    }

    @Sendable private func send(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let command = SendOutreach(
            outreach: try context.id("outreach", of: Outreach.self), chosen: context.web.form.number("chosen") ?? 0,
            key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done(let taken): return .seeOther("/outreach/\(taken.outreach)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(context, staff)
            view.refusal = refusal
            return outreachPage(view, in: staff.frame(at: .messages)).response(.conflict)
        }
    }
}

extension Staff {
    /// Who may write one message to many.
    var writesToMany: Bool { readsCharts || isAtDesk }
}
