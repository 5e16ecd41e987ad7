import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Who has come today, and who is next.
struct BoardRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/board", parts.staff(show))
        routes.post("/board", parts.staff(mark))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        boardPage(try await view(staff), in: staff.frame(at: .day)).response()
    }

    /// A button says which visit, as it was when the page was made, and which step.
    @Sendable private func mark(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(staff)
        let step = context.web.form["mark"]?.split(separator: "|").map(String.init) ?? []
        guard step.count == 3, let version = Int(step[1]) else { throw HTTPError(.badRequest) }
        let known = view.day.appointments.filter { $0.onBoard == step[0] }
        guard let visit = known.first, known.count == 1 else { throw HTTPError(.notFound) }
        // The page has one form, which the way back in the browser shows again: what is not to happen twice is told by the version.
        guard visit.status != step[2] else { return .seeOther("/board#v\(step[0])") }
        let command = MarkAppointment(
            appointment: visit.appointment, patient: visit.patient, version: version, status: step[2], key: .v7())
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/board#v\(step[0])")
        case .refused(let refusal):
            view.refusal = refusal
            return boardPage(view, in: staff.frame(at: .day)).response(.conflict)
        }
    }

    private func view(_ staff: Staff) async throws -> BoardView {
        let day = try await parts.bus.ask(ReadDay(), as: staff.person.token)
        return BoardView(
            day: day, patients: await staff.summaries(of: day.appointments.map(\.patient)),
            names: parts.facts.names(day.services), role: staff.person.role, now: staff.now)
    }
}
