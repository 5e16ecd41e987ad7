import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What patients ask, and the clinic's answers.
struct InboxRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/messages", parts.staff(where: \.answersMessages, list))
        routes.get("/patients/:id/messages/:thread", parts.chart(show))
        routes.post("/patients/:id/messages/pieces", parts.chart(piece))
        routes.post("/patients/:id/messages/:thread", parts.chart(answer))
        routes.post("/patients/:id/messages/:thread/retract", parts.chart(retract))
        routes.post("/patients/:id/messages/:thread/step", parts.chart(step))
        AmongStaffRoutes(parts: parts).add(to: &routes)
        OutreachRoutes(parts: parts).add(to: &routes)
        routes.file("/live", parts.staff(where: \.answersMessages, watch))
    }

    /// What an open page listens to: a patient's thread, or everything that waits.
    @Sendable private func watch(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let asked = request.uri.queryParameters
        let token = staff.person.token
        guard let thread = asked["thread"].flatMap({ ID<MessageThread>(String($0)) }) else {
            return try await parts.live(.inbox, of: staff.person, request) { try await parts.bus.ask(ReadInboxPosition(), as: token).position }
        }
        guard let patient = asked["patient"].flatMap({ ID<Patient>(String($0)) }) else { throw HTTPError(.badRequest) }
        return try await parts.live(.thread(thread), of: staff.person, request) {
            try await parts.bus.ask(ReadPosition(patient: patient, thread: thread), as: token).position
        }
    }

    @Sendable private func list(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let asked = request.uri.queryParameters
        let (mine, all, page) = (asked["mine"] != nil, asked["all"] != nil, min(max(request.number("page") ?? 0, 0), 10_000))
        let inbox = try await parts.bus.ask(ReadInbox(mine: mine, all: all, page: page), as: staff.person.token)
        let view = InboxView(
            inbox: inbox, patients: await staff.patients(of: inbox), names: parts.facts.names(), mine: mine, all: all,
            page: inbox.page ?? page, writesToMany: staff.writesToMany, isDone: asked["done"] != nil, now: staff.now)
        return inboxPage(view, in: staff.frame(at: .messages)).response()
    }

    private func view(_ context: GatewayContext, _ staff: Staff) async throws -> ThreadPageView {
        let patient = try context.id("id", of: Patient.self)
        let id = try context.id("thread", of: MessageThread.self)
        async let owner = staff.readPatient(patient)
        guard let thread = try await parts.shownThread(id, of: patient, as: staff.person.token) else { throw HTTPError(.notFound) }
        return ThreadPageView(
            patient: try await owner, thread: thread, names: parts.facts.names(), opensFiles: staff.readsCharts, seesBills: staff.seesBills,
            now: staff.now)
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        view.isDone = request.uri.queryParameters["done"] != nil
        return threadPage(view, in: staff.frame(at: .messages)).response()
    }

    /// Back to the thread, or to the same page with what is wrong.
    private func shown<C: Command>(
        _ answer: Answer<C>, _ context: GatewayContext, _ staff: Staff, typed: String = "", attached: MessageAttachment? = nil
    ) async throws -> Response where C.Reply == MessageTaken, C.Refusal == MessageRefusal {
        switch answer {
        case .done(let taken):
            return .seeOther("/patients/\(try context.id("id", of: Patient.self))/messages/\(taken.thread)?done=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(context, staff)
            (view.refusal, view.typed, view.attached) = (refusal, typed, attached)
            let isUnfit = refusal == .empty || refusal == .tooLong
            return threadPage(view, in: staff.frame(at: .messages)).response(isUnfit ? .unprocessableContent : .conflict)
        }
    }

    @Sendable private func piece(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        try await parts.pieceWithMessage(request, context, of: try context.id("id", of: Patient.self))
    }

    @Sendable private func answer(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let text = context.web.form.trimmed("text")
        let (patient, thread) = (try context.id("id", of: Patient.self), try context.id("thread", of: MessageThread.self))
        let attachment: MessageAttachment?
        switch try await parts.fileWithMessage(request, context, in: thread, of: patient) {
        case .success(let filed): attachment = filed
        case .failure(let problem):
            var view = try await view(context, staff)
            (view.problem, view.typed) = (problem, text)
            return threadPage(view, in: staff.frame(at: .messages)).response(problem.status)
        }
        let command = WriteMessage(
            patient: patient, thread: thread, text: text, version: context.web.form.number("version"), attachment: attachment,
            key: try parts.submission(context))
        return try await shown(try await parts.bus.request(command, as: staff.person.token), context, staff, typed: text, attached: attachment)
    }

    @Sendable private func retract(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let command = RetractMessage(
            patient: try context.id("id", of: Patient.self), thread: try context.id("thread", of: MessageThread.self),
            message: ID<ThreadMessage>(context.web.form.trimmed("message")) ?? .init(), key: try parts.submission(context))
        return try await shown(try await parts.bus.request(command, as: staff.person.token), context, staff)
    }

    @Sendable private func step(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let command = MoveThread(
            patient: try context.id("id", of: Patient.self), thread: try context.id("thread", of: MessageThread.self),
            version: context.web.form.number("version") ?? 0, step: ThreadStep(context.web.form), key: try parts.submission(context))
        let answer = try await parts.bus.request(command, as: staff.person.token)
        // Whoever has it now, mostly it is not the one who gave it away.
        if case (.done, .handOver) = (answer, command.step) { return .seeOther("/messages?done=1") }
        return try await shown(answer, context, staff)
    }
}

extension ThreadStep {
    /// What is not in the form is nobody's and no pool's, which the owner of threads refuses.
    fileprivate init(_ form: FormData) {
        self =
            switch form["step"] {
            case "take": .take
            case "give": .give(practitioner: ID(String(form.trimmed("practitioner").dropFirst("Practitioner/".count))) ?? .init())
            case "close": .close
            case "reopen": .reopen
            default: .handOver(pool: form.trimmed("pool"))
            }
    }
}

extension Staff {
    /// Whom patients write to.
    var answersMessages: Bool { readsCharts || isAtDesk || isBillingOffice }

    /// Who wrote; whose name may not be read now, or does not come, is missing.
    func patients(of inbox: Inbox) async -> [ID<Patient>: PatientSummary] {
        await summaries(of: Set(inbox.threads.map(\.patient)).sorted().prefix(50))
    }
}
