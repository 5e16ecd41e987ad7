internal import Contracts
internal import Foundation

/// A visit a message tells of, to whom, and where they say whether they come.
struct ToldVisit: Sendable {
    var intent: Intent
    var contact: Contact
    var time: VisitTime
    var place: String?
    var answer: String
}

/// A message ready to be handed over.
struct Parcel: Sendable {
    var messageID: String?
    /// The mark of the number it goes to.
    var number: [UInt8]?
    /// Calls what it is given at the last moment at which nothing can have left, and brings it no further when the answer is no.
    var deliver: @Sendable (_ hand: @escaping HandOver) async -> Delivery
}

/// Commits that a provider is about to have a message. - Parameter until: when it is too late for that; nil for never.
typealias HandOver = @Sendable (_ until: ContinuousClock.Instant?) async -> Bool

/// The way out of one channel.
protocol Route: Sendable {
    /// False when this installation does not use the channel.
    var isOn: Bool { get }
    /// As many as are looked at at once. One that outlives its lease in a queue is not handed over.
    var atOnce: Int { get }
    /// Where the provider cannot be asked what it has: whose message may be in doubt. Nil where it can.
    var doubt: Doubt? { get }
    func find(_ intent: ID<Contracts.Intent>) async -> Texter.Lookup
    /// - Parameters:
    ///   - leader: under whose id it goes.
    ///   - visits: by their times; several where their readers are reached at one address.
    /// - Throws: when the address or a name cannot stand in a message.
    func pack(_ leader: ID<Contracts.Intent>, _ visits: [ToldVisit], _ wording: Wording) throws -> Parcel
}

struct EmailRoute: Route {
    private struct NotAnAddress: Error {}

    let mailer: Mailer?
    let doubt: Doubt? = Doubt()

    init(mailer: Mailer?) { self.mailer = mailer }

    var isOn: Bool { mailer != nil }
    var atOnce: Int { 16 }

    /// SMTP has no way to ask.
    func find(_ intent: ID<Contracts.Intent>) async -> Texter.Lookup { .notOffered }

    func pack(_ leader: ID<Contracts.Intent>, _ visits: [ToldVisit], _ wording: Wording) throws -> Parcel {
        guard let mailer, let first = visits.first, let address = first.contact.email.flatMap(EmailAddress.init) else { throw NotAnAddress() }
        let named = visits.map { visit in
            let name = String(visit.contact.name.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
            return (name: name, visit: visit)
        }
        let content = visits.count == 1 ? wording.email(first.intent.kind, first.time, name: named[0].name) : wording.email(of: named)
        // By when it was due and not by the clock, so that a second copy is the same message; one that was planned late, by when it was planned. Of
        // several the first, since others may be told of sooner than they were due.
        let due = visits.map(\.intent.due.instant).min() ?? first.intent.due.instant
        let message = try EmailMessage(
            intent: leader, date: max(first.intent.plannedAt, due), from: mailer.from, to: address, language: wording.language, content: content,
            ending: wording.ending, signer: mailer.signer)
        return Parcel(messageID: message.messageID) { await mailer.send(message, hand: $0) }
    }
}

struct TextRoute: Route {
    private struct NotANumber: Error {}

    let texter: Texter?
    let numbers: Numbers

    var isOn: Bool { texter != nil }
    var atOnce: Int { 8 }
    var doubt: Doubt? { nil }

    func find(_ intent: ID<Contracts.Intent>) async -> Texter.Lookup { await texter?.find(intent) ?? .noAnswer }

    func pack(_ leader: ID<Contracts.Intent>, _ visits: [ToldVisit], _ wording: Wording) throws -> Parcel {
        guard let texter, let first = visits.first, let number = first.contact.phone, Texter.isNumber(number) else { throw NotANumber() }
        let body =
            visits.count == 1
            ? wording.sms(first.intent.kind, first.time, takesReplies: texter.takesReplies)
            : wording.sms(of: visits, takesReplies: texter.takesReplies)
        return Parcel(messageID: nil, number: numbers.mark(number)) { hand in
            await hand(nil) ? await texter.send(body, to: number, intent: leader) : .notHanded
        }
    }
}
