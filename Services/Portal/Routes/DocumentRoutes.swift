import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// The patient's documents: looked for, opened, and sent to the clinic.
struct DocumentRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/documents",
            parts.visitor { request, _, visitor in
                let wasSent = request.uri.queryParameters["sent"] != nil
                return try await list(DocumentSearch(), visitor, wasSent: wasSent).response()
            })
        routes.post(
            "/documents/find",
            parts.visitor { _, context, visitor in try await list(DocumentSearch(typed: context.web.form), visitor).response() })
        routes.get(
            "/documents/new",
            parts.visitor { _, _, visitor in
                let frame = visitor.frame(at: .record, try await Available(visitor.readPatient).value)
                return sendDocumentPage(SendDocumentView(form: DocumentForm()), in: frame).response()
            })
        routes.post("/documents", parts.visitor(send))
        routes.file(
            "/documents/:id/file",
            parts.visitor { request, context, visitor in
                try await parts.download(try context.id("id", of: Resource.self), of: visitor.patient, for: request)
            })
    }

    private func list(_ search: DocumentSearch, _ visitor: Visitor, wasSent: Bool = false) async throws -> HTML {
        let documents = try await parts.bus.own(search.query(of: visitor.patient), visitor.token)
        let view = DocumentsView(documents: documents, search: search, wasSent: wasSent, names: parts.facts.names())
        return documentsPage(view, in: visitor.frame(at: .record, documents.patient, asOf: documents.asOf))
    }

    @Sendable private func send(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let key = try parts.submission(context)
        let form = DocumentForm(typed: context.web.form)
        func refused(_ problem: DocumentProblem, _ status: HTTPResponse.Status = .unprocessableContent) async throws -> Response {
            let frame = visitor.frame(at: .record, try await Available(visitor.readPatient).value)
            return sendDocumentPage(SendDocumentView(form: form, problem: problem), in: frame).response(status)
        }
        switch try await parts.upload(context.web.file, as: ID(key), to: visitor.patient, of: request) {
        case .failure(.notSent): return try await refused(.upload(.notSent), .serviceUnavailable)
        case .failure(let problem): return try await refused(.upload(problem))
        case .success(let file):
            let command = form.command(for: visitor.patient, file, called: context.web.file?.name, visitor.frame.t, key: key)
            switch try await parts.file(command, of: request) {
            case .done: return .seeOther("/documents?sent=1")
            case .refused(let refusal): return try await refused(.filing(refusal))
            }
        }
    }
}
