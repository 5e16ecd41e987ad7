import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Who acts for a patient: a child's parents are let in at the desk, and anybody is shut out there.
struct ProxyRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/patients/:id/proxies",
            parts.staff(where: \.mayInvite) { request, context, staff in
                var view = try await view(context, staff)
                view.done = request.uri.queryParameters["done"].flatMap { ProxiesView.Done(rawValue: String($0)) }
                return proxiesPage(view, in: staff.frame(at: .patients)).response()
            })
        routes.post("/patients/:id/proxies", parts.staff(where: \.mayInvite, grant))
        routes.post("/patients/:id/proxies/end", parts.staff(where: \.mayInvite, withdraw))
    }

    private func view(_ context: GatewayContext, _ staff: Staff) async throws -> ProxiesView {
        let id = try context.id("id", of: Patient.self)
        async let acting = parts.bus.ask(ReadProxies(patient: id), as: staff.person.token)
        let patient = try await staff.readPatient(id)
        return ProxiesView(patient: patient, proxies: try await acting.proxies, now: staff.now)
    }

    @Sendable private func grant(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        let (new, submission) = (NewProxy(context.web.form), try parts.submission(context))
        let until = new.until.isEmpty ? nil : Day(typed: new.until)?.iso ?? new.until
        let command = GrantProxy(
            proxy: ID(submission), patient: view.patient.id, birthDate: view.patient.birthDate ?? "", proxyName: new.name, email: new.email,
            relationship: new.relationship, level: new.level, until: until, language: view.patient.language, key: submission)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done(let granted):
            let done: ProxiesView.Done = granted.state == .invited ? .invited : .granted
            return .seeOther("/patients/\(view.patient.id)/proxies?done=\(done.rawValue)")
        case .refused(let refusal):
            (view.new, view.refusal) = (new, refusal)
            return proxiesPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
    }

    @Sendable private func withdraw(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let form = context.web.form
        guard let proxy = form["proxy"].flatMap({ ID<Proxy>($0) }) else { throw HTTPError(.badRequest) }
        let command = WithdrawProxy(proxy: proxy, patient: patient, reason: form["reason-\(proxy)"], key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/proxies?done=\(ProxiesView.Done.withdrawn.rawValue)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.unknownReason):
            var view = try await view(context, staff)
            view.reasonMissing = proxy
            return proxiesPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
    }
}
