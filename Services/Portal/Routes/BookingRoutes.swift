import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Choosing what and when, holding the time, booking it.
struct BookingRoutes {
    private static let daysShown = 14

    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/visits/book",
            parts.visitor { request, _, visitor in
                let view = try await view(request, visitor)
                return chooseVisitPage(view, in: try await visitor.frameOfVisits()).response()
            })
        routes.get(
            "/visits/book/times",
            parts.visitor { request, _, visitor in
                let view = try await times(request, visitor)
                return chooseTimePage(view, in: try await visitor.frameOfVisits()).response()
            })
        routes.post("/visits/book/hold", parts.visitor(hold))
        routes.post("/visits/:id/book", parts.visitor(book))
    }

    /// What can be booked, and with whom.
    private func view(_ request: Incoming, _ visitor: Visitor) async throws -> BookingView {
        let services = try await visitor.readVisits().services
        let asked = request.uri.queryParameters
        return BookingView(
            services: services, clinicians: parts.facts.directory?.practitioners ?? [], names: parts.facts.names(services),
            service: asked["service"].map(String.init).flatMap { code in
                services.contains { $0.code == code && $0.rules?.mode != .off } ? code : nil
            },
            clinician: asked["with"].flatMap { ID<Practitioner>(String($0)) }, now: visitor.now)
    }

    private func times(_ request: Incoming, _ visitor: Visitor) async throws -> BookingView {
        var view = try await view(request, visitor)
        guard let service = view.service else { throw HTTPError(.badRequest) }
        let from = request.uri.queryParameters["from"].flatMap { Day(String($0)) }
        try await addTimes(to: &view, service, from: from, visitor)
        return view
    }

    private func addTimes(to view: inout BookingView, _ service: String, from: Day?, _ visitor: Visitor) async throws {
        let query = FindOpenings(service: service, practitioner: view.clinician, fromDay: from?.iso, days: Self.daysShown)
        view.addTimes(of: try await parts.bus.ask(query, as: visitor.token), from: from, days: Self.daysShown)
    }

    @Sendable private func hold(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        // The form's own key is the appointment's id: sent twice it holds once.
        let appointment = ID<Appointment>(try parts.submission(context))
        guard let slot = context.web.form["slot"].flatMap(ChosenSlot.init) else {
            // What was chosen before comes with the form, so that the same times are shown again.
            var view = try await view(request, visitor)
            let chosen = context.web.form["service"]
            guard let service = view.services.first(where: { $0.code == chosen })?.code else { throw HTTPError(.badRequest) }
            (view.service, view.clinician) = (service, context.web.form["with"].flatMap { ID<Practitioner>($0) })
            view.problem = .nothingChosen
            try await addTimes(to: &view, service, from: nil, visitor)
            return chooseTimePage(view, in: try await visitor.frameOfVisits()).response(.unprocessableContent)
        }
        let command = HoldAppointment(
            appointment: appointment, patient: visitor.patient, practitioner: slot.practitioner, location: slot.location, service: slot.service,
            start: slot.start)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/visits/\(appointment)")
        case .refused(let refusal): return try await refused(refusal, slot, request, visitor)
        }
    }

    /// The form says what was held, so that one question is enough: scheduling books what this patient holds, and nothing else.
    @Sendable private func book(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let id = try context.id("id", of: Appointment.self)
        guard let slot = context.web.form["slot"].flatMap(ChosenSlot.init) else { throw HTTPError(.badRequest) }
        let command = BookAppointment(
            appointment: id, patient: visitor.patient, practitioner: slot.practitioner, location: slot.location, service: slot.service,
            start: slot.start, key: try parts.submission(context), onlyHeld: true)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/visits/\(id)?new=1")
        // Nobody's or somebody else's: there is no telling which.
        case .refused(.idInUse): throw HTTPError(.notFound)
        case .refused(let refusal): return try await refused(refusal, slot, request, visitor)
        }
    }

    /// A lost race says what happened, what is free instead, and that nothing else is lost.
    private func refused(_ refusal: BookingRefusal, _ slot: ChosenSlot, _ request: Incoming, _ visitor: Visitor) async throws -> Response {
        async let frame = visitor.frameOfVisits()
        var view = try await view(request, visitor)
        (view.service, view.clinician) = (slot.service, slot.practitioner)
        let start = visitor.zoned(slot.start)
        switch refusal {
        case .taken(let alternatives), .resourceTaken(_, let alternatives): view.problem = .taken(start, alternatives: alternatives)
        case .holdLapsed(let alternatives): view.problem = .holdLapsed(start, alternatives: alternatives)
        case .notOffered(let alternatives): view.problem = .notOffered(alternatives: alternatives)
        case .patientBusy(let other): view.problem = .patientBusy(with: other)
        case .tooManyHolds: view.problem = .tooManyHolds
        case .byClinicOnly: view.problem = .byClinicOnly
        case .oneIsOpen(let other): view.problem = .oneIsOpen(other)
        case .idInUse: throw HTTPError(.conflict)
        }
        try await addTimes(to: &view, slot.service, from: nil, visitor)
        return chooseTimePage(view, in: try await frame).response(.conflict)
    }
}

extension Visitor {
    /// A wanted time as the clinic writes it.
    func zoned(_ instant: Date) -> ZonedTime {
        let moment = Moment(instant, in: now.zone)
        let minutes = moment.minuteOfDay
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return ZonedTime(instant, local: "\(moment.day.iso)T\(padded(minutes / 60)):\(padded(minutes % 60))", zone: now.zone.name)
    }
}

extension BookingView {
    /// - Parameter from: nil for today.
    mutating func addTimes(of found: Openings, from: Day?, days: Int) {
        let page = DaysOfOpenings(found, from: from ?? now.day, days: days, today: now.day)
        (openings, nextDay, hasMore) = (page.openings, page.nextDay, found.more)
    }
}
