import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What administrators set: kinds of visit, and who sees patients when and where; note templates have routes of their own.
struct SettingsRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/settings",
            parts.staff(where: \.isAdministrator) { _, _, staff in settingsPage(in: staff.frame(at: .settings)).response() })
        routes.get("/settings/visit-types", parts.staff(where: \.isAdministrator, listTypes))
        routes.get(
            "/settings/visit-types/new",
            parts.staff(where: \.isAdministrator) { _, _, staff in
                visitTypePage(VisitTypeView(now: staff.now), in: staff.frame(at: .settings)).response()
            })
        routes.post("/settings/visit-types", parts.staff(where: \.isAdministrator, addType))
        routes.get("/settings/visit-types/:code", parts.staff(where: \.isAdministrator, showType))
        routes.post("/settings/visit-types/:code", parts.staff(where: \.isAdministrator, changeType))
        ResourceRoutes(parts: parts).add(to: &routes)
        routes.get("/settings/hours", parts.staff(where: \.isAdministrator, listHours))
        routes.get("/settings/hours/:practitioner/:location", parts.staff(where: \.isAdministrator, showHours))
        routes.post("/settings/hours/:practitioner/:location", parts.staff(where: \.isAdministrator, changeHours))
    }

    // MARK: Kinds of visit

    @Sendable private func listTypes(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let found = try await parts.bus.ask(ReadVisitTypes(), as: staff.person.token)
        return visitTypesPage(found, wasKept: request.uri.queryParameters["kept"] != nil, in: staff.frame(at: .settings)).response()
    }

    @Sendable private func showType(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let version = request.number("version")
        let view = try await view(of: try context.parameters.require("code"), showing: version, staff)
        return visitTypePage(view, in: staff.frame(at: .settings)).response()
    }

    private func view(of code: String, showing version: Int? = nil, _ staff: Staff) async throws -> VisitTypeView {
        async let people = staff.colleagues()
        let types = try await parts.bus.ask(ReadVisitTypes(), as: staff.person.token).types
        let history = try await parts.bus.request(ReadVisitTypeHistory(code: code, version: version), as: staff.person.token)
        guard let line = types.first(where: { $0.type.code == code }), case .done(let known) = history else { throw HTTPError(.notFound) }
        return VisitTypeView(
            code: code, version: line.version, form: VisitTypeForm(line.type), history: known, people: try await people, now: staff.now)
    }

    @Sendable private func addType(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        try await keep(nil, over: 0, context, staff)
    }

    @Sendable private func changeType(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        guard let version = context.web.form.number("version") else { throw HTTPError(.badRequest) }
        return try await keep(try context.parameters.require("code"), over: version, context, staff)
    }

    /// - Parameter known: the code; nil for a new one.
    private func keep(_ known: String?, over version: Int, _ context: GatewayContext, _ staff: Staff) async throws -> Response {
        let form = VisitTypeForm(context.web.form)
        let command = KeepVisitType(type: form.type(code: known), version: version, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/settings/visit-types?kept=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = if let known { try await view(of: known, staff) } else { VisitTypeView(now: staff.now) }
            (view.form, view.refusal) = (form, refusal)
            if case .changedMeanwhile = refusal { return visitTypePage(view, in: staff.frame(at: .settings)).response(.conflict) }
            view.version = version
            return visitTypePage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
        }
    }

    // MARK: Hours

    @Sendable private func listHours(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let found = try await parts.bus.ask(ReadHours(), as: staff.person.token)
        let view = HoursListView(
            found: found, directory: parts.facts.directory ?? Directory(practitioners: [], locations: []),
            wasKept: request.uri.queryParameters["kept"] != nil, now: staff.now)
        return hoursListPage(view, in: staff.frame(at: .settings)).response()
    }

    @Sendable private func showHours(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let version = request.number("version")
        return hoursPage(try await hours(context, showing: version, staff), in: staff.frame(at: .settings)).response()
    }

    private func hours(_ context: GatewayContext, showing version: Int? = nil, _ staff: Staff) async throws -> HoursView {
        let practitioner = try context.id("practitioner", of: Practitioner.self)
        let location = try context.id("location", of: Location.self)
        async let people = staff.colleagues()
        let found = try await parts.bus.ask(ReadHours(), as: staff.person.token)
        let line = found.hours.first { $0.practitioner == practitioner && $0.location == location }
        let directory = parts.facts.directory
        let place = directory?.locations.first { $0.id == location }
        let isKnown = place != nil && directory?.practitioners.contains { $0.id == practitioner } ?? false
        guard isKnown || line != nil else { throw HTTPError(.notFound) }
        var known: HoursHistory?
        if line != nil { known = try await history(of: practitioner, at: location, version, staff) }
        return HoursView(
            practitioner: practitioner, location: location, version: line?.version ?? 0,
            form: HoursForm(line?.hours, today: staff.now.day, zone: place?.zone ?? staff.now.zone.name), services: found.services, history: known,
            people: try await people, names: parts.facts.names(found.services), now: staff.now)
    }

    private func history(
        of practitioner: ID<Practitioner>, at location: ID<Location>, _ version: Int?, _ staff: Staff
    ) async throws -> HoursHistory {
        let query = ReadHoursHistory(practitioner: practitioner, location: location, version: version)
        guard case .done(let known) = try await parts.bus.request(query, as: staff.person.token) else { throw HTTPError(.notFound) }
        return known
    }

    @Sendable private func changeHours(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = HoursForm(context.web.form)
        guard let version = context.web.form.number("version") else { throw HTTPError(.badRequest) }
        var view = try await hours(context, staff)
        let current = view.version
        (view.form, view.version) = (form, version)
        guard let hours = form.hours else {
            view.problems = form.problems
            return hoursPage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
        }
        let command = KeepHours(
            practitioner: view.practitioner, location: view.location, version: version, hours: hours, outside: form.outside,
            key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/settings/hours?kept=1")
        case .refused(let refusal):
            view.refusal = refusal
            if case .changedMeanwhile = refusal {
                view.version = current
                return hoursPage(view, in: staff.frame(at: .settings)).response(.conflict)
            }
            return hoursPage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
        }
    }
}

extension Staff {
    /// What the people who work here are called; none when that cannot be asked for now.
    func colleagues() async throws -> [ID<Account>: String] {
        let staff = try await Available { () async throws(BusError) in try await parts.bus.ask(ReadStaff(), as: person.token) }
        return staff.value?.accounts.names ?? [:]
    }
}

extension [StaffAccount] {
    /// What they are called.
    var names: [ID<Account>: String] { Dictionary(map { ($0.account, $0.displayName ?? $0.username) }, uniquingKeysWith: { first, _ in first }) }
}
