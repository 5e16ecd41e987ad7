import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Inviting a patient to the portal: a code to hand over, shown once.
struct InviteRoutes {
    let parts: GatewayParts
    let portalAddress: String

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/patients/:id/invite",
            parts.staff { request, context, staff in
                var view = try await view(context, staff)
                view.reset = request.uri.queryParameters["reset"].map { $0 == "sent" ? .sent : .noAccount }
                view.earlier = try? await parts.bus.ask(ReadInvitations(patient: view.patient.id), as: staff.person.token)
                return invitePage(view, in: staff.frame(at: .patients)).response()
            })
        routes.post("/patients/:id/invite", parts.staff(invite))
    }

    /// Who it is; nothing of the record is needed for it.
    private func view(_ context: GatewayContext, _ staff: Staff) async throws -> InviteView {
        guard staff.mayInvite else { throw HTTPError(.notFound) }
        let patient = try await staff.readPatient(try context.id("id", of: Patient.self))
        return InviteView(
            patient: patient, portalAddress: portalAddress, mayReset: staff.isAdministrator, now: staff.now)
    }

    @Sendable private func invite(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        let submission = try parts.submission(context)
        if let birthDate = view.patient.birthDate, birthDate.utf8.count == 10 {
            let command = InviteToPortal(invitation: ID(submission), patient: view.patient.id, birthDate: birthDate, key: submission)
            switch try await parts.bus.request(command, as: staff.person.token) {
            case .done(let invited): view.outcome = .invited(code: invited.code, until: Moment(invited.expires, in: staff.now.zone))
            case .refused(.alreadyActive): view.outcome = .alreadyActive
            }
        } else {
            view.outcome = .birthDateMissing
        }
        return invitePage(view, in: staff.frame(at: .patients)).response()
    }
}
