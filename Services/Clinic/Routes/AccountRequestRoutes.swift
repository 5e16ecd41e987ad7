import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Requests for accounts that no chart had all of: whose they are is for people to say.
struct AccountRequestRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/account-requests",
            parts.staff(where: \.mayInvite) { request, _, staff in
                let done = request.uri.queryParameters["done"].flatMap { AccountRequestsView.Done(rawValue: String($0)) }
                let found = try await parts.bus.ask(ReadAccountRequests(), as: staff.person.token)
                return accountRequestsPage(AccountRequestsView(found: found, done: done, now: staff.now), in: staff.frame(at: .patients)).response()
            })
        routes.get(
            "/account-requests/:id",
            parts.staff(where: \.mayInvite) { request, context, staff in
                var view = try await view(context, staff)
                view.isActive = request.uri.queryParameters["active"] != nil
                return accountRequestPage(view, in: staff.frame(at: .patients)).response()
            })
        routes.post("/account-requests/:id/link", parts.staff(where: \.mayInvite, link))
        routes.post("/account-requests/:id/close", parts.staff(where: \.mayInvite, close))
    }

    private func view(_ context: GatewayContext, _ staff: Staff) async throws -> AccountRequestView {
        let id = try context.id("id", of: AccountRequest.self)
        let found = try await parts.bus.ask(ReadAccountRequests(only: id), as: staff.person.token)
        guard let line = found.requests.first else { throw HTTPError(.notFound) }
        // Who was born on the day, and who has such a name: each for whoever mistyped the other.
        let details = line.details
        async let born = parts.bus.ask(FindPatients(text: details.birthDate, limit: 8), as: staff.person.token).patients
        let named = try await parts.bus.ask(FindPatients(text: "\(details.given) \(details.family)", limit: 8), as: staff.person.token).patients
        var seen: Set<ID<Patient>> = []
        let candidates = (named + (try await born)).filter { !$0.deceased && seen.insert($0.id).inserted }
        return AccountRequestView(line: line, candidates: candidates, now: staff.now)
    }

    @Sendable private func link(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let id = try context.id("id", of: AccountRequest.self)
        guard let patient = context.web.form["patient"].flatMap({ ID<Patient>($0) }) else { throw HTTPError(.badRequest) }
        let known = try await staff.readPatient(patient)
        guard let birthDate = known.birthDate, birthDate.utf8.count == 10 else { return .seeOther("/patients/\(patient)/invite") }
        let command = LinkAccountRequest(request: id, patient: patient, birthDate: birthDate, key: try parts.submission(context))
        return switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: .seeOther("/account-requests?done=invited")
        case .refused(.alreadyActive): .seeOther("/account-requests/\(id)?active=1")
        case .refused(.notFound): .seeOther("/account-requests?done=gone")
        }
    }

    @Sendable private func close(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let id = try context.id("id", of: AccountRequest.self)
        guard let reason = context.web.form["reason"].flatMap(ClosingReason.init) else {
            var view = try await view(context, staff)
            view.isReasonMissing = true
            return accountRequestPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
        let command = CloseAccountRequest(request: id, reason: reason.rawValue, key: try parts.submission(context))
        return switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: .seeOther("/account-requests?done=closed")
        case .refused(.notFound): .seeOther("/account-requests?done=gone")
        case .refused(.unknownReason): throw HTTPError(.badRequest)
        }
    }
}
