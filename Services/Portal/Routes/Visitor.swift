import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// A signed-in patient looking at their own record.
struct Visitor: Sendable {
    let patient: ID<Patient>
    let person: Person
    let frame: Frame
    let now: Moment
    let parts: GatewayParts

    var token: ActorToken { person.token }

    func readChart() async throws(BusError) -> Chart { try await parts.bus.own(ReadChart(patient: patient), token) }
    /// Who the record's owner is, for pages that show nothing else of the record.
    func readPatient() async throws(BusError) -> PatientSummary {
        guard let owner = try await parts.bus.ask(ReadPatientSummaries(patients: [patient]), as: token).patients.first else { throw .notAllowed }
        return owner
    }
    func readVisits() async throws(BusError) -> Appointments { try await parts.bus.ask(ReadAppointments(patient: patient), as: token) }

    /// One visit, which may be too far away to be among all; empty when it is not the patient's.
    func readVisit(_ visit: ID<Appointment>) async throws(BusError) -> Appointments {
        try await parts.bus.ask(ReadAppointments(patient: patient, only: visit), as: token)
    }

    /// Who the record's owner is while records does not answer: the name they signed in with.
    var unnamed: PatientSummary { PatientSummary(id: patient, name: person.view.username, family: "", given: "") }

    /// Pages of visits are shown also while records is away, without the banner.
    func frameOfVisits() async throws(BusError) -> Frame { frame(at: .visits, try await Available(readPatient).value) }

    func frame(at place: PortalPlace?, _ summary: PatientSummary?, asOf: Date? = nil) -> Frame {
        let banner = summary.map {
            WhoBanner(name: $0.name, born: $0.birthDate.flatMap { Day($0) }, asOf: Moment(asOf ?? now.instant, in: now.zone), frame.t)
        }
        return frame.signedIn(at: place, as: summary?.name ?? person.view.username, banner)
    }
}

extension GatewayParts {
    /// A page of the signed-in patient's own record.
    func visitor(_ page: @escaping @Sendable (Incoming, GatewayContext, Visitor) async throws -> Response) -> PageRoutes<GatewayContext>.Page {
        signedIn { request, context, person in
            guard let patient = person.view.patients.first else { throw HTTPError(.notFound) }
            let visitor = Visitor(
                patient: patient, person: person, frame: gateway.bareFrame(request, context), now: Moment(Date(), in: facts.site.zone), parts: self)
            return try await page(request, context, visitor)
        }
    }
}

extension Bus {
    /// What a refusal means on one's own record: it is not there.
    func own<Q: Query>(_ query: Q, _ token: ActorToken) async throws(BusError) -> Q.Reply where Q.Refusal == RecordRefusal {
        switch try await request(query, as: token) {
        case .done(let reply): return reply
        case .refused(.notFound): throw .notAllowed
        }
    }
}

extension Frame {
    /// The frame of a page about the account, without the record.
    func signedIn(at place: PortalPlace?, _ person: Person) -> Frame { signedIn(at: place, as: person.view.username, nil) }
}
