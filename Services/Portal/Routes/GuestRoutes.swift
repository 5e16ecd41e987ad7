import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Somebody who was asked into a visit by video: their link, and the visit. They have no account; of the patient they see nothing else.
struct GuestRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/guest/:link", parts.open(look))
        routes.get("/guest", parts.open(show))
        routes.post("/guest", parts.open(accept))
        routes.post("/guest/leave", parts.open(leave))
        routes.post("/guest/ticket", parts.open { request, context in
            guard let session = session(request) else { throw HTTPError(.notFound) }
            return try await parts.guestTicket(for: session, context)
        })
    }

    private func session(_ request: Incoming) -> Data? { HostCookie.guest.read(request).flatMap(BrowserSecret.digest) }

    /// Looking uses nothing: programs that show what a link leads to do so too.
    @Sendable private func look(request: Incoming, context: GatewayContext) async throws -> Response {
        let frame = parts.gateway.bareFrame(request, context)
        guard let link = context.parameters.get("link"), let digest = BrowserSecret.digest(link) else { return refused(.notFound, frame) }
        switch try await parts.bus.request(ReadInvitation(digest: digest)) {
        case .refused(let refusal): return refused(refusal, frame)
        case .done(let invitation):
            let view = GuestInvitationView(
                invitation: invitation, link: link, clinician: parts.facts.names([]).clinician(invitation.practitioner, frame.t), now: Date())
            return invitationPage(view, in: frame).response()
        }
    }

    @Sendable private func accept(request: Incoming, context: GatewayContext) async throws -> Response {
        let frame = parts.gateway.bareFrame(request, context)
        guard let digest = context.web.form["link"].flatMap(BrowserSecret.digest) else { return refused(.notFound, frame) }
        let secret = context.web.form["secret"].flatMap { BrowserSecret($0) }
        switch try await parts.bus.request(ReadInvitation(digest: digest)) {
        case .refused(.used):
            // By this very form, pressed twice: the browser heeds the last answer, and is let in by that too.
            guard let secret, case .done = try await parts.bus.request(ReadGuestCall(session: secret.digest)) else { return refused(.used, frame) }
            return letIn(secret)
        case .refused(let refusal): return refused(refusal, frame)
        case .done(let invitation):
            guard let session = secret else { throw HTTPError(.badRequest) }
            let command = AcceptInvitation(
                patient: invitation.patient, appointment: invitation.appointment, digest: digest, session: session.digest,
                key: try parts.submission(context))
            if case .refused(let refusal) = try await parts.bus.request(command) { return refused(refusal, frame) }
            return letIn(session)
        }
    }

    private func letIn(_ session: BrowserSecret) -> Response { .seeOther("/guest", cookies: [HostCookie.guest.storing(session.text)]) }

    @Sendable private func show(request: Incoming, context: GatewayContext) async throws -> Response {
        let frame = parts.gateway.bareFrame(request, context)
        guard let session = session(request) else { return refused(.notFound, frame) }
        switch try await parts.bus.request(ReadGuestCall(session: session)) {
        case .refused(let refusal): return refused(refusal, frame)
        case .done(let call) where call.state == .removed || call.call.isOver: return refused(.over, frame)
        case .done(let call):
            let clinician = parts.facts.names([]).clinician(call.practitioner, frame.t)
            // Asking for the page brings nobody back: its window does.
            if call.state == .left, request.uri.queryParameters["back"] == nil {
                return guestLeftPage(call, clinician: clinician, in: frame).response()
            }
            return guestPage(call, clinician: clinician, in: frame).response().withCamera()
        }
    }

    @Sendable private func leave(request: Incoming, context: GatewayContext) async throws -> Response {
        let frame = parts.gateway.bareFrame(request, context)
        guard let session = session(request) else { return refused(.notFound, frame) }
        switch try await parts.bus.request(ReadGuestCall(session: session)) {
        case .refused(let refusal): return refused(refusal, frame)
        case .done(let call):
            let command = LeaveAsGuest(pass: call.pass, key: try parts.submission(context))
            if case .refused(let refusal) = try await parts.bus.request(command) { return refused(refusal, frame) }
            return .seeOther("/guest")
        }
    }

    private func refused(_ refusal: GuestRefusal, _ frame: Frame) -> Response {
        guestRefusedPage(refusal, in: frame).response(refusal == .notFound ? .notFound : .gone)
    }
}
