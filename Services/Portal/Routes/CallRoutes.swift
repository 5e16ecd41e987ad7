import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// A visit by video: the waiting room, and the visit itself.
struct CallRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/visits/:id/call", parts.visitor { _, context, visitor in try await page(context, visitor).response().withCamera() })
        routes.post("/visits/:id/call", parts.visitor(enter))
        routes.post("/visits/:id/call/chat", parts.visitor(write))
        routes.post("/visits/:id/call/late", parts.visitor(choose))
        routes.get("/visits/:id/call/guests", parts.visitor { _, context, visitor in try await guests(context, visitor) { _ in }.response() })
        routes.post("/visits/:id/call/guests", parts.visitor(invite))
        routes.post("/visits/:id/call/guests/:guest/remove", parts.visitor { _, context, visitor in
            let appointment = try context.id("id", of: Appointment.self)
            let command = RemoveGuest(
                patient: visitor.patient, appointment: appointment, guest: try context.id("guest", of: Guest.self),
                key: try parts.submission(context))
            try await parts.changeGuest(command, as: visitor.token)
            return .seeOther("/visits/\(appointment)/call/guests")
        })
        routes.get("/visits/:id/call/test", parts.visitor(testPage))
        routes.post("/visits/:id/call/test", parts.visitor(keepTest))
        routes.post("/visits/:id/call/test/relay", parts.visitor(testRelay))
        routes.post("/visits/:id/call/ticket", parts.visitor { _, context, visitor in
            try await parts.callTicket(for: visitor.patient, context.id("id", of: Appointment.self), context, as: visitor.token)
        })
    }

    // MARK: Before the visit

    @Sendable private func testPage(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let appointment = try context.id("id", of: Appointment.self)
        async let owner = Available(visitor.readPatient)
        guard let kept = try await visitor.readDeviceTest(appointment) else { throw HTTPError(.notFound) }
        let view = DeviceTestView(visit: appointment, kept: kept, now: visitor.now)
        return deviceTestPage(view, in: visitor.frame(at: .visits, try await owner.value)).response().withCamera()
    }

    @Sendable private func keepTest(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let form = context.web.form
        guard let camera = form["camera"].flatMap(DeviceState.init), let microphone = form["microphone"].flatMap(DeviceState.init),
            let speaker = form["speaker"].flatMap(SpeakerState.init), let network = form["network"].flatMap(NetworkState.init)
        else { throw HTTPError(.badRequest) }
        let appointment = try context.id("id", of: Appointment.self)
        let command = KeepDeviceTest(
            patient: visitor.patient, appointment: appointment,
            test: DeviceTest(camera: camera, microphone: microphone, speaker: speaker, network: network), key: try parts.submission(context))
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/visits/\(appointment)/call/test")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused: throw HTTPError(.conflict)
        }
    }

    /// What the browser tries the TURN server with; good for ten minutes.
    @Sendable private func testRelay(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let query = ReadTestRelay(patient: visitor.patient, appointment: try context.id("id", of: Appointment.self))
        switch try await parts.bus.request(query, as: visitor.token) {
        case .done(let found): return try .json(found)
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused: throw HTTPError(.conflict)
        }
    }

    // MARK: Guests

    @Sendable private func invite(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        switch try await parts.inviteGuest(for: visitor.patient, context.id("id", of: Appointment.self), context, as: visitor.token) {
        case .success(let made):
            return try await guests(context, visitor) { $0.link = ("\(parts.gateway.publicURL)/guest/\(made.secret)", made.name) }.response()
        case .failure(let no):
            return try await guests(context, visitor) { $0.refusal = no.refusal }
                .response(no.refusal == .noName ? .unprocessableContent : .conflict)
        }
    }

    private func guests(_ context: GatewayContext, _ visitor: Visitor, _ change: (inout PatientGuestsView) -> Void) async throws -> HTML {
        async let owner = Available(visitor.readPatient)
        var view = PatientGuestsView(call: try await visitor.readCall(context.id("id", of: Appointment.self)))
        change(&view)
        return patientGuestsPage(view, in: visitor.frame(at: .visits, try await owner.value))
    }

    // MARK: The visit

    private func page(
        _ context: GatewayContext, _ visitor: Visitor, problem: CallRefusal? = nil, typed: LobbyForm? = nil, chat refused: CallChat? = nil
    ) async throws -> HTML {
        async let owner = Available(visitor.readPatient)
        let call = try await visitor.readCall(context.id("id", of: Appointment.self))
        var view = PatientCallView(
            call: call, problem: problem, typed: typed, clinician: parts.facts.names([]).clinician(call.practitioner, visitor.frame.t),
            chat: refused, names: parts.facts.names([]), now: visitor.now)
        if refused == nil, call.state.isOpen || call.state == .ended {
            view.chat = try await parts.callChat(of: visitor.patient, call.appointment, as: visitor.token)
        }
        return patientCallPage(view, in: visitor.frame(at: .visits, try await owner.value))
    }

    @Sendable private func write(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let call = try await visitor.readCall(context.id("id", of: Appointment.self))
        guard let refused = try await parts.writeInCall(call, context, visitor.frame.t, as: visitor.token) else {
            return .seeOther("/visits/\(call.appointment)/call")
        }
        return try await page(context, visitor, chat: refused).response(.conflict).withCamera()
    }

    @Sendable private func enter(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let appointment = try context.id("id", of: Appointment.self)
        let form = LobbyForm(context.web.form)
        // Who decides would take it from a gateway that does not ask.
        guard form.region != nil else {
            return try await page(context, visitor, typed: form).response(.unprocessableContent).withCamera()
        }
        let command = EnterLobby(
            patient: visitor.patient, appointment: appointment, consents: form.consents, place: form.place, region: form.region,
            key: try parts.submission(context))
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/visits/\(appointment)/call")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            let isMistake = refusal == .noConsent || refusal == .noPlace
            return try await page(context, visitor, problem: refusal, typed: form)
                .response(isMistake ? .unprocessableContent : .conflict).withCamera()
        }
    }
}

extension CallRoutes {
    /// The promise of a call first: who waits no longer must not be without one. Sent again it is the same promise.
    @Sendable private func choose(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let appointment = try context.id("id", of: Appointment.self)
        guard let choice = context.web.form["choice"].flatMap(LateChoice.init) else { throw HTTPError(.badRequest) }
        let key = try parts.submission(context)
        let call = try await visitor.readCall(appointment)
        guard call.isLate, call.state == .waiting else { return try await page(context, visitor).response(.conflict).withCamera() }
        let visits = try await visitor.readVisit(appointment)
        let service = (visits.coming + visits.past).first { $0.appointment == appointment }?.service
        if choice == .phone {
            let asked = RequestCall(waiting: ID(key), patient: visitor.patient, service: service)
            if case .refused(let refusal) = try await parts.bus.request(asked, as: visitor.token), refusal != .waitsAlready {
                throw HTTPError(.conflict)
            }
        }
        let command = ChooseWhenLate(patient: visitor.patient, appointment: appointment, choice: choice, key: key)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done where choice == .phone: return .seeOther("/visits/waiting?done=call")
        case .done: return .seeOther(service.map { "/visits/book/times?service=\($0)" } ?? "/visits/book")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused: return try await page(context, visitor).response(.conflict).withCamera()
        }
    }
}

extension Visitor {
    /// Missing while telemedicine is away: then the visit's page shows no way there.
    func callState(_ appointment: ID<Appointment>) async throws(BusError) -> Available<CallState?> {
        guard seesAll else { return .here(nil) }
        return try await Available { () async throws(BusError) in
            let query = ReadCall(patient: patient, appointment: appointment)
            return if case .done(let call) = try await parts.bus.request(query, as: token) { call.state } else { nil }
        }
    }

    /// Nil where the visit is none by video.
    func readDeviceTest(_ appointment: ID<Appointment>) async throws(BusError) -> KeptDeviceTest? {
        let query = ReadDeviceTest(patient: patient, appointment: appointment)
        return if case .done(let kept) = try await parts.bus.request(query, as: token) { kept } else { nil }
    }

    func readCall(_ appointment: ID<Appointment>) async throws -> CallView {
        switch try await parts.bus.request(ReadCall(patient: patient, appointment: appointment), as: token) {
        case .done(let call): return call
        case .refused: throw HTTPError(.notFound)
        }
    }
}
