import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What do I need to do?
struct HomeRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) { routes.get("/", parts.visitor(home)) }

    /// A part whose service is away is said to be missing; the rest is shown.
    @Sendable private func home(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        async let charted = Available(visitor.readChart)
        async let visited = visits(visitor)
        async let new = Available { () async throws(BusError) in try await parts.bus.own(ReadNews(patient: visitor.patient), visitor.token) }
        async let waited = Available { () async throws(BusError) in
            try await parts.bus.ask(ReadWaiting(patient: visitor.patient), as: visitor.token)
        }
        async let written = threads(visitor)
        async let owed = bills(visitor)
        let (chart, (visits, call, byVideo), news, waiting, messages, bills) = try await (charted, visited, new, waited, written, owed)
        let patient = chart.value?.patient
        let view = HomeView(
            patient: patient ?? visitor.unnamed, chart: chart, visits: visits, call: call, byVideo: byVideo, news: news, waiting: waiting,
            threads: messages, bills: bills, names: parts.facts.names(visits.value?.services ?? []), canSignInAndOut: visitor.person.isConfirmed,
            isActing: visitor.acting != nil, clocksDiffer: parts.bus.clocks.isRaised, now: visitor.now)
        return homePage(view, in: visitor.frame(at: .home, patient, asOf: chart.value?.asOf)).response()
    }

    /// With them a visit by video whose waiting room is open, or which goes on; or the next one, if it is soon. Of no other is telemedicine asked.
    private func visits(_ visitor: Visitor) async throws(BusError) -> (Available<Appointments>, HomeView.Call?, ID<Appointment>?) {
        let visits = try await Available(visitor.readVisits)
        let now = visitor.now.instant
        let next = (visits.value?.coming ?? []).first {
            $0.status != "pending" && $0.start.instant.addingTimeInterval(-HomeView.soonFor) <= now && now < $0.end.instant.addingTimeInterval(3_600)
        }
        guard let next, let state = try await visitor.callState(next.appointment).value ?? nil, !state.isOver else { return (visits, nil, nil) }
        guard next.start.instant.addingTimeInterval(-15 * 60) <= now else { return (visits, nil, next.appointment) }
        return (visits, HomeView.Call(visit: next, goesOn: state.isUnderWay), nil)
    }

    /// What the clinic wrote, for who has a part in it.
    private func threads(_ visitor: Visitor) async throws(BusError) -> Available<Threads>? {
        guard visitor.seesAll else { return nil }
        return try await Available { () async throws(BusError) in
            try await parts.bus.ask(ReadThreads(patient: visitor.patient), as: visitor.token)
        }
    }

    /// Whoever sees a part of the record only has no part in its bills.
    private func bills(_ visitor: Visitor) async throws(BusError) -> Available<Bills>? {
        guard visitor.seesAll else { return nil }
        return try await Available { () async throws(BusError) in try await parts.bus.ask(ReadBills(patient: visitor.patient), as: visitor.token) }
    }
}
