import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// The bookings of a day.
struct DayRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) { routes.get("/", parts.staff(show)) }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        // Their day is not that of the visits.
        guard !staff.isBillingOffice else { return .seeOther("/billing") }
        let asked = request.uri.queryParameters["day"].flatMap { Day(String($0)) }
        let day = asked ?? staff.now.day
        // Beside the bookings: who waits for one that is away must not take the other's time.
        async let steps = asked == nil ? parts.firstSteps(of: staff) : nil
        let appointments = try await Available<DayOfAppointments> { () async throws(BusError) in
            try await parts.bus.ask(ReadDay(day: day.iso), as: staff.person.token)
        }
        let view = DayView(
            day: day, appointments: appointments, patients: await staff.summaries(of: (appointments.value?.appointments ?? []).map(\.patient)),
            names: parts.facts.names(appointments.value?.services ?? []), canSignInAndOut: staff.person.isConfirmed,
            clocksDiffer: parts.bus.clocks.isRaised, seesCalls: staff.readsCharts, steps: await steps, now: staff.now)
        return dayPage(view, in: staff.frame(at: .day)).response()
    }
}
