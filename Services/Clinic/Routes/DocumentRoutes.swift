import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Documents of a chart: looked for, filed, opened, and what becomes of them.
struct DocumentRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/patients/:id/documents", parts.chart(showList))
        routes.post("/patients/:id/documents/find", parts.chart(find))
        routes.get("/patients/:id/documents/new", parts.chart(showNew))
        routes.post("/patients/:id/documents", parts.chart(fileNew))
        routes.get("/patients/:id/documents/:document", parts.chart(show))
        routes.file("/patients/:id/documents/:document/file", parts.chart(open))
        routes.post("/patients/:id/documents/:document/accept", parts.chart(accept))
        routes.post("/patients/:id/documents/:document/supersede", parts.chart(supersede))
        routes.post("/patients/:id/documents/:document/retract", parts.chart(retract))
    }

    @Sendable private func showList(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        try await list(DocumentSearch(), context, staff).response()
    }

    @Sendable private func find(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        try await list(DocumentSearch(typed: context.web.form), context, staff).response()
    }

    private func list(_ search: DocumentSearch, _ context: GatewayContext, _ staff: Staff) async throws -> HTML {
        let patient = try context.id("id", of: Patient.self)
        async let chart = staff.readChart(patient)
        let documents = try await staff.read(search.query(of: patient))
        let view = DocumentsView(chart: try await chart, documents: documents, search: search, names: parts.facts.names(), now: staff.now)
        return documentsPage(view, in: staff.frame(at: .patients))
    }

    @Sendable private func showNew(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let view = NewDocumentView(chart: try await staff.readChart(try context.id("id", of: Patient.self)), form: DocumentForm(), now: staff.now)
        return newDocumentPage(view, in: staff.frame(at: .patients)).response()
    }

    @Sendable private func fileNew(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (patient, key) = (try context.id("id", of: Patient.self), try parts.submission(context))
        let form = DocumentForm(typed: context.web.form)
        func refused(_ problem: DocumentProblem, _ status: HTTPResponse.Status = .unprocessableContent) async throws -> Response {
            let view = NewDocumentView(chart: try await staff.readChart(patient), form: form, problem: problem, now: staff.now)
            return newDocumentPage(view, in: staff.frame(at: .patients)).response(status)
        }
        switch try await parts.upload(context.web.file, as: ID(key), to: patient, of: request) {
        case .failure(.notSent): return try await refused(.upload(.notSent), .serviceUnavailable)
        case .failure(let problem): return try await refused(.upload(problem))
        case .success(let file):
            let command = form.command(for: patient, file, called: context.web.file?.name, staff.frame.t, key: key)
            switch try await parts.file(command, of: request) {
            case .done: return .seeOther("/patients/\(patient)/documents/\(command.document)")
            case .refused(.notFound): throw HTTPError(.notFound)
            case .refused(let refusal): return try await refused(.filing(refusal))
            }
        }
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        documentPage(try await staff.readDocument(context), in: staff.frame(at: .patients)).response()
    }

    @Sendable private func open(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        try await parts.download(try context.id("document", of: Resource.self), of: try context.id("id", of: Patient.self), for: request)
    }

    @Sendable private func accept(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let command = AcceptDocument(
            patient: try context.id("id", of: Patient.self), document: try context.id("document", of: Resource.self),
            version: try version(context), key: try parts.submission(context))
        return try await changed(try await parts.bus.request(command, as: staff.person.token), context, staff)
    }

    @Sendable private func supersede(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        let command = SupersedeDocument(
            patient: try context.id("id", of: Patient.self), document: try context.id("document", of: Resource.self),
            version: try version(context), by: ID(form.trimmed("by")), reason: form.trimmed("reason"), key: try parts.submission(context))
        return try await changed(try await parts.bus.request(command, as: staff.person.token), context, staff)
    }

    @Sendable private func retract(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let command = RetractDocument(
            patient: try context.id("id", of: Patient.self), document: try context.id("document", of: Resource.self),
            version: try version(context), reason: context.web.form.trimmed("reason-of-retraction"), key: try parts.submission(context))
        return try await changed(try await parts.bus.request(command, as: staff.person.token), context, staff, leadsTo: "")
    }

    private func version(_ context: GatewayContext) throws -> Int {
        guard let version = context.web.form.number("version") else { throw HTTPError(.badRequest) }
        return version
    }

    /// - Parameter path: where it goes on, behind the list's address; nil: the document's own page.
    private func changed<C: Command>(
        _ answer: Answer<C>, _ context: GatewayContext, _ staff: Staff, leadsTo path: String? = nil
    ) async throws -> Response where C.Refusal == DocumentChangeRefusal {
        let (patient, document) = (try context.id("id", of: Patient.self), try context.id("document", of: Resource.self))
        switch answer {
        case .done: return .seeOther("/patients/\(patient)/documents\(path ?? "/\(document)")")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await staff.readDocument(context)
            (view.refusal, view.typed) = (refusal, context.web.form)
            let status: HTTPResponse.Status = if case .invalid = refusal { .unprocessableContent } else { .conflict }
            return documentPage(view, in: staff.frame(at: .patients)).response(status)
        }
    }
}

extension Staff {
    fileprivate func read(_ query: ReadDocuments) async throws -> Documents {
        guard case .done(let documents) = try await parts.bus.request(query, as: person.token) else { throw BusError.notAllowed }
        return documents
    }

    /// A document's own page, by its address.
    func readDocument(_ context: GatewayContext) async throws -> DocumentView {
        let (patient, document) = (try context.id("id", of: Patient.self), try context.id("document", of: Resource.self))
        async let chart = readChart(patient)
        async let one = read(ReadDocuments(patient: patient, document: document))
        // The others are there to say which of them is newer.
        let others = try await read(ReadDocuments(patient: patient)).documents.filter {
            $0.document != document && $0.contentType != nil && $0.status == "current"
        }
        guard let line = try await one.documents.first else { throw HTTPError(.notFound) }
        return DocumentView(
            chart: try await chart, line: line, others: others, shares: try await one.shares ?? [], people: parts.facts.directory,
            names: parts.facts.names(), mayAccept: person.role == .clinician, now: now)
    }
}
