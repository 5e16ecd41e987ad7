import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Asking for an account without a code.
struct RegisterRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/register",
            parts.open { request, context in
                let view = RegisterView(isSent: request.uri.queryParameters["sent"] != nil)
                return registerPage(view, in: parts.gateway.bareFrame(request, context)).response()
            })
        routes.post("/register", parts.open(register))
    }

    /// Whoever asks is sent to the same page: what comes of it goes by e-mail.
    @Sendable private func register(request: Incoming, context: GatewayContext) async throws -> Response {
        let form = context.web.form
        func typed(_ name: String, _ limit: Int) -> String { String(form.trimmed(name).prefix(limit)) }
        var view = RegisterView(
            given: typed("given", 100), family: typed("family", 100), birthDate: typed("birth-date", 40), email: typed("email", 254),
            phone: typed("phone", 40))
        let birthDate = Day(typed: view.birthDate)
        if view.given.isEmpty { view.problems.append(.givenMissing) }
        if view.family.isEmpty { view.problems.append(.familyMissing) }
        if birthDate == nil { view.problems.append(.birthDateUnreadable) }
        if view.problems.isEmpty, let birthDate {
            let details = RequestedAccount(
                given: view.given, family: view.family, birthDate: birthDate.iso, email: view.email, phone: view.phone,
                language: context.web.t?.language.tag)
            let submission = try parts.submission(context)
            let command = RequestAccount(request: ID(submission), details: details, source: parts.source(context), key: submission)
            switch try await parts.bus.request(command, as: nil) {
            case .done: return .seeOther("/register?sent=1")
            case .refused(.notAnAddress): view.problems = [.notAnAddress]
            case .refused(.notUsable): view.problems = [.givenMissing]
            case .refused(.throttled(let until)):
                view.problems = [.throttled(minutes: minutes(until: until))]
                return registerPage(view, in: parts.gateway.bareFrame(request, context)).response(throttledUntil: until)
            }
        }
        return registerPage(view, in: parts.gateway.bareFrame(request, context)).response(.unprocessableContent)
    }
}
