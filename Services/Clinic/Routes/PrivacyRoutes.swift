import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What the privacy officer works with: the report over every trail, and what patients ask about accesses.
struct PrivacyRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/privacy", parts.staff(report))
        routes.get("/privacy/questions", parts.staff(questions))
        routes.post("/privacy/questions/:id/answer", parts.staff(answer))
    }

    @Sendable private func report(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let query = request.uri.queryParameters
        func text(_ name: String) -> String? { query[Substring(name)].map(String.init) }
        let today = staff.now.day
        let first = text("from").flatMap { Day($0) } ?? Day(daysSince1970: (today.daysSince1970 ?? 0) - 6)
        let last = text("to").flatMap { Day($0) } ?? today
        var view = PrivacyReportView(
            first: first, last: last, sort: text("sort").flatMap { TrailField(rawValue: $0) } ?? .at, descending: text("order") != "up",
            page: text("page").flatMap { Int($0) }.map { min(max($0, 1), 1_000) } ?? 1, about: text("about").flatMap { ID($0) }, now: staff.now)
        guard let from = staff.now.zone.start(of: first), let end = staff.now.zone.start(of: last, later: 1), from < end else {
            view.isWrong = true
            return privacyReportPage(view, in: staff.frame(at: .privacy)).response(.unprocessableContent)
        }
        let found = try await parts.bus.ask(
            ReadTrail(from: from, to: end, sort: [view.sort], descending: view.descending, page: view.page - 1, about: view.about),
            as: staff.person.token)
        (view.entries, view.total) = (found.entries, found.total)
        if let about = view.about {
            view.disclosures = try await parts.bus.ask(ReadDisclosures(patient: about), as: staff.person.token).disclosures
        }
        view.patients = await staff.names(of: found.entries.flatMap(\.patients) + [view.about].compactMap(\.self))
        return privacyReportPage(view, in: staff.frame(at: .privacy)).response()
    }

    @Sendable private func questions(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let view = try await view(staff, wasAnswered: request.uri.queryParameters["answered"] != nil)
        return accessQuestionsPage(view, in: staff.frame(at: .privacy)).response()
    }

    @Sendable private func answer(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let id = try context.id("id", of: Question.self)
        guard let patient = context.web.form["patient"].flatMap({ ID<Patient>($0) }) else {
            // What is wrong with a form is for those to know who may answer.
            _ = try await view(staff)
            throw HTTPError(.badRequest)
        }
        let text = context.web.form["text-\(id)"] ?? ""
        let command = AnswerAccessQuestion(question: id, patient: patient, text: text, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done, .refused(.alreadyAnswered): return .seeOther("/privacy/questions?answered=1")
        case .refused(.notFound), .refused(.tooMany): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(staff)
            view.refused = (id, refusal, text)
            return accessQuestionsPage(view, in: staff.frame(at: .privacy)).response(.unprocessableContent)
        }
    }

    private func view(_ staff: Staff, wasAnswered: Bool = false) async throws -> AccessQuestionsView {
        let found = try await parts.bus.ask(ReadAccessQuestions(), as: staff.person.token)
        return AccessQuestionsView(
            questions: found.questions, open: found.open, patients: await staff.names(of: found.questions.map(\.patient)), wasAnswered: wasAnswered,
            now: staff.now)
    }
}

extension Staff {
    /// What patients are called; whose name may not be read now, or does not come, is missing.
    fileprivate func names(of patients: [ID<Patient>]) async -> [ID<Patient>: String] {
        await summaries(of: Set(patients).sorted().prefix(50)).mapValues { "\($0.family), \($0.given)" }
    }
}
