import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Where the clinic sees patients, for administrators: what a place is called, how it is reached, whose clocks it goes by.
struct PlaceRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/settings/places", parts.staff(where: \.isAdministrator, list))
        routes.get("/settings/places/:location", parts.staff(where: \.isAdministrator, show))
        routes.post("/settings/places/:location", parts.staff(where: \.isAdministrator, change))
    }

    @Sendable private func list(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        // Asked for anew: what pages know of the clinic may be half a minute old.
        let found = try await parts.bus.ask(ReadDirectory(), as: staff.person.token)
        let wasKept = request.uri.queryParameters["kept"] != nil
        return placesPage(found.locations, wasKept: wasKept, in: staff.frame(at: .settings)).response()
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        placePage(try await view(context, showing: request.number("version"), staff), in: staff.frame(at: .settings)).response()
    }

    private func view(_ context: GatewayContext, showing version: Int? = nil, _ staff: Staff) async throws -> PlacePageView {
        let location = try context.id("location", of: Location.self)
        async let people = staff.colleagues()
        guard case .done(let place) = try await parts.bus.request(ReadPlace(location: location, version: version), as: staff.person.token) else {
            throw HTTPError(.notFound)
        }
        return PlacePageView(
            location: location, version: place.version, content: place.content, place: place, people: try await people, names: parts.facts.names(),
            now: staff.now)
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        guard let version = form.number("version") else { throw HTTPError(.badRequest) }
        var view = try await view(context, staff)
        let (current, before) = (view.version, view.content)
        (view.content, view.version) = (PlaceContent(form), version)
        // Another zone moves hours: whoever changes it is told what, before anything is saved.
        if view.content.zone != before.zone, Zone(view.content.zone) != nil {
            let moved = try await moved(view, staff)
            guard form.trimmed("told") == moved.told else {
                view.moved = moved
                return placePage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
            }
        }
        let command = KeepPlace(location: view.location, version: version, content: view.content, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/settings/places?kept=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            view.refusal = refusal
            if case .changedMeanwhile = refusal {
                view.version = current
                return placePage(view, in: staff.frame(at: .settings)).response(.conflict)
            }
            return placePage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
        }
    }

    private func moved(_ view: PlacePageView, _ staff: Staff) async throws -> PlacePageView.Moved {
        let hours = try await parts.bus.ask(ReadHours(), as: staff.person.token)
        let visits = try await parts.bus.ask(ReadVisitsAhead(location: view.location), as: staff.person.token)
        let theirs = hours.hours.filter { $0.location == view.location && $0.hours.zone != view.content.zone && $0.hours.until >= staff.now.day.iso }
        return PlacePageView.Moved(
            zone: view.content.zone, hours: theirs.map(\.practitioner), visits: visits, names: parts.facts.names(hours.services))
    }
}
