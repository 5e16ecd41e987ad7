import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Who waits for a time, for an answer, or for a call.
struct WaitingRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/waiting",
            parts.staff(where: \.isAtDesk) { request, _, staff in
                var view = try await view(staff)
                view.isDone = request.uri.queryParameters["done"] != nil
                return waitingListPage(view, in: staff.frame(at: .day)).response()
            })
        routes.post("/waiting", parts.staff(where: \.isAtDesk, act))
    }

    private func view(_ staff: Staff) async throws -> WaitingListView {
        let found = try await parts.bus.ask(ReadWaitingList(), as: staff.person.token)
        return WaitingListView(
            found: found, patients: await staff.summaries(of: found.lines.map(\.patient)),
            names: parts.facts.names(found.services), mayBook: staff.mayBook, now: staff.now)
    }

    @Sendable private func act(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        guard let waiting = form["waiting"].flatMap({ ID<Waiting>($0) }), let patient = form["patient"].flatMap({ ID<Patient>($0) }),
            let act = form["act"]
        else { throw HTTPError(.badRequest) }
        let key = try parts.submission(context)
        switch act {
        case "take", "decline":
            guard let offer = form["offer"].flatMap({ ID<Appointment>($0) }) else { throw HTTPError(.badRequest) }
            return try await answer(offer, of: patient, takes: act == "take", key, staff)
        case "leave":
            return try await ended(LeaveWaitingList(waiting: waiting, patient: patient, key: key), staff)
        default:
            guard let answer = WaitingAnswer(rawValue: act) else { throw HTTPError(.badRequest) }
            return try await ended(AnswerWaiting(waiting: waiting, patient: patient, answer: answer, key: key), staff)
        }
    }

    /// What the patient said on the phone of the time that is kept for them.
    private func answer(_ offer: ID<Appointment>, of patient: ID<Patient>, takes: Bool, _ key: UUID, _ staff: Staff) async throws -> Response {
        let refusal: OfferRefusal
        if takes {
            switch try await parts.bus.request(TakeOffer(offer: offer, patient: patient, key: key), as: staff.person.token) {
            case .done(let booked): return .seeOther("/patients/\(patient)/visits/\(booked.appointment)?done=booked")
            case .refused(let why): refusal = why
            }
        } else {
            switch try await parts.bus.request(DeclineOffer(offer: offer, patient: patient, key: key), as: staff.person.token) {
            case .done: return .seeOther("/waiting?done=1")
            case .refused(let why): refusal = why
            }
        }
        guard refusal != .notFound else { throw HTTPError(.notFound) }
        var view = try await view(staff)
        view.refusal = refusal
        return waitingListPage(view, in: staff.frame(at: .day)).response(.conflict)
    }

    private func ended<C: Command>(_ command: C, _ staff: Staff) async throws -> Response where C.Refusal == WaitingRefusal {
        switch try await parts.bus.request(command, as: staff.person.token) {
        // A colleague was faster.
        case .done, .refused(.over): return .seeOther("/waiting?done=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        }
    }
}
