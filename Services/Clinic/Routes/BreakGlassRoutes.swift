import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Opening a chart that is closed, and looking after who did.
struct BreakGlassRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/patients/:id/break-glass",
            parts.staff { _, context, staff in
                let view = BreakGlassView(patient: try await patient(context, staff), today: staff.now.day)
                return breakGlassPage(view, in: staff.frame(at: .patients)).response()
            })
        routes.post("/patients/:id/break-glass", parts.staff(breakGlass))
        routes.get(
            "/broken-glass",
            parts.staff { _, _, staff in brokenGlassesPage(try await brokenGlasses(staff), in: staff.frame(at: .brokenGlass)).response() })
        routes.post("/broken-glass/:id", parts.staff(review))
    }

    /// Who it is, so that nobody opens another's chart by mistake; no more.
    private func patient(_ context: GatewayContext, _ staff: Staff) async throws -> PatientSummary {
        guard staff.mayBreakGlass else { throw HTTPError(.notFound) }
        return try await staff.readPatient(try context.id("id", of: Patient.self))
    }

    @Sendable private func breakGlass(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = BreakGlassView(patient: try await patient(context, staff), today: staff.now.day)
        view.reason = context.web.form["reason"].flatMap(BreakGlassReason.init)
        view.words = String(context.web.form.trimmed("words").prefix(500))
        let submission = try parts.submission(context)
        guard let reason = view.reason else {
            view.problems = [.reason]
            return breakGlassPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
        let command = BreakGlass(id: ID(submission), patient: view.patient.id, reason: reason, words: view.words, key: submission)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(view.patient.id)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.idInUse): throw HTTPError(.conflict)
        case .refused(.reasonMissing):
            view.problems = [.words]
            return breakGlassPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
    }

    private func brokenGlasses(_ staff: Staff) async throws -> BrokenGlassesView {
        let read = try await parts.bus.ask(ReadBrokenGlasses(), as: staff.person.token)
        return BrokenGlassesView(
            read: read, patients: await staff.summaries(of: read.glasses.map(\.patient)), names: parts.facts.names(),
            now: staff.now)
    }

    @Sendable private func review(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let id = try context.id("id", of: BrokenGlass.self)
        guard let finding = context.web.form["finding"].flatMap(BreakGlassFinding.init) else { throw HTTPError(.badRequest) }
        let command = ReviewBrokenGlass(id: id, finding: finding, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        // Somebody was faster: the list says what they found.
        case .done, .refused(.alreadyReviewed): return .seeOther("/broken-glass")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.own): throw HTTPError(.forbidden)
        }
    }
}
