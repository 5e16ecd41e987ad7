internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension SecondFactors {
    /// The secret a session is offered. Reading it changes nothing.
    func readEnrolment(_ query: ReadEnrolment, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadEnrolment> {
        let session = try await OpenSession.find(query.handle, at: query.audience, by: actor.issuer, in: tx)
        guard let session, !session.hasFactor else { return .done(EnrolmentReply()) }
        let clinic = try await tx.first("SELECT name FROM clinic", as: String.self) ?? "Chartline"
        let secret = offered(to: query.handle).base32
        return .done(EnrolmentReply(offer: EnrolmentOffer(secret: secret, address: Self.address(secret, of: session.username, at: clinic))))
    }

    /// `otpauth://totp/Clinic:name?secret=…&issuer=Clinic`, as authenticator apps read it.
    private static func address(_ secret: String, of username: String, at clinic: String) -> String {
        func escaped(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
        return "otpauth://totp/\(escaped(clinic)):\(escaped(username))?secret=\(secret)&issuer=\(escaped(clinic))"
    }
}
