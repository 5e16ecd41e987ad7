import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Who looked at my chart, and asking about it.
struct OpeningsRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/looked", parts.visitor(show))
        routes.get("/looked/ask", parts.visitor(ask))
        routes.post("/looked/ask", parts.visitor(send))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        async let owner = Available(visitor.readPatient)
        let query = request.uri.queryParameters
        let everything = query["all"] != nil
        let before = query["before"].flatMap { TrailPlace(code: String($0)) }
        let accesses = try await parts.bus.ask(
            ReadAccesses(patient: visitor.patient, before: before, everything: everything), as: visitor.token)
        let left = try await parts.bus.ask(ReadDisclosures(patient: visitor.patient), as: visitor.token)
        let view = OpeningsView(
            accesses: accesses, disclosures: left, everything: everything, isLater: before != nil, wasAsked: query["asked"] != nil, now: visitor.now)
        return openingsPage(view, in: visitor.frame(at: .looked, try await owner.value)).response()
    }

    @Sendable private func ask(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        async let owner = Available(visitor.readPatient)
        let view = try await view(of: request.uri.queryParameters["place"].map(String.init), visitor)
        return askAboutAccessPage(view, in: visitor.frame(at: .looked, try await owner.value)).response()
    }

    @Sendable private func send(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        async let owner = Available(visitor.readPatient)
        var view = try await view(of: context.web.form["place"], visitor)
        view.text = context.web.form["text"] ?? ""
        let submission = try parts.submission(context)
        let command = AskAboutAccess(
            question: ID(submission), patient: visitor.patient, access: view.access.place, text: view.text, key: submission)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/looked?asked=1")
        case .refused(.notFound), .refused(.alreadyAnswered): throw HTTPError(.notFound)
        case .refused(let refusal):
            view.refusal = refusal
            return askAboutAccessPage(view, in: visitor.frame(at: .looked, try await owner.value)).response(.unprocessableContent)
        }
    }

    /// One of the accesses to the patient's own record; any other does not exist.
    private func view(of code: String?, _ visitor: Visitor) async throws -> AskAboutAccessView {
        guard let place = code.flatMap({ TrailPlace(code: $0) }),
            let access = try await parts.bus.ask(
                ReadAccesses(patient: visitor.patient, everything: true, only: place), as: visitor.token
            ).accesses.first
        else { throw HTTPError(.notFound) }
        return AskAboutAccessView(access: access, now: visitor.now)
    }
}

extension TrailPlace {
    /// `records-41`, as in addresses.
    var code: String { "\(service)-\(position)" }

    init?(code: String) {
        let parts = code.split(separator: "-")
        guard parts.count == 2, let position = Int(parts[1]), position > 0 else { return nil }
        self.init(service: String(parts[0]), position: position)
    }
}
