import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Insurances on file: what the card says, beside the card.
struct CoverageRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/patients/:id/coverage",
            parts.staff(where: \.isBilling) { request, context, staff in
                var view = try await view(context, staff)
                view.isDone = request.uri.queryParameters["done"] != nil
                return patientCoveragePage(view, in: staff.frame(at: .billing)).response()
            })
        routes.post("/patients/:id/coverage", parts.staff(where: \.isBilling, decide))
        routes.file(
            "/patients/:id/coverage/:document/file",
            parts.staff(where: \.isBilling) { request, context, _ in
                try await parts.download(
                    try context.id("document", of: Resource.self), of: try context.id("id", of: Patient.self), for: request)
            })
    }

    private func view(_ context: GatewayContext, _ staff: Staff) async throws -> PatientCoverageView {
        let id = try context.id("id", of: Patient.self)
        async let patient = staff.readPatient(id)
        let coverages = try await parts.bus.ask(ReadCoverages(patient: id), as: staff.person.token)
        return PatientCoverageView(patient: try await patient, coverages: coverages, now: staff.now)
    }

    @Sendable private func decide(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        let form = context.web.form
        guard let coverage = form["coverage"].flatMap({ ID<Coverage>($0) }),
            let decision = form["decision"].flatMap({ CoverageDecision(rawValue: $0) })
        else { throw HTTPError(.badRequest) }
        let reason = decision == .refused ? form["reason-\(coverage)"].flatMap { CoverageReason(rawValue: $0) } : nil
        let command = DecideCoverage(
            patient: view.patient.id, coverage: coverage, decision: decision, reason: reason, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("\(view.path)?done=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            view.wrong = (coverage, refusal)
            return patientCoveragePage(view, in: staff.frame(at: .billing)).response(.unprocessableContent)
        }
    }
}
