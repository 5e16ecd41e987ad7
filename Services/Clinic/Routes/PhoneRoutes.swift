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

    func add(to routes: inout PageRoutes<GatewayContext>) { routes.get("/patients/:id/phone", parts.chart(show)) }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        guard staff.mayBook else { throw HTTPError(.notFound) }
        let patient = try context.id("id", of: Patient.self)
        let (asked, token) = (request.uri.queryParameters, staff.person.token)
        // Beside the visits: who waits for a name that is away must not take their time.
        async let named = Available<PatientSummary?> { () async throws(BusError) in
            try await parts.bus.ask(ReadPatientSummaries(patients: [patient]), as: token).patients.first
        }
        async let waited = parts.bus.ask(ReadWaiting(patient: patient), as: token)
        let visits = try await parts.bus.ask(ReadAppointments(patient: patient), as: token)
        let chosen = asked["service"].map(String.init)
        let service = visits.services.first { $0.code == chosen } ?? visits.services.first
        let with = asked["with"].flatMap { $0.hasPrefix("Practitioner/") ? ID<Practitioner>(String($0.dropFirst("Practitioner/".count))) : nil }
        let found = try await parts.bus.ask(
            FindOpenings(service: service?.code ?? "", practitioner: with, days: Self.daysShown, limit: Self.timesShown), as: token)
        let times = PatientTimesView(
            patient: patient, summary: try await named.value ?? nil, services: visits.services,
            clinicians: parts.facts.directory?.practitioners ?? [], names: parts.facts.names(visits.services), service: service?.code ?? "",
            clinician: with, openings: found.openings, now: staff.now)
        let view = PhoneView(times: times, coming: visits.coming.filter { $0.status != "pending" }, waiting: try await waited)
        return phonePage(view, in: staff.frame(at: .patients)).response()
    }
}
