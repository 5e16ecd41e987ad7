import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Documents shared with colleagues who do not treat the patient, and what was shared with oneself.
struct DocumentShareRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.post("/patients/:id/documents/:document/share", parts.chart(share))
        routes.post("/patients/:id/documents/:document/unshare", parts.chart(unshare))
        routes.get("/shared", parts.staff(where: \.readsCharts, showShared))
        // No page of the chart: where a share is over there is nothing, and no glass to break.
        routes.file("/shared/:id/:document", parts.staff(where: \.readsCharts, open))
    }

    @Sendable private func share(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (form, key) = (context.web.form, try parts.submission(context))
        let with = form.trimmed("with").split(separator: "/", maxSplits: 1).map(String.init)
        let command = ShareDocument(
            patient: try context.id("id", of: Patient.self), document: try context.id("document", of: Resource.self), share: ID(key),
            practitioner: with.first == "Practitioner" ? with.last.flatMap { ID($0) } : nil,
            location: with.first == "Location" ? with.last.flatMap { ID($0) } : nil,
            // What is no day is over already.
            until: Day(form.trimmed("until")).flatMap { staff.now.zone.start(of: $0, later: 1) } ?? .distantPast, key: key)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(command.patient)/documents/\(command.document)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await staff.readDocument(context)
            (view.notShared, view.typed) = (refusal, form)
            return documentPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
    }

    @Sendable private func unshare(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (patient, document) = (try context.id("id", of: Patient.self), try context.id("document", of: Resource.self))
        guard let share = ID<DocumentShare>(context.web.form.trimmed("share")) else { throw HTTPError(.badRequest) }
        let command = WithdrawDocumentShare(patient: patient, share: share, key: try parts.submission(context))
        // One that is over already is what was wanted.
        _ = try await parts.bus.request(command, as: staff.person.token)
        return .seeOther("/patients/\(patient)/documents/\(document)")
    }

    @Sendable private func showShared(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let shared = try await parts.bus.ask(ReadSharedDocuments(), as: staff.person.token)
        let view = SharedDocumentsView(documents: shared.documents, names: parts.facts.names(), now: staff.now)
        return sharedDocumentsPage(view, in: staff.frame(at: .shared)).response()
    }

    @Sendable private func open(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        try await parts.download(try context.id("document", of: Resource.self), of: try context.id("id", of: Patient.self), for: request)
    }
}
