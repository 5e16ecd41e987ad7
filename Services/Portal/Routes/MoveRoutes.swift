import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Moving a visit to another time: it stays the same visit, and is kept until another time is taken.
struct MoveRoutes {
    private static let daysShown = 14

    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/visits/:id/move", parts.visitor(show))
        routes.post("/visits/:id/move", parts.visitor(move))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let asked = request.uri.queryParameters
        let (visit, known) = try await view(context, visitor)
        guard known.mayMove else { return try await refused(known, known.isComing ? .pastCutOff : .tooLate, visitor) }
        var view = booking(known, withAnyone: asked["with"] == "anyone", visitor)
        try await addTimes(to: &view, visit, from: asked["from"].flatMap { Day(String($0)) }, visitor)
        return chooseNewTimePage(view, moving: visit, in: try await visitor.frameOfVisits()).response()
    }

    @Sendable private func move(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let form = context.web.form
        let (visit, known) = try await view(context, visitor)
        var view = booking(known, withAnyone: form["with"] == "anyone", visitor)
        guard let version = form.number("version") else { throw HTTPError(.badRequest) }
        guard let slot = form["slot"].flatMap(ChosenSlot.init) else {
            view.problem = .nothingChosen
            try await addTimes(to: &view, visit, from: nil, visitor)
            return chooseNewTimePage(view, moving: visit, in: try await visitor.frameOfVisits()).response(.unprocessableContent)
        }
        let command = RescheduleAppointment(
            appointment: visit.appointment, patient: visitor.patient, version: version, practitioner: slot.practitioner, location: slot.location,
            start: slot.start, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/visits/\(visit.appointment)?moved=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.tooLate): return try await refused(known, .tooLate, visitor)
        case .refused(.pastCutOff): return try await refused(known, .pastCutOff, visitor)
        case .refused(.changedMeanwhile): return try await refused(known, .changedMeanwhile, visitor)
        case .refused(.taken(let alternatives)), .refused(.resourceTaken(_, let alternatives)):
            view.problem = .taken(visitor.zoned(slot.start), alternatives: alternatives)
        case .refused(.notOffered(let alternatives)): view.problem = .notOffered(alternatives: alternatives)
        case .refused(.patientBusy(let other)): view.problem = .patientBusy(with: other)
        }
        try await addTimes(to: &view, visit, from: nil, visitor)
        return chooseNewTimePage(view, moving: visit, in: try await visitor.frameOfVisits()).response(.conflict)
    }

    /// The visit's own page, with what stands in the way.
    private func refused(_ known: VisitView, _ problem: VisitView.Problem, _ visitor: Visitor) async throws -> Response {
        var view = known
        view.patient = try await Available(visitor.readPatient).value
        view.problem = problem
        return visitPage(view, in: visitor.frame(at: .visits, view.patient)).response(.conflict)
    }

    private func view(_ context: GatewayContext, _ visitor: Visitor) async throws -> (AppointmentLine, VisitView) {
        let view = try await VisitRoutes(parts: parts).view(context, visitor)
        return (view.visit, view)
    }

    private func booking(_ known: VisitView, withAnyone: Bool, _ visitor: Visitor) -> BookingView {
        BookingView(
            services: [], clinicians: [], names: known.names, service: known.visit.service,
            clinician: withAnyone ? nil : known.visit.practitioner, moving: known.visit, now: visitor.now)
    }

    private func addTimes(to view: inout BookingView, _ visit: AppointmentLine, from: Day?, _ visitor: Visitor) async throws {
        let query = FindOpenings(service: visit.service, practitioner: view.clinician, fromDay: from?.iso, days: Self.daysShown)
        let found = try await parts.bus.ask(query, as: visitor.token)
        view.addTimes(of: found, from: from, days: Self.daysShown)
    }
}
