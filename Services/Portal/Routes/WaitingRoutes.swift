import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Waiting for a time, asking the clinic for a visit, and being called instead.
struct WaitingRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/visits/waiting",
            parts.visitor { request, _, visitor in
                let done = request.uri.queryParameters["done"].flatMap { WaitingView.Done(rawValue: String($0)) }
                return try await list(visitor) { $0.done = done }.response()
            })
        routes.get("/visits/waiting/new", parts.visitor(write))
        routes.post("/visits/waiting", parts.visitor(join))
        routes.post("/visits/waiting/take", parts.visitor(take))
        routes.post("/visits/waiting/decline", parts.visitor(decline))
        routes.post("/visits/waiting/leave", parts.visitor(leave))
        routes.get("/visits/call", parts.visitor(offerCall))
        routes.post("/visits/call", parts.visitor(requestCall))
    }

    /// The page of what they wait for. - Parameter change: what else is said on it.
    private func list(_ visitor: Visitor, _ change: (inout WaitingView) -> Void) async throws -> HTML {
        async let frame = visitor.frameOfVisits()
        let found = try await parts.bus.ask(ReadWaiting(patient: visitor.patient), as: visitor.token)
        var view = WaitingView(found: found, names: parts.facts.names(found.services), now: visitor.now)
        change(&view)
        return waitingPage(view, in: try await frame)
    }

    // MARK: Waiting

    @Sendable private func write(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        async let frame = visitor.frameOfVisits()
        let asked = request.uri.queryParameters
        func text(_ name: Substring) -> String { asked[name].map(String.init) ?? "" }
        let form = WaitingForm(service: text("service"), with: text("with"), visit: text("visit"))
        let view = try await view(form, visitor)
        return joinWaitingPage(view, in: try await frame).response()
    }

    @Sendable private func join(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        async let frame = visitor.frameOfVisits()
        var view = try await view(WaitingForm(context.web.form), visitor)
        let command = JoinWaitingList(
            waiting: ID(try parts.submission(context)), patient: visitor.patient, service: view.form.service,
            practitioner: ID<Practitioner>(view.form.with), visit: ID<Appointment>(view.form.visit), wishes: view.form.wishes)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/visits/waiting?done=\(view.isRequest ? "asked" : "joined")")
        case .refused(let refusal):
            view.refusal = refusal
            let isInvalid = if case .invalid = refusal { true } else { false }
            return joinWaitingPage(view, in: try await frame).response(isInvalid ? .unprocessableContent : .conflict)
        }
    }

    /// Kinds of visit that patients do not see are not waited for.
    private func view(_ form: WaitingForm, _ visitor: Visitor) async throws -> JoinWaitingView {
        let services = try await visitor.readVisits().services
        guard let service = services.first(where: { $0.code == form.service && $0.rules?.mode != .off }) else { throw HTTPError(.notFound) }
        return JoinWaitingView(form: form, service: service, names: parts.facts.names(services))
    }

    // MARK: An offer

    @Sendable private func take(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        guard let offer = context.web.form["offer"].flatMap({ ID<Appointment>($0) }) else { throw HTTPError(.badRequest) }
        let command = TakeOffer(offer: offer, patient: visitor.patient, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done(let booked): return .seeOther("/visits/\(booked.appointment)?\(booked.appointment == offer ? "new" : "moved")=1")
        case .refused(let refusal): return try await refused(refusal, visitor)
        }
    }

    @Sendable private func decline(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        guard let offer = context.web.form["offer"].flatMap({ ID<Appointment>($0) }) else { throw HTTPError(.badRequest) }
        let command = DeclineOffer(offer: offer, patient: visitor.patient, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/visits/waiting?done=declined")
        case .refused(let refusal): return try await refused(refusal, visitor)
        }
    }

    private func refused(_ refusal: OfferRefusal, _ visitor: Visitor) async throws -> Response {
        guard refusal != .notFound else { throw HTTPError(.notFound) }
        return try await list(visitor) { $0.refusal = refusal }.response(.conflict)
    }

    @Sendable private func leave(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        guard let waiting = context.web.form["waiting"].flatMap({ ID<Waiting>($0) }) else { throw HTTPError(.badRequest) }
        let command = LeaveWaitingList(waiting: waiting, patient: visitor.patient, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: visitor.token) {
        // What has ended already is what they wanted.
        case .done, .refused(.over): return .seeOther("/visits/waiting?done=left")
        case .refused(.notFound): throw HTTPError(.notFound)
        }
    }

    // MARK: A call

    @Sendable private func offerCall(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let service = request.uri.queryParameters["service"].map(String.init) ?? ""
        let owner = try await Available(visitor.readPatient).value
        return callPage(service: service, patient: owner, in: visitor.frame(at: .visits, owner)).response()
    }

    @Sendable private func requestCall(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let service = context.web.form.trimmed("service")
        let command = RequestCall(
            waiting: ID(try parts.submission(context)), patient: visitor.patient, service: service.isEmpty ? nil : service)
        switch try await parts.bus.request(command, as: visitor.token) {
        // Who asks again is promised what they were promised: it is on the page.
        case .done, .refused(.waitsAlready): return .seeOther("/visits/waiting?done=call")
        case .refused: throw HTTPError(.badRequest)
        }
    }
}
