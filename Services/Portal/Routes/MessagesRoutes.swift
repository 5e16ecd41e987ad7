import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What patients and the clinic write to each other.
struct MessagesRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/messages", parts.visitor { _, _, visitor in try await list(visitor, search: "") })
        // What is looked for is about somebody's health: it stands in no address.
        routes.post(
            "/messages/search",
            parts.visitor { _, context, visitor in try await list(visitor, search: String(context.web.form.trimmed("q").prefix(100))) })
        routes.get(
            "/messages/new",
            parts.visitor { request, _, visitor in
                let bill = request.uri.queryParameters["bill"].flatMap { ID<Invoice>(String($0)) }
                return try await new(visitor) { $0.typed = NewMessage(about: bill) }.response()
            })
        routes.post("/messages", parts.visitor(ask))
        routes.post("/messages/to-many", parts.visitor(choose))
        routes.post("/messages/pieces", parts.visitor { try await parts.pieceWithMessage($0, $1, of: $2.patient) })
        routes.get("/messages/:thread", parts.visitor(show))
        routes.post("/messages/:thread", parts.visitor(write))
        routes.post("/messages/:thread/retract", parts.visitor(retract))
        routes.file("/live", parts.visitor(watch))
    }

    private func list(_ visitor: Visitor, search: String) async throws -> Response {
        async let owner = Available(visitor.readPatient)
        let threads = try await parts.bus.ask(
            ReadThreads(patient: visitor.patient, search: search.isEmpty ? nil : search), as: visitor.token)
        let view = MessagesView(threads: threads, search: search, names: parts.facts.names(), now: visitor.now)
        return messagesPage(view, in: visitor.frame(at: .messages, try await owner.value)).response()
    }

    private func new(_ visitor: Visitor, _ change: (inout NewMessageView) -> Void) async throws -> HTML {
        async let owner = Available(visitor.readPatient)
        let recipients = try await parts.bus.ask(ReadRecipients(patient: visitor.patient), as: visitor.token)
        var view = NewMessageView(recipients: recipients, names: parts.facts.names(), now: visitor.now)
        change(&view)
        return newMessagePage(view, in: visitor.frame(at: .messages, try await owner.value))
    }

    @Sendable private func ask(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let form = context.web.form
        let typed = NewMessage(form)
        let submission = try parts.submission(context)
        let attachment: MessageAttachment?
        switch try await parts.fileWithMessage(request, context, in: ID(submission), of: visitor.patient) {
        case .success(let filed): attachment = filed
        case .failure(let problem): return try await new(visitor) { ($0.typed, $0.problem) = (typed, problem) }.response(problem.status)
        }
        guard let purpose = typed.purpose else {
            return try await new(visitor) { ($0.typed, $0.attached, $0.isIncomplete) = (typed, attachment, true) }.response(.unprocessableContent)
        }
        let shown = Dictionary(
            form.trimmed("shown").split(separator: " ").compactMap { text -> (String, Int)? in
                let parts = text.split(separator: "=").map(String.init)
                return parts.count == 2 ? Int(parts[1]).map { (parts[0], $0) } : nil
            }, uniquingKeysWith: { first, _ in first })
        // Who is chosen for a question about health counts for no other.
        let recipients = typed.practitioner == nil ? nil : try await parts.bus.ask(ReadRecipients(patient: visitor.patient), as: visitor.token)
        let wanted = recipients?.isClinical(purpose) == true ? typed.practitioner : nil
        guard let promised = shown[wanted?.description ?? purpose.rawValue] else { throw HTTPError(.badRequest) }
        let command = AskQuestion(
            patient: visitor.patient, thread: ID(submission), purpose: purpose, practitioner: wanted, subject: typed.subject, text: typed.text,
            promised: Date(milliseconds: promised), knowsUrgent: typed.knowsUrgent,
            invoice: purpose == .bill ? typed.bill : nil, attachment: attachment, key: submission)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done(let taken): return .seeOther("/messages/\(taken.thread)?sent=1")
        case .refused(let refusal):
            return try await new(visitor) { ($0.typed, $0.refusal, $0.attached) = (typed, refusal, attachment) }.response(refusal.status)
        }
    }

    /// What an open page listens to: a thread, or all of them.
    @Sendable private func watch(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let thread = request.uri.queryParameters["thread"].flatMap { ID<MessageThread>(String($0)) }
        let topic = thread.map { LiveFeed.Topic.thread($0) } ?? .patient(visitor.patient)
        return try await parts.live(topic, of: visitor.person, request) {
            try await parts.bus.ask(ReadPosition(patient: visitor.patient, thread: thread), as: visitor.token).position
        }
    }

    private func thread(
        _ context: GatewayContext, _ visitor: Visitor, _ change: (inout ThreadPageView) -> Void
    ) async throws -> HTML {
        let id = try context.id("thread", of: MessageThread.self)
        async let owner = Available(visitor.readPatient)
        guard let thread = try await parts.shownThread(id, of: visitor.patient, as: visitor.token) else { throw HTTPError(.notFound) }
        var view = ThreadPageView(thread: thread, names: parts.facts.names(), now: visitor.now)
        change(&view)
        return threadPage(view, in: visitor.frame(at: .messages, try await owner.value))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        try await thread(context, visitor) { $0.isSent = request.uri.queryParameters["sent"] != nil }.response()
    }

    @Sendable private func write(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let form = context.web.form
        let id = try context.id("thread", of: MessageThread.self)
        let text = form.trimmed("text")
        let attachment: MessageAttachment?
        switch try await parts.fileWithMessage(request, context, in: id, of: visitor.patient) {
        case .success(let filed): attachment = filed
        case .failure(let problem):
            return try await thread(context, visitor) { ($0.typed, $0.problem) = (text, problem) }.response(problem.status)
        }
        let command = WriteMessage(
            patient: visitor.patient, thread: id, text: text, promised: form.number("shown").map { Date(milliseconds: $0) },
            knowsUrgent: form["urgent"] == "known", attachment: attachment, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/messages/\(id)?sent=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            let page = try await thread(context, visitor) { ($0.typed, $0.refusal, $0.attached) = (text, refusal, attachment) }
            return page.response(refusal.status)
        }
    }

    @Sendable private func choose(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let wanted = context.web.form["wanted"] == "yes"
        _ = try await parts.bus.ask(ChooseOutreach(patient: visitor.patient, wanted: wanted, key: try parts.submission(context)), as: visitor.token)
        return .seeOther("/messages#to-many")
    }

    @Sendable private func retract(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let id = try context.id("thread", of: MessageThread.self)
        guard let message = ID<ThreadMessage>(context.web.form.trimmed("message")) else { throw HTTPError(.notFound) }
        let command = RetractMessage(patient: visitor.patient, thread: id, message: message, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/messages/\(id)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal): return try await thread(context, visitor) { $0.refusal = refusal }.response(.conflict)
        }
    }
}

extension MessageRefusal {
    /// What was typed cannot be sent as it is, or not any more.
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .empty, .tooLong, .urgent: .unprocessableContent
        case .notFound, .promised, .closed, .changedMeanwhile, .alreadyRead, .tooMany: .conflict
        }
    }
}
