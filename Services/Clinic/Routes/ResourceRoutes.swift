import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// The rooms and devices of places.
struct ResourceRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/settings/resources", parts.staff(where: \.isAdministrator, list))
        routes.post("/settings/resources", parts.staff(where: \.isAdministrator, add))
        routes.post("/settings/resources/:resource", parts.staff(where: \.isAdministrator, change))
    }

    @Sendable private func list(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(staff)
        view.wasKept = request.uri.queryParameters["kept"] != nil
        return resourcesPage(view, in: staff.frame(at: .settings)).response()
    }

    private func view(_ staff: Staff) async throws -> ResourcesView {
        ResourcesView(
            lines: try await parts.bus.ask(ReadResources(), as: staff.person.token).lines,
            directory: parts.facts.directory ?? Directory(practitioners: [], locations: []), names: parts.facts.names([]), wasKept: false)
    }

    @Sendable private func add(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        guard let place = form.trimmed("place").split(separator: "/").last.flatMap({ ID<Location>(String($0)) }),
            let kind = PlaceResource.Kind(rawValue: form.trimmed("kind"))
        else { throw HTTPError(.badRequest) }
        // The form's own key is its id: sent twice it is added once.
        let key = try parts.submission(context)
        let resource = PlaceResource(id: key, location: place, kind: kind, sort: form.trimmed("sort"), name: form.trimmed("name"))
        return try await keep(KeepResource(resource: resource, version: 0, key: key), form, staff)
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        let id = try context.id("resource", of: PlaceResource.self).uuid
        guard let version = form.number("version") else { throw HTTPError(.badRequest) }
        let lines = try await parts.bus.ask(ReadResources(), as: staff.person.token).lines
        guard var resource = lines.first(where: { $0.resource.id == id })?.resource else { throw HTTPError(.notFound) }
        resource.isRetired = form["retired"] == "yes"
        return try await keep(KeepResource(resource: resource, version: version, key: try parts.submission(context)), nil, staff)
    }

    private func keep(_ command: KeepResource, _ typed: FormData?, _ staff: Staff) async throws -> Response {
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/settings/resources?kept=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(staff)
            (view.typed, view.refusal) = (typed, refusal)
            let isLate = if case .changedMeanwhile = refusal { true } else { false }
            return resourcesPage(view, in: staff.frame(at: .settings)).response(isLate ? .conflict : .unprocessableContent)
        }
    }
}
