import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Who is away and which places are closed, and the visits that have to be looked after because of it.
struct AbsenceRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/absences", parts.staff(where: \.isAtDesk, list))
        routes.get("/absences/new", parts.staff(where: \.isAtDesk, write))
        routes.post("/absences", parts.staff(where: \.isAtDesk, keep))
        routes.get("/absences/:absence", parts.staff(where: \.isAtDesk, show))
        routes.post("/absences/:absence/end", parts.staff(where: \.isAtDesk, end))
        routes.post("/absences/:absence/offer", parts.staff(where: \.isAtDesk, offer))
    }

    @Sendable private func list(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let found = try await parts.bus.ask(ReadAbsences(), as: staff.person.token)
        let view = AbsencesView(found: found, names: parts.facts.names([]), isEnded: request.uri.queryParameters["ended"] != nil)
        return absencesPage(view, in: staff.frame(at: .day)).response()
    }

    @Sendable private func write(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let kind = request.uri.queryParameters["kind"].flatMap { AbsenceForm.Kind(rawValue: String($0)) } ?? .leave
        let view = NewAbsenceView(form: AbsenceForm(kind, today: staff.now.day), directory: directory)
        return newAbsencePage(view, in: staff.frame(at: .day)).response()
    }

    @Sendable private func keep(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = NewAbsenceView(form: AbsenceForm(context.web.form), directory: directory)
        view.problems = view.form.problems
        func refused(_ status: HTTPResponse.Status) -> Response { newAbsencePage(view, in: staff.frame(at: .day)).response(status) }
        guard view.problems.isEmpty else { return refused(.unprocessableContent) }
        guard let absence = view.form.absence(zone: staff.now.zone.name) else { throw HTTPError(.badRequest) }
        let command = KeepAbsence(id: try parts.submission(context), what: absence, note: view.form.note)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/absences/\(command.id.text)?new=1")
        case .refused(.invalid(let problems)):
            view.problems = problems
            return refused(.unprocessableContent)
        case .refused(.unknownZone): throw HTTPError(.badRequest)
        case .refused(.known):
            view.isKnown = true
            return refused(.conflict)
        }
    }

    private var directory: Directory { parts.facts.directory ?? Directory(practitioners: [], locations: []) }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let id = try context.id("absence", of: Absence.self).uuid
        guard case .done(let found) = try await parts.bus.request(ReadAffected(id: id), as: staff.person.token) else { throw HTTPError(.notFound) }
        let view = AffectedView(
            found: found, patients: await staff.summaries(of: found.appointments.map(\.patient)),
            names: parts.facts.names(found.services), isNew: request.uri.queryParameters["new"] != nil,
            isSought: request.uri.queryParameters["sought"] != nil, now: staff.now)
        return affectedPage(view, in: staff.frame(at: .day)).response()
    }

    @Sendable private func offer(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let id = try context.id("absence", of: Absence.self).uuid
        let command = OfferOtherTimes(absence: id, key: try parts.submission(context))
        guard case .done = try await parts.bus.request(command, as: staff.person.token) else { throw HTTPError(.notFound) }
        return .seeOther("/absences/\(id.text)?sought=1")
    }

    @Sendable private func end(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let id = try context.id("absence", of: Absence.self).uuid
        let command = EndAbsence(id: id, key: try parts.submission(context))
        guard case .done = try await parts.bus.request(command, as: staff.person.token) else { throw HTTPError(.notFound) }
        return .seeOther("/absences?ended=1")
    }
}
