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
        routes.post("/visits/:id/call/ticket", parts.visitor { _, context, visitor in
            try await parts.callTicket(for: visitor.patient, context.id("id", of: Appointment.self), context, as: visitor.token)
        })
    }

    private func page(_ context: GatewayContext, _ visitor: Visitor, problem: CallRefusal? = nil) async throws -> HTML {
        async let owner = Available(visitor.readPatient)
        let call = try await visitor.readCall(context.id("id", of: Appointment.self))
        let view = PatientCallView(call: call, problem: problem, clinician: parts.facts.names([]).clinician(call.practitioner, visitor.frame.t))
        return patientCallPage(view, in: visitor.frame(at: .visits, try await owner.value))
    }

    @Sendable private func enter(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let appointment = try context.id("id", of: Appointment.self)
        let form = context.web.form
        let command = EnterLobby(
            patient: visitor.patient, appointment: appointment, consents: form["consent"] == "yes", place: form.trimmed("place"),
            key: try parts.submission(context))
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/visits/\(appointment)/call")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            let isMistake = refusal == .noConsent || refusal == .noPlace
            return try await page(context, visitor, problem: refusal).response(isMistake ? .unprocessableContent : .conflict).withCamera()
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
    func readCall(_ appointment: ID<Appointment>) async throws -> CallView {
        switch try await parts.bus.request(ReadCall(patient: patient, appointment: appointment), as: token) {
        case .done(let call): return call
        case .refused: throw HTTPError(.notFound)
        }
    }
}
