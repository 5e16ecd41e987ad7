internal import Contracts
internal import Foundation

/// A message ready to be handed over.
struct Parcel: Sendable {
    var messageID: String?
    /// The mark of the number it goes to.
    var number: [UInt8]?
    var deliver: @Sendable () async -> Delivery
}

/// The way out of one channel.
protocol Route: Sendable {
    /// False when this installation does not use the channel.
    var isOn: Bool { get }
    /// As many as can be under way at once, so that none outlives its lease in a queue.
    var atOnce: Int { get }
    func find(_ intent: ID<Contracts.Intent>) async -> Texter.Lookup
    /// - Throws: when the address or a name cannot stand in a message.
    func pack(_ intent: Intent, to contact: Contact, _ time: VisitTime, _ wording: Wording) throws -> Parcel
}

struct EmailRoute: Route {
    private struct NotAnAddress: Error {}

    let mailer: Mailer?

    var isOn: Bool { mailer != nil }
    var atOnce: Int { Mailer.threads }

    /// SMTP has no way to ask.
    func find(_ intent: ID<Contracts.Intent>) async -> Texter.Lookup { .notOffered }

    func pack(_ intent: Intent, to contact: Contact, _ time: VisitTime, _ wording: Wording) throws -> Parcel {
        guard let mailer, let address = contact.email.flatMap(EmailAddress.init) else { throw NotAnAddress() }
        let name = String(contact.name.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
        let content = wording.email(intent.kind, time, name: name)
        // Dated by when it was planned, so that a second copy is the same message.
        let message = try EmailMessage(
            intent: intent.id, date: intent.plannedAt, from: mailer.from, to: address, language: wording.language, content: content,
            ending: wording.ending, signer: mailer.signer)
        return Parcel(messageID: message.messageID) { await mailer.send(message) }
    }
}

struct TextRoute: Route {
    private struct NotANumber: Error {}

    let texter: Texter?
    let numbers: Numbers

    var isOn: Bool { texter != nil }
    var atOnce: Int { 8 }

    func find(_ intent: ID<Contracts.Intent>) async -> Texter.Lookup { await texter?.find(intent) ?? .noAnswer }

    func pack(_ intent: Intent, to contact: Contact, _ time: VisitTime, _ wording: Wording) throws -> Parcel {
        guard let texter, let number = contact.phone, Texter.isNumber(number) else { throw NotANumber() }
        let body = wording.sms(intent.kind, time, takesReplies: texter.takesReplies)
        return Parcel(messageID: nil, number: numbers.mark(number)) { await texter.send(body, to: number, intent: intent.id) }
    }
}
