import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// A patient on the phone: who it is, when they come, what is open, and the soonest times, on one page.
struct PhoneRoutes {
    private static let daysShown = 14
    private static let timesShown = 30

    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/patients/:id/phone", parts.chart(show))
        routes.post("/patients/:id/visits/wait", parts.chart(wait))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let asked = request.uri.queryParameters
        var view = try await view(context, staff, asked["service"].map(String.init), with: .chosen(asked["with"].map(String.init)))
        view.joined = asked["waits"] == nil ? nil : .now
        return phonePage(view, in: staff.frame(at: .patients)).response()
    }

    /// Nothing suits: they are offered what becomes free.
    @Sendable private func wait(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        guard staff.mayBook else { throw HTTPError(.notFound) }
        let (patient, form) = (try context.id("id", of: Patient.self), context.web.form)
        let (service, with) = (form.trimmed("service"), ID<Practitioner>.chosen(form["with"]))
        let command = JoinWaitingList(waiting: ID(try parts.submission(context)), patient: patient, service: service, practitioner: with)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/phone?waits=1")
        case .refused(.waitsAlready):
            var view = try await view(context, staff, service, with: with)
            view.joined = .before
            return phonePage(view, in: staff.frame(at: .patients)).response(.conflict)
        case .refused: throw HTTPError(.badRequest)
        }
    }

    private func view(_ context: GatewayContext, _ staff: Staff, _ chosen: String?, with: ID<Practitioner>?) async throws -> PhoneView {
        guard staff.mayBook else { throw HTTPError(.notFound) }
        let (patient, token) = (try context.id("id", of: Patient.self), staff.person.token)
        // Beside the visits: who waits for a name that is away must not take their time.
        async let named = Available<PatientSummary?> { () async throws(BusError) in
            try await parts.bus.ask(ReadPatientSummaries(patients: [patient]), as: token).patients.first
        }
        async let waited = parts.bus.ask(ReadWaiting(patient: patient), as: token)
        let visits = try await parts.bus.ask(ReadAppointments(patient: patient), as: token)
        let service = visits.services.first { $0.code == chosen } ?? visits.services.first
        let found = try await parts.bus.ask(
            FindOpenings(service: service?.code ?? "", practitioner: with, days: Self.daysShown, limit: Self.timesShown), as: token)
        let times = PatientTimesView(
            patient: patient, summary: try await named.value ?? nil, services: visits.services,
            clinicians: parts.facts.directory?.practitioners ?? [], names: parts.facts.names(visits.services), service: service?.code ?? "",
            clinician: with, openings: found.openings, now: staff.now)
        return PhoneView(times: times, coming: visits.coming.filter { $0.status != "pending" }, waiting: try await waited)
    }
}
