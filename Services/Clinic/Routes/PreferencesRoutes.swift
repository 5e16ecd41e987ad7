import Contracts
import Hummingbird
import MessageBus
import Web

/// How the clinic writes to a patient.
struct PreferencesRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/patients/:id/preferences",
            parts.staff(where: \.mayInvite) { request, context, staff in
                try await page(context, staff) { $0.isSaved = request.uri.queryParameters["saved"] != nil }.response()
            })
        routes.post("/patients/:id/preferences", parts.staff(where: \.mayInvite, change))
    }

    private func page(_ context: GatewayContext, _ staff: Staff, _ change: (inout PreferencesView) -> Void) async throws -> HTML {
        let id = try context.id("id", of: Patient.self)
        async let preferences = parts.bus.ask(ReadPreferences(patient: id), as: staff.person.token)
        let patient = try await staff.readPatient(id)
        var view = PreferencesView(patient: patient, preferences: try await preferences, now: staff.now)
        change(&view)
        return preferencesPage(view, in: staff.frame(at: .patients))
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        guard let command = ChangePreferences(context.web.form, of: patient, key: try parts.submission(context)) else { throw HTTPError(.badRequest) }
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/preferences?saved=1")
        case .refused(.notOffered): throw HTTPError(.badRequest)
        case .refused(.changedMeanwhile): return try await page(context, staff) { $0.isChangedMeanwhile = true }.response(.conflict)
        }
    }
}
