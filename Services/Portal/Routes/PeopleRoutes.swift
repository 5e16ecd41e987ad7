import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Whose record to look at, for people who act for others.
struct PeopleRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/people", parts.signedIn(show))
        routes.post("/people", parts.signedIn(choose))
        routes.post("/people/stop", parts.signedIn(stop))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let acting = person.view.acting ?? []
        let known = person.view.patients
        let summaries = known.isEmpty ? [] : try await parts.bus.ask(ReadPatientSummaries(patients: known), as: person.token).patients
        let view = PeopleView(
            summaries: summaries, own: known.first { patient in !acting.contains { $0.patient == patient } }, acting: acting,
            chosen: parts.gateway.record.read(request), hasStopped: request.uri.queryParameters["stopped"] != nil,
            now: Moment(Date(), in: parts.facts.site.zone))
        return peoplePage(view, in: parts.gateway.bareFrame(request, context).signedIn(at: nil, person)).response()
    }

    @Sendable private func choose(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let record = context.web.form["record"] ?? ""
        guard !record.isEmpty else { return .seeOther("/", cookies: [parts.gateway.record.forgetting]) }
        let chosen = try acting(record, person)
        return .seeOther("/", cookies: [parts.gateway.record.storing(chosen.proxy.description)])
    }

    /// Acting for somebody is nobody's duty.
    @Sendable private func stop(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let acting = try acting(context.web.form["proxy"] ?? "", person)
        let command = WithdrawProxy(proxy: acting.proxy, patient: acting.patient, key: try parts.submission(context))
        guard case .done = try await parts.bus.request(command, as: person.token) else { throw HTTPError(.notFound) }
        return .seeOther("/people?stopped=1", cookies: [parts.gateway.record.forgetting])
    }

    private func acting(_ proxy: String, _ person: Person) throws -> ActingFor {
        guard let found = person.view.acting?.first(where: { $0.proxy.description == proxy }) else { throw HTTPError(.notFound) }
        return found
    }
}
