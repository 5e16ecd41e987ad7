import Contracts
import Hummingbird
import MessageBus
import Web

/// What was written about one visit.
struct NoticeRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/patients/:id/visits/:visit/messages",
            parts.staff(where: \.isAtDesk) { _, context, staff in
                let patient = try context.id("id", of: Patient.self)
                let id = try context.id("visit", of: Appointment.self)
                async let summary = staff.readPatient(patient)
                let visits = try await parts.bus.ask(ReadAppointments(patient: patient, only: id), as: staff.person.token)
                guard let visit = (visits.coming + visits.past).first(where: { $0.appointment == id }) else { throw HTTPError(.notFound) }
                let query = ReadNotices(appointment: id, patient: patient, service: visit.service)
                let notices = try await parts.bus.ask(query, as: staff.person.token)
                let view = NoticesView(
                    patient: try await summary, visit: visit, names: parts.facts.names(visits.services), notices: notices, now: staff.now)
                return noticesPage(view, in: staff.frame(at: .patients)).response()
            })
    }
}
