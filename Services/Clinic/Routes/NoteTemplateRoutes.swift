import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What notes begin with, for administrators: written, changed, retired, and who did what.
struct NoteTemplateRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/settings/templates", parts.staff(where: \.isAdministrator, list))
        routes.get(
            "/settings/templates/new",
            parts.staff(where: \.isAdministrator) { _, _, staff in
                noteTemplatePage(NoteTemplatePageView(now: staff.now), in: staff.frame(at: .settings)).response()
            })
        routes.post("/settings/templates", parts.staff(where: \.isAdministrator, write))
        routes.get("/settings/templates/:template", parts.staff(where: \.isAdministrator, show))
        routes.post("/settings/templates/:template", parts.staff(where: \.isAdministrator, change))
    }

    @Sendable private func list(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let found = try await parts.bus.ask(ReadNoteTemplates(), as: staff.person.token)
        return noteTemplatesPage(found, wasKept: request.uri.queryParameters["kept"] != nil, in: staff.frame(at: .settings)).response()
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let version = request.number("version")
        let view = try await view(try context.id("template", of: NoteTemplate.self), showing: version, staff)
        return noteTemplatePage(view, in: staff.frame(at: .settings)).response()
    }

    private func view(_ template: ID<NoteTemplate>, showing version: Int? = nil, _ staff: Staff) async throws -> NoteTemplatePageView {
        async let people = staff.colleagues()
        let now = try await parts.bus.request(ReadNoteTemplate(template: template), as: staff.person.token)
        let history = try await parts.bus.request(ReadNoteTemplateHistory(template: template, version: version), as: staff.person.token)
        guard case .done(let current) = now, case .done(let known) = history else { throw HTTPError(.notFound) }
        return NoteTemplatePageView(
            template: template, version: current.version, content: current.content, history: known, people: try await people, now: staff.now)
    }

    @Sendable private func write(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        try await keep(nil, over: 0, context, staff)
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        guard let version = context.web.form.number("version") else { throw HTTPError(.badRequest) }
        return try await keep(try context.id("template", of: NoteTemplate.self), over: version, context, staff)
    }

    /// - Parameter known: nil for a new one.
    private func keep(
        _ known: ID<NoteTemplate>?, over version: Int, _ context: GatewayContext, _ staff: Staff
    ) async throws -> Response {
        let submission = try parts.submission(context)
        let form = context.web.form
        let content = NoteTemplateContent(
            title: form.trimmed("title"), reason: form.trimmed("reason"), text: NoteText(typed: form), retired: form["retired"] != nil)
        let command = KeepNoteTemplate(template: known ?? ID(submission), version: version, content: content, key: submission)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/settings/templates?kept=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            // What was typed stays; saving it once more is over what is there now, which the page shows.
            var view = if let known { try await view(known, staff) } else { NoteTemplatePageView(now: staff.now) }
            (view.content, view.refusal) = (content, refusal)
            if case .changedMeanwhile = refusal { return noteTemplatePage(view, in: staff.frame(at: .settings)).response(.conflict) }
            view.version = version
            return noteTemplatePage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
        }
    }
}
