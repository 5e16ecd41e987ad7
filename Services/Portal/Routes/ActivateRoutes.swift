import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Opening an account with the one-time code from the clinic.
struct ActivateRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/activate",
            parts.open { request, context in
                activatePage(ActivateView(), in: parts.gateway.bareFrame(request, context)).response()
            })
        routes.post("/activate", parts.open(activate))
    }

    @Sendable private func activate(request: Incoming, context: GatewayContext) async throws -> Response {
        let form = context.web.form
        var view = ActivateView(
            code: String(form.trimmed("code").prefix(40)), birthDate: String(form.trimmed("birth-date").prefix(40)),
            username: String(form.trimmed("username").prefix(254)))
        let birthDate = Day(typed: view.birthDate)
        if view.code.isEmpty { view.problems.append(.codeMissing) }
        if birthDate == nil { view.problems.append(.birthDateUnreadable) }
        if form["password"] != form["password-again"] { view.problems.append(.passwordsDiffer) }
        if view.problems.isEmpty {
            let command = ActivateAccount(
                code: view.code, birthDate: birthDate?.iso, username: view.username, password: form["password"] ?? "",
                language: context.web.t?.language.tag, source: parts.source(context), key: try parts.submission(context))
            switch try await parts.askToHash(command) {
            case .done: return .seeOther("/sign-in?activated=1")
            case .refused(let refusal):
                view.problems = [.init(refusal)]
                if case .throttled(let until) = refusal {
                    return activatePage(view, in: parts.gateway.bareFrame(request, context)).response(throttledUntil: until)
                }
            }
        }
        return activatePage(view, in: parts.gateway.bareFrame(request, context)).response(.unprocessableContent)
    }
}

extension ActivateView.Problem {
    init(_ refusal: ActivateRefusal) {
        switch refusal {
        case .codeNotGood: self = .codeNotGood
        case .throttled(let until): self = .throttled(minutes: minutes(until: until))
        case .passwordTooShort(let minimum): self = .passwordTooShort(minimum: minimum)
        case .passwordTooCommon: self = .passwordTooCommon
        case .usernameTaken: self = .usernameTaken
        case .usernameNotAnAddress: self = .usernameNotAnAddress
        }
    }
}
