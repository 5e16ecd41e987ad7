import Contracts
import Foundation
import Hummingbird
import MessageBus

/// What somebody had typed when their session ran out: shown once they are back, and sent on when they say so.
public struct ResumeRoutes: Sendable {
    let parts: GatewayParts
    let dressed: SecurityRoutes.SignedInFrame

    public init(parts: GatewayParts, dressed: @escaping SecurityRoutes.SignedInFrame) { (self.parts, self.dressed) = (parts, dressed) }

    public func add(to routes: inout PageRoutes<GatewayContext>) { routes.get("/resume", parts.signedIn(show)) }

    @Sendable private func show(request: Incoming, context: GatewayContext, person: Person) async throws -> Response {
        let reply = try await parts.bus.ask(ReadDraft(audience: parts.audience, handle: try parts.handle(of: request)))
        guard let draft = reply.draft, let path = LocalPath(draft.path) else { return .seeOther("/") }
        return resumePage(draft, to: path, in: dressed(parts.gateway.bareFrame(request, context), person)).response()
    }
}

/// `GET /resume`: nothing was sent, and nothing is lost.
private func resumePage(_ draft: Draft, to path: LocalPath, in frame: Frame) -> HTML {
    let t = frame.t
    let typed = draft.fields.filter { !$0.value.isEmpty }
    let form = Form(
        to: path.text, formKey: frame.formKey, style: "card stack",
        """
        <ul class="rows" translate="no">\(each: typed, { "<li>\($0.value)</li>" })</ul>\
        \(each: draft.fields, { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" })\
        <button class="btn btn-large">\(t("resume.button"))</button>
        """)
    return frame.page(
        title: t("resume.title"),
        """
        <div class="wrap-narrow stack"><h1>\(t("resume.title"))</h1><p class="lead">\(t("resume.lead"))</p>\(form)\
        <p>\(Action(t("resume.leave"), to: "/", .link))</p></div>
        """)
}

extension GatewayParts {
    /// Keeps what a form of a session that ran out brought, as well as that goes: without identity it is lost, and the person is told to sign in.
    func keepDraft(_ request: Incoming, _ context: GatewayContext) async -> LocalPath? {
        let fields = context.web.form.kept(of: request.uri.path).map { DraftField(name: $0.name, value: $0.value) }
        guard request.method == .post, !fields.isEmpty, let handle = try? handle(of: request), let path = LocalPath(request.uri.path) else {
            return nil
        }
        let command = KeepDraft(audience: audience, handle: handle, draft: Draft(path: path.text, fields: fields), key: .v7())
        guard case .done = try? await bus.request(command, as: nil) else { return nil }
        return LocalPath("/resume")
    }
}
