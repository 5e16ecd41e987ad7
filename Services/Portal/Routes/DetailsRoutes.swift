import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Who the patient is and how they are reached, changed a field at a time.
struct DetailsRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/details",
            parts.visitor { request, _, visitor in
                let details = try await read(visitor)
                let done = request.uri.queryParameters["done"].flatMap { DetailsView.Done(rawValue: String($0)) }
                let view = DetailsView(details: details, done: done, now: visitor.now)
                return detailsPage(view, in: visitor.frame(at: .record, details.patient, asOf: details.asOf)).response()
            })
        routes.get(
            "/details/:field",
            parts.visitor { _, context, visitor in
                let field = try field(context)
                let details = try await read(visitor)
                let before = details.detail(field)
                return page(DetailFormView(field: field, before: before, typed: before), details, visitor).response()
            })
        routes.post("/details/:field", parts.visitor(change))
    }

    private func read(_ visitor: Visitor) async throws(BusError) -> Details {
        try await parts.bus.own(ReadDetails(patient: visitor.patient), visitor.token)
    }

    private func field(_ context: GatewayContext) throws -> DetailField {
        guard let field = context.parameters.get("field").flatMap({ DetailField(rawValue: $0) }) else { throw HTTPError(.notFound) }
        return field
    }

    private func page(_ view: DetailFormView, _ details: Details, _ visitor: Visitor) -> HTML {
        detailFormPage(view, in: visitor.frame(at: .record, details.patient, asOf: details.asOf))
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let (field, form) = (try field(context), context.web.form)
        // A language may be several boxes.
        let typed = Detail(field) { member in
            String((member == "also" ? form.all(member).joined(separator: ",") : form.trimmed(member)).prefix(300))
        }
        guard let typed else { throw HTTPError(.badRequest) }
        let before = Detail(field) { form["before-\($0)"] }
        let submission = try parts.submission(context)
        let command = ChangeDemographics(
            patient: visitor.patient, request: ID(submission), before: before, after: typed.readable, key: submission)
        var view = DetailFormView(field: field, before: before, typed: typed)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done(let changed): return .seeOther("/details?done=\(changed.version == nil ? "asked" : "changed")")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.idInUse): throw HTTPError(.conflict)
        case .refused(.alreadyRequested): return .seeOther("/details?done=waits")
        case .refused(.invalid(let problems)):
            view.problems = problems
            return page(view, try await read(visitor), visitor).response(.unprocessableContent)
        case .refused(.changedMeanwhile(let now)):
            // Sent again it is a change of what is there now.
            (view.before, view.isChangedMeanwhile) = (now, true)
            return page(view, try await read(visitor), visitor).response(.conflict)
        }
    }
}

extension Detail {
    /// A day as people type it is read where it can be.
    fileprivate var readable: Detail {
        if case .birthDate(let day) = self, let read = Day(typed: day) { return .birthDate(day: read.iso) }
        return self
    }
}
