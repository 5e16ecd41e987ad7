import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// New passwords that administrators start for people who cannot ask for one themselves.
struct ResetRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/accounts",
            parts.administrator { request, _, staff in
                let view = StaffResetView(isSent: request.uri.queryParameters["sent"] != nil)
                return staffResetPage(view, in: staff.frame(at: .accounts)).response()
            })
        routes.post("/accounts", parts.administrator(startForStaff))
        routes.post("/patients/:id/reset", parts.administrator(startForPatient))
    }

    @Sendable private func startForStaff(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let username = String(context.web.form.trimmed("username").prefix(254))
        let command = StartReset(staff: username, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/accounts?sent=1")
        case .refused(.noAccount):
            let view = StaffResetView(username: username, isUnknown: true)
            return staffResetPage(view, in: staff.frame(at: .accounts)).response(.unprocessableContent)
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

extension GatewayParts {
    /// A page for administrators; for the others it does not exist.
    fileprivate func administrator(
        _ page: @escaping @Sendable (Incoming, GatewayContext, Staff) async throws -> Response
    ) -> PageRoutes<GatewayContext>.Page {
        staff { request, context, staff in
            guard staff.isAdministrator else { throw HTTPError(.notFound) }
            return try await page(request, context, staff)
        }
    }
}
