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
            parts.chart { _, context, staff in
                let chart = try await staff.readChart(try context.id("id", of: Patient.self))
                return invitePage(view(chart, staff), in: staff.frame(at: .patients)).response()
            })
        routes.post("/patients/:id/invite", parts.chart(invite))
    }

    private func view(_ chart: Chart, _ staff: Staff) -> InviteView { InviteView(chart: chart, portalAddress: portalAddress, now: staff.now) }

    @Sendable private func invite(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let chart = try await staff.readChart(try context.id("id", of: Patient.self))
        var view = view(chart, staff)
        let submission = try parts.submission(context)
        if let birthDate = chart.patient.birthDate, birthDate.utf8.count == 10 {
            let command = InviteToPortal(invitation: ID(submission), patient: chart.patient.id, birthDate: birthDate, key: submission)
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
