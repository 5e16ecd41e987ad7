import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Who works here, for administrators: codes for new colleagues, new passwords, the end of accounts.
struct StaffRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/accounts",
            parts.staff(where: \.isAdministrator) { request, _, staff in
                var view = try await view(staff)
                view.notice = request.uri.queryParameters["done"].flatMap { StaffPageView.Notice(rawValue: String($0)) }
                return staffPage(view, in: staff.frame(at: .settings)).response()
            })
        routes.post("/accounts", parts.staff(where: \.isAdministrator, invite))
        routes.get("/accounts/:id", parts.staff(where: \.isAdministrator, show))
        routes.post("/accounts/:id", parts.staff(where: \.isAdministrator, keep))
        routes.get("/accounts/:id/places", parts.staff(where: \.isAdministrator, showPlaces))
        routes.post("/accounts/:id/places", parts.staff(where: \.isAdministrator, keepPlaces))
        routes.get("/accounts/:id/licences", parts.staff(where: \.isAdministrator, showLicences))
        routes.post("/accounts/:id/licences", parts.staff(where: \.isAdministrator, keepLicences))
        routes.post("/accounts/:id/reset", parts.staff(where: \.isAdministrator, startReset))
        routes.post("/accounts/:id/close", parts.staff(where: \.isAdministrator, close))
        routes.post("/patients/:id/reset", parts.staff(where: \.isAdministrator, startForPatient))
    }

    private func view(_ staff: Staff) async throws -> StaffPageView {
        StaffPageView(
            staff: try await parts.bus.ask(ReadStaff(), as: staff.person.token), own: staff.person.view.account,
            practitioners: parts.facts.directory?.practitioners ?? [], address: parts.gateway.publicURL, now: staff.now)
    }

    @Sendable private func invite(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        let typed = (name: String(form.trimmed("name").prefix(200)), role: form.trimmed("role"), practitioner: form.trimmed("practitioner"))
        let submission = try parts.submission(context)
        let command = InviteStaff(
            invitation: ID(submission), role: typed.role, displayName: typed.name, practitioner: ID(typed.practitioner), key: submission)
        let answer = try await parts.bus.request(command, as: staff.person.token)
        var view = try await view(staff)
        switch answer {
        case .done(let invited):
            view.invited = (typed.name, invited.code, Moment(invited.expires, in: staff.now.zone))
            return staffPage(view, in: staff.frame(at: .settings)).response()
        case .refused(let refusal):
            (view.refusal, view.typed) = (refusal, typed)
            return staffPage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
        }
    }

    @Sendable private func startReset(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let account = try context.id("id", of: Account.self)
        let known = try await parts.bus.ask(ReadStaff(), as: staff.person.token).accounts.first { $0.account == account && !$0.closed }
        guard let known else { throw HTTPError(.notFound) }
        switch try await parts.bus.request(StartReset(staff: known.username, key: try parts.submission(context)), as: staff.person.token) {
        case .done: return .seeOther("/accounts?done=sent")
        case .refused(.noAccount): throw HTTPError(.notFound)
        }
    }

    @Sendable private func close(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let command = CloseStaffAccount(account: try context.id("id", of: Account.self), key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/accounts?done=closed")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.own): throw HTTPError(.conflict)
        case .refused(.lastAdministrator):
            var view = try await view(staff)
            view.isLast = true
            return staffPage(view, in: staff.frame(at: .settings)).response(.conflict)
        }
    }

    // MARK: One account

    private func view(_ context: GatewayContext, showing version: Int? = nil, _ staff: Staff) async throws -> StaffAccountView {
        let account = try context.id("id", of: Account.self)
        let everybody = try await parts.bus.ask(ReadStaff(), as: staff.person.token).accounts
        let history = try await parts.bus.request(ReadStaffHistory(account: account, version: version), as: staff.person.token)
        guard let known = everybody.first(where: { $0.account == account }), case .done(let history) = history else { throw HTTPError(.notFound) }
        let practitioners = parts.facts.directory?.practitioners ?? []
        let taken = Set(everybody.filter { !$0.closed && $0.account != account }.compactMap(\.practitioner))
        return StaffAccountView(
            account: known, isOwn: account == staff.person.view.account, form: StaffAccountForm(known), version: known.version ?? 1,
            practitioners: practitioners.filter { !taken.contains($0.id) },
            names: Dictionary(practitioners.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first }), history: history,
            people: everybody.names, now: staff.now)
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        staffAccountPage(try await view(context, showing: request.number("version"), staff), in: staff.frame(at: .settings)).response()
    }

    @Sendable private func keep(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        guard let version = context.web.form.number("version") else { throw HTTPError(.badRequest) }
        let form = StaffAccountForm(context.web.form)
        let command = KeepStaffAccount(
            account: try context.id("id", of: Account.self), version: version, displayName: form.name, role: form.role,
            practitioner: ID(form.practitioner), suspended: form.isSuspended, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/accounts?done=kept")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(context, staff)
            (view.form, view.refusal) = (form, refusal)
            switch refusal {
            case .changedMeanwhile: return staffAccountPage(view, in: staff.frame(at: .settings)).response(.conflict)
            case .own, .lastAdministrator:
                view.version = version
                return staffAccountPage(view, in: staff.frame(at: .settings)).response(.conflict)
            case .notFound, .unknownRole, .nameMissing, .practitionerTaken:
                view.version = version
                return staffAccountPage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
            }
        }
    }

    /// The account a page is about, of somebody who sees patients, and what everybody is called.
    private func practitioner(
        _ context: GatewayContext, _ staff: Staff
    ) async throws -> (account: StaffAccount, id: ID<Practitioner>, people: [ID<Account>: String]) {
        let account = try context.id("id", of: Account.self)
        let everybody = try await parts.bus.ask(ReadStaff(), as: staff.person.token).accounts
        guard let known = everybody.first(where: { $0.account == account }), let practitioner = known.practitioner else { throw HTTPError(.notFound) }
        return (known, practitioner, everybody.names)
    }

    // MARK: Where they work

    private func places(_ context: GatewayContext, showing version: Int? = nil, _ staff: Staff) async throws -> WorkplacesPageView {
        let (known, practitioner, people) = try await practitioner(context, staff)
        let found = try await parts.bus.request(ReadWorkplaces(practitioner: practitioner, version: version), as: staff.person.token)
        guard case .done(let places) = found else { throw HTTPError(.notFound) }
        return WorkplacesPageView(
            account: known, version: places.version, chosen: Set(places.locations), known: places, places: parts.facts.directory?.locations ?? [],
            people: people, now: staff.now)
    }

    @Sendable private func showPlaces(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        workplacesPage(try await places(context, showing: request.number("version"), staff), in: staff.frame(at: .settings)).response()
    }

    @Sendable private func keepPlaces(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        guard let version = form.number("version") else { throw HTTPError(.badRequest) }
        var view = try await places(context, staff)
        guard let practitioner = view.account.practitioner else { throw HTTPError(.notFound) }
        let current = view.version
        (view.version, view.chosen) = (version, Set(form.all("place").compactMap { ID<Location>($0) }))
        let command = KeepWorkplaces(
            practitioner: practitioner, version: version, locations: view.chosen.sorted(), key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/accounts?done=kept")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            view.refusal = refusal
            if case .changedMeanwhile = refusal {
                view.version = current
                return workplacesPage(view, in: staff.frame(at: .settings)).response(.conflict)
            }
            return workplacesPage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
        }
    }

    // MARK: Where they are licensed

    private func licences(_ context: GatewayContext, showing version: Int? = nil, _ staff: Staff) async throws -> LicencesPageView {
        let (known, practitioner, people) = try await practitioner(context, staff)
        let found = try await parts.bus.request(ReadLicences(practitioner: practitioner, version: version), as: staff.person.token)
        guard case .done(let licences) = found else { throw HTTPError(.notFound) }
        return LicencesPageView(
            account: known, version: licences.version, chosen: Set(licences.regions), known: licences, people: people, now: staff.now)
    }

    @Sendable private func showLicences(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        licencesPage(try await licences(context, showing: request.number("version"), staff), in: staff.frame(at: .settings)).response()
    }

    @Sendable private func keepLicences(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        guard let version = form.number("version") else { throw HTTPError(.badRequest) }
        var view = try await licences(context, staff)
        guard let practitioner = view.account.practitioner else { throw HTTPError(.notFound) }
        view.chosen = Set(form.all("region").compactMap { Region($0) })
        let command = KeepLicences(
            practitioner: practitioner, version: version, regions: view.chosen.sorted(), key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/accounts?done=kept")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            view.refusal = refusal
            return licencesPage(view, in: staff.frame(at: .settings)).response(.conflict)
        }
    }

    // MARK: Patients

    @Sendable private func startForPatient(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let command = StartReset(patient: patient, key: try parts.submission(context))
        return switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: .seeOther("/patients/\(patient)/invite?reset=sent")
        case .refused(.noAccount): .seeOther("/patients/\(patient)/invite?reset=none")
        }
    }
}
