import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// The patient's visits: all of them, one, and cancelling it.
struct VisitRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/visits",
            parts.visitor { _, _, visitor in
                async let frame = visitor.frameOfVisits()
                let visits = try await visitor.readVisits()
                let view = VisitsView(visits: .here(visits), names: parts.facts.names(visits.services), now: visitor.now)
                return visitsPage(view, in: try await frame).response()
            })
        routes.get("/visits/:id", parts.visitor(show))
        routes.get(
            "/visits/:id/cancel",
            parts.visitor { _, context, visitor in
                async let owner = Available(visitor.readPatient)
                var view = try await view(context, visitor)
                view.patient = try await owner.value
                return cancelVisitPage(view, in: framed(view, visitor)).response()
            })
        routes.post("/visits/:id/cancel", parts.visitor(cancel))
        routes.post("/visits/:id/calendar", parts.visitor(keepInCalendar))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        async let owner = Available(visitor.readPatient)
        async let call = visitor.callState(try context.id("id", of: Appointment.self))
        var view = try await view(context, visitor)
        view.patient = try await owner.value
        view.isNew = request.uri.queryParameters["new"] != nil && view.visit.status == "booked"
        if view.visit.status != "pending" {
            let query = ReadNotices(appointment: view.visit.appointment, patient: visitor.patient, service: view.visit.service)
            view.notices = try await Available { () async throws(BusError) in
                var found = try await parts.bus.ask(query, as: visitor.token)
                // Reminders that this kind of visit does not have are nobody's business but the clinic's.
                found.notices.removeAll { $0.reason == "not-set" }
                return found
            }
        }
        view.call = try await call.value ?? nil
        view.isMoved = request.uri.queryParameters["moved"] != nil && view.visit.status == "booked"
        let frame = framed(view, visitor)
        return (view.visit.status == "pending" ? confirmVisitPage(view, in: frame) : visitPage(view, in: frame)).response()
    }

    @Sendable private func cancel(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        async let owner = Available(visitor.readPatient)
        var view = try await view(context, visitor)
        let command = CancelAppointment(appointment: view.visit.appointment, patient: visitor.patient, key: try parts.submission(context))
        let answer = try await parts.bus.request(command, as: visitor.token)
        // Only now: with records away the name is waited for as long as the page has.
        view.patient = try await owner.value
        switch answer {
        case .done: return visitCancelledPage(view, in: framed(view, visitor)).response()
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.tooLate):
            view.problem = view.isComing ? .pastCutOff : .tooLate
            return visitPage(view, in: framed(view, visitor)).response(.conflict)
        }
    }

    /// A file for the calendar; the same visit later is the same event.
    @Sendable private func keepInCalendar(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let view = try await view(context, visitor)
        guard view.visit.status != "pending" else { throw HTTPError(.notFound) }
        let t = visitor.frame.t
        let calendar = VisitCalendar(
            visit: view.visit, summary: t("calendar.summary", ["clinic": visitor.frame.site.name]).plainText,
            place: view.names.place(view.visit.location, t).plainText, time: fullTime(view.visit.start, t).plainText,
            base: parts.gateway.publicURL, now: visitor.now.instant)
        return .attachment("visit.ics", "text/calendar; charset=utf-8; method=PUBLISH") { write in try await write(calendar.text) }
    }

    /// One of the patient's own visits; any other id does not exist.
    func view(_ context: GatewayContext, _ visitor: Visitor) async throws -> VisitView {
        let id = try context.id("id", of: Appointment.self)
        let visits = try await visitor.readVisit(id)
        guard let visit = (visits.coming + visits.past).first(where: { $0.appointment == id }) else { throw HTTPError(.notFound) }
        return VisitView(
            visit: visit, names: parts.facts.names(visits.services), now: visitor.now,
            rules: visits.services.first { $0.code == visit.service }?.rules ?? VisitRules())
    }

    private func framed(_ view: VisitView, _ visitor: Visitor) -> Frame { visitor.frame(at: .visits, view.patient) }
}
