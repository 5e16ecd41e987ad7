import Contracts
import Hummingbird
import MessageBus
import Web

/// When patients are reminded of each kind of visit, which administrators set.
struct ReminderRuleRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/settings/reminders",
            parts.staff(where: \.isAdministrator) { request, _, staff in
                async let rules = parts.bus.ask(ReadReminderRules(), as: staff.person.token)
                let types = try await parts.bus.ask(ReadVisitTypes(), as: staff.person.token)
                let wasKept = request.uri.queryParameters["kept"] != nil
                return reminderRulesPage(types, try await rules, wasKept: wasKept, in: staff.frame(at: .settings)).response()
            })
        routes.get(
            "/settings/reminders/:code",
            parts.staff(where: \.isAdministrator) { request, context, staff in
                reminderRulePage(try await view(context, showing: request.number("version"), staff), in: staff.frame(at: .settings)).response()
            })
        routes.post("/settings/reminders/:code", parts.staff(where: \.isAdministrator, change))
    }

    private func view(_ context: GatewayContext, showing version: Int? = nil, _ staff: Staff) async throws -> ReminderRuleView {
        let code = try context.parameters.require("code")
        async let people = staff.colleagues()
        async let rules = parts.bus.ask(ReadReminderRules(), as: staff.person.token)
        let types = try await parts.bus.ask(ReadVisitTypes(), as: staff.person.token).types
        guard let type = types.first(where: { $0.type.code == code })?.type else { throw HTTPError(.notFound) }
        var history: ReminderRuleHistory?
        let found = try await parts.bus.request(ReadReminderRuleHistory(service: code, version: version), as: staff.person.token)
        if case .done(let known) = found { history = known } else if version != nil { throw HTTPError(.notFound) }
        return ReminderRuleView(
            type: type, rules: try await rules.rules(of: code), history: history, people: try await people, now: staff.now)
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        guard let version = context.web.form.number("version") else { throw HTTPError(.badRequest) }
        let command = KeepReminderRules(
            service: view.type.code, rules: context.web.form.all("rule"), version: version, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/settings/reminders?kept=1")
        case .refused(.invalid): throw HTTPError(.badRequest)
        case .refused(.changedMeanwhile):
            view.isChangedMeanwhile = true
            return reminderRulePage(view, in: staff.frame(at: .settings)).response(.conflict)
        }
    }
}
