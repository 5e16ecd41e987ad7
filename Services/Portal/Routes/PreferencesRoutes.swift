import Contracts
import Hummingbird
import MessageBus
import Web

/// How the clinic writes to the patient.
struct PreferencesRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/preferences",
            parts.visitor { request, _, visitor in
                try await page(visitor) { $0.isSaved = request.uri.queryParameters["saved"] != nil }.response()
            })
        routes.post("/preferences", parts.visitor(change))
    }

    private func page(_ visitor: Visitor, _ change: (inout PreferencesView) -> Void) async throws -> HTML {
        async let owner = Available(visitor.readPatient)
        let preferences = try await parts.bus.ask(ReadPreferences(patient: visitor.patient), as: visitor.token)
        var view = PreferencesView(preferences: preferences, now: visitor.now)
        change(&view)
        return preferencesPage(view, in: visitor.frame(at: .record, try await owner.value))
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        guard let command = ChangePreferences(context.web.form, of: visitor.patient, key: try parts.submission(context)) else {
            throw HTTPError(.badRequest)
        }
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/preferences?saved=1")
        case .refused(.notOffered): throw HTTPError(.badRequest)
        case .refused(.changedMeanwhile): return try await page(visitor) { $0.isChangedMeanwhile = true }.response(.conflict)
        }
    }
}
