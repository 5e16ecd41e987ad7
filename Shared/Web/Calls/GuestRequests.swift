public import Access
public import Contracts
import Foundation
import Hummingbird
import MessageBus

extension HostCookie {
    /// What a guest's browser has instead of a session. Sent when they come back to the page from elsewhere.
    public static let guest = HostCookie("guest", sameSite: .lax)
}

extension GatewayParts {
    /// Asks a guest in. The secret comes with the form, so that a form that is sent twice makes one link; telemedicine is told its digest.
    /// - Returns: the secret, and what the guest is called; or why not.
    public func inviteGuest(for patient: ID<Patient>, _ appointment: ID<Appointment>, _ context: GatewayContext, as token: ActorToken) async throws
        -> Result<(secret: String, name: String), RefusedGuest>
    {
        let form = context.web.form
        guard let secret = form["secret"], let digest = BrowserSecret.digest(secret), let kind = form["kind"].flatMap(GuestKind.init) else {
            throw HTTPError(.badRequest)
        }
        let command = InviteGuest(
            patient: patient, appointment: appointment, guest: ID(try submission(context)), name: form.trimmed("name"), kind: kind, digest: digest)
        switch try await bus.request(command, as: token) {
        case .done: return .success((secret, command.name))
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal): return .failure(RefusedGuest(refusal: refusal))
        }
    }

    /// What was pressed may be no longer to be had: the page says how it is.
    public func changeGuest<C: Command>(_ command: C, as token: ActorToken) async throws where C.Refusal == GuestRefusal {
        if case .refused(.notFound) = try await bus.request(command, as: token) { throw HTTPError(.notFound) }
    }
}

public struct RefusedGuest: Error {
    public let refusal: GuestRefusal
}
