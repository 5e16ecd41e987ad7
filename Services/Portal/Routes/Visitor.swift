import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Somebody who has signed in, looking at their own record or at that of somebody they act for.
struct Visitor: Sendable {
    let patient: ID<Patient>
    /// Nil for the own record.
    let acting: ActingFor?
    let person: Person
    let frame: Frame
    let now: Moment
    let parts: GatewayParts

    var token: ActorToken { person.token }
    /// Whether what the record's owner decides, and who looked, is theirs to see.
    var seesAll: Bool { acting?.level != .limited }

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
        let born = summary?.birthDate.flatMap { Day($0) }
        let others = person.view.acting?.isEmpty == false ? PortalPlace.people : nil
        guard acting == nil else {
            let banner = WhoBanner(
                actingFor: summary?.name, born: born, isPart: !seesAll, account: person.view.username, others: PortalPlace.people,
                isPractice: summary?.practice == true, frame.t)
            return frame.signedIn(at: place, as: summary?.name ?? person.view.username, banner, seesAll: seesAll)
        }
        let banner = summary.map {
            WhoBanner(
                name: $0.name, born: born, asOf: Moment(asOf ?? now.instant, in: now.zone), others: others, isPractice: $0.practice == true, frame.t)
        }
        return frame.signedIn(
            at: place, as: summary?.name ?? person.view.username,
            banner ?? others.map { WhoBanner(account: person.view.username, others: $0, frame.t) })
    }
}

/// Whose record a session is looking at.
private enum Chosen {
    case own(ID<Patient>)
    case others(ActingFor)
    /// The one they chose, and do not act for any more.
    case ended
    /// They have none of their own, and have chosen none.
    case none

    /// - Parameter record: the cookie's value, which names the proxy.
    init(_ view: SessionView, _ record: String?) {
        let acting = view.acting ?? []
        let own = view.patients.first { patient in !acting.contains { $0.patient == patient } }
        if let record {
            self = acting.first { $0.proxy.description == record }.map { Chosen.others($0) } ?? .ended
        } else {
            self = own.map { Chosen.own($0) } ?? .none
        }
    }
}

extension GatewayParts {
    /// A page of a record: the signed-in patient's own, or the one they have chosen.
    func visitor(_ page: @escaping @Sendable (Incoming, GatewayContext, Visitor) async throws -> Response) -> PageRoutes<GatewayContext>.Page {
        signedIn { request, context, person in
            func visitor(_ patient: ID<Patient>, _ acting: ActingFor?) -> Visitor {
                Visitor(
                    patient: patient, acting: acting, person: person, frame: gateway.bareFrame(request, context),
                    now: Moment(Date(), in: facts.site.zone), parts: self)
            }
            switch Chosen(person.view, gateway.record.read(request)) {
            case .own(let patient): return try await page(request, context, visitor(patient, nil))
            case .others(let acting): return try await page(request, context, visitor(acting.patient, acting))
            case .none: return .seeOther(PortalPlace.people)
            case .ended:
                // Nothing is done for anybody else in their place: what was on its way is not kept, and they choose anew.
                let page = endedProxyPage(in: gateway.frameWithoutRecord(request, context).signedIn(at: nil, person))
                return page.response(.notFound).forgetting(gateway.record)
            }
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
    func signedIn(at place: PortalPlace?, _ person: Person) -> Frame {
        let banner = person.view.acting?.isEmpty == false ? WhoBanner(account: person.view.username, others: PortalPlace.people, t) : nil
        return signedIn(at: place, as: person.view.username, banner)
    }
}
