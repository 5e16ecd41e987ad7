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
        }
    }

    @Sendable private func startForPatient(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let command = StartReset(patient: patient, key: try parts.submission(context))
        return switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: .seeOther("/patients/\(patient)/invite?reset=sent")
        case .refused(.noAccount): .seeOther("/patients/\(patient)/invite?reset=none")
        }
    }
}
