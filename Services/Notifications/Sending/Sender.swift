internal import Contracts
internal import CoreMetrics
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres

/// Carries out what is due on one channel. An intent is claimed under a lease and looked at again with fresh data; that it is handed over is
/// committed before the provider sees anything, so that after a crash it is known what may have been sent and what cannot have been.
struct Sender: Sendable {
    private static let pause = Duration.milliseconds(500)
    /// How long to wait for a service that did not answer, in seconds. Not counted as a try.
    private static let away: TimeInterval = 20

    let channel: Channel
    let route: any Route
    let ledger: IntentLedger
    let bus: any Bus
    let clinics: Clinics
    let catalogue: Catalogue
    let portal: String
    let numbers: Numbers
    let links: VisitLinks
    let logger: Logger
    let now: @Sendable () -> Date

    /// Two rounds at a time: while one is being handed over, the next is looked at.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 1...2 {
                group.addTask {
                    while !Task.isCancelled {
                        if try await round() == 0 { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
                    }
                }
            }
        }
    }

    /// - Returns: how many intents were claimed.
    @discardableResult
    func round() async throws -> Int {
        let claimed = try await ledger.claim(channel, atMost: route.atOnce, now: now())
        await withTaskGroup { group in
            for intents in claimed {
                group.addTask {
                    // A task of its own: what is under way when the process is told to stop is brought to its end.
                    await Task { await carryOut(intents) }.value
                }
            }
        }
        return claimed.reduce(0) { $0 + $1.count }
    }

    /// A message that may go now, and what its readers share with those of another it may be put together with.
    private struct Ready: Sendable {
        struct Letterbox: Hashable {
            let address: String?
            let language: Language
            /// Under which it was handed over before.
            let leader: ID<Contracts.Intent>?
        }

        let intent: Intent
        let contact: Contact
        let line: AppointmentLine

        var box: Letterbox {
            let address = intent.channel == .email ? contact.email?.lowercased() : contact.phone
            let leader = intent.leader ?? (intent.mayBeSent ? intent.id : nil)
            return Letterbox(address: address, language: Language(tag: contact.language), leader: leader)
        }
    }

    /// - Parameter claimed: what may go together; whether it does, the facts as they are now decide.
    private func carryOut(_ claimed: [Intent]) async {
        let ready = await withTaskGroup(of: Ready?.self) { group in
            for intent in claimed { group.addTask { await prepare(intent) } }
            return await group.reduce(into: [Ready]()) { if let one = $1 { $0.append(one) } }
        }
        for together in Dictionary(grouping: ready, by: \.box).values {
            let sorted = together.sorted { ($0.line.start.instant, $0.intent.id.description) < ($1.line.start.instant, $1.intent.id.description) }
            for first in stride(from: 0, to: sorted.count, by: IntentLedger.mostTogether) {
                let told = Array(sorted[first..<min(first + IntentLedger.mostTogether, sorted.count)])
                do { try await send(told) } catch { left(told.map(\.intent), error) }
            }
        }
    }

    /// The lease ends by itself, and the turn of these comes again.
    private func left(_ intents: [Intent], _ error: any Error) {
        for intent in intents {
            logger.warning("intent left to its lease", metadata: ["intent": "\(intent.id)", "reason": "\(type(of: error))"])
        }
    }

    /// - Returns: nil where it is not to be sent now, which is then written down.
    private func prepare(_ claimed: Intent) async -> Ready? {
        do {
            var intent = claimed
            if intent.mayBeSent {
                switch await route.find(intent.leader ?? intent.id) {
                case .found(let provider):
                    try await ledger.sent([intent], provider: provider)
                    return nil
                case .noAnswer:
                    try await ledger.wait(intent, until: now().addingTimeInterval(Self.away), .outcomeUnknown)
                    return nil
                case .notFound: intent.mayBeSent = false
                case .notOffered:
                    if intent.resends > 0 {
                        try await ledger.staysUnknown([intent])
                        return nil
                    }
                }
            }
            switch try await decide(intent) {
            case .send(let contact, let line): return Ready(intent: intent, contact: contact, line: line)
            case .superseded(let reason): try await ledger.withdraw(intent, "superseded", reason)
            case .suppressed(let reason): try await ledger.withdraw(intent, "suppressed", reason)
            case .wait(let until, let reason, let due): try await ledger.wait(intent, until: until, reason, due: due)
            }
        } catch { left([claimed], error) }
        return nil
    }

    /// Asks the owners of the facts.
    private func decide(_ intent: Intent) async throws -> Decision {
        guard route.isOn else { return .suppressed(.channelOff) }
        let later = now().addingTimeInterval(Self.away)
        let line: AppointmentLine
        switch try? await bus.request(ReadAppointment(appointment: intent.appointment)) {
        case .done(let answer): line = answer
        case .refused: return .suppressed(.noAppointment)
        case nil: return .wait(until: later, .schedulingAway)
        }
        let contact: Contact
        switch try? await bus.request(ReadContact(patient: intent.patient)) {
        case .done(let answer): contact = answer
        case .refused: return .suppressed(.noContact)
        case nil: return .wait(until: later, .recordsAway)
        }
        let known = try await ledger.circumstances(
            of: intent, service: line.service, number: channel == .sms ? contact.phone.map { numbers.mark($0) } : nil, now: now())
        if let reason = untimely(intent, known.rules) { return .suppressed(reason) }
        if known.unwanted == nil, intent.kind == .reminder, known.wasJustTold { return .suppressed(.justTold) }
        return Decision(intent, line, contact, unwanted: known.unwanted, now: now())
    }

    /// Why a reminder is not one of this kind of visit's, or too late to be of use beside the next; nil for all else.
    private func untimely(_ intent: Intent, _ rules: [Timing]) -> Reason? {
        guard intent.kind == .reminder, let start = intent.startsAt, let zone = TimeZone(identifier: intent.due.zone) else { return nil }
        func applies(_ timing: Timing) -> Bool {
            ReminderPlan.applies(timing, of: rules, startsAt: start, zone: zone, booked: intent.plannedAt)
        }
        guard applies(intent.timing) else { return .notSet }
        let later = ReminderPlan.ladder.drop { $0 != intent.timing }.dropFirst()
        let isOvertaken = later.contains { applies($0) && ReminderPlan($0, startsAt: start, patientZone: zone, now: now()).due.instant <= now() }
        return isOvertaken ? .overtaken : nil
    }

    private func send(_ ready: [Ready]) async throws {
        guard let first = ready.first else { return }
        let language = first.box.language
        let intents = ready.map(\.intent)
        var visits: [ToldVisit] = []
        for one in ready {
            guard let time = VisitTime(one.line.start, catalogue, language) else {
                return try await ledger.failed(intents, .addressNotUsable, tries: first.intent.attempts)
            }
            visits.append(
                ToldVisit(
                    intent: one.intent, contact: one.contact, time: time, place: await clinics.words(for: one.line.location).place,
                    answer: "\(portal)/answer/\(links.link(one.intent.id))"))
        }
        let leader = first.box.leader ?? first.intent.id
        let topic = first.intent.kind.topic
        let isOnes = Set(intents.map(\.patient)).count == 1
        let ending = isOnes ? links.ending(topic, to: first.intent.patient) : links.ending(topic, toAllOf: leader)
        let wording = Wording(
            catalogue: catalogue, language: language, clinic: await clinics.words(for: first.line.location), portal: portal,
            answer: visits.first?.answer, ending: ending.map { "\(portal)/hooks/unsubscribe/\($0)" })
        let parcel: Parcel
        do { parcel = try route.pack(leader, visits, wording) } catch {
            return try await ledger.failed(intents, .addressNotUsable, tries: first.intent.attempts)
        }
        let delivery = await parcel.deliver { until in await hand(intents, under: leader, parcel, in: language, until: until) }
        do { try await note(delivery, of: intents, messageID: parcel.messageID) } catch {
            await route.doubt?.end(leader)
            throw error
        }
        await route.doubt?.end(leader)
    }

    /// Commits that it is handed over, in its turn. - Returns: false when it may not be.
    private func hand(
        _ intents: [Intent], under leader: ID<Contracts.Intent>, _ parcel: Parcel, in language: Language, until: ContinuousClock.Instant?
    ) async -> Bool {
        await route.doubt?.begin(leader)
        do {
            if until.map({ $0 > .now }) ?? true, try await ledger.hand(intents, under: leader, parcel, in: language) { return true }
        } catch { left(intents, error) }
        await route.doubt?.end(leader)
        return false
    }

    private func note(_ delivery: Delivery, of intents: [Intent], messageID: String?) async throws {
        guard delivery != .notHanded else {
            // Of several, one may have been withdrawn: the others go without it, at once.
            if intents.count > 1 { try await ledger.release(intents, now: now()) }
            return
        }
        if intents.contains(where: \.mayBeSent) {
            Counter(label: "chartline_notify_ambiguous_resend_total", dimensions: [("channel", channel.rawValue)]).increment()
        }
        Counter(label: "chartline_notify_total", dimensions: [("channel", channel.rawValue), ("outcome", delivery.name)]).increment()
        if delivery.name != "accepted" {
            logger.notice(
                "message not accepted",
                metadata: ["intent": "\(intents[0].id)", "channel": "\(channel.rawValue)", "outcome": "\(delivery.name)"])
        }
        try await settle(intents, delivery, messageID: messageID)
    }

    /// Writes down how it ended, for as long as the lease lasts: what is known now would else have to be guessed.
    private func settle(_ intents: [Intent], _ delivery: Delivery, messageID: String?) async throws {
        for wait in [0.2, 1, 3, 6] {
            do { return try await write(intents, delivery, messageID) } catch is DatabaseError { try await Task.sleep(for: .seconds(wait)) }
        }
        try await write(intents, delivery, messageID)
    }

    private func write(_ intents: [Intent], _ delivery: Delivery, _ messageID: String?) async throws {
        let tries = (intents.map(\.attempts).max() ?? 0) + 1
        let next = Backoff.seconds(afterTries: tries).map { now().addingTimeInterval($0) }
        switch delivery {
        case .notHanded: break
        case .accepted(let provider): try await ledger.sent(intents, provider: provider ?? messageID)
        case .refused(let reason): try await ledger.failed(intents, reason, tries: tries)
        case .later(let reason):
            if let next { return try await ledger.tryAgain(intents, at: next, reason) }
            try await ledger.failed(intents, .tooManyTries, tries: tries)
        case .unknown:
            // One more try may follow, if the provider cannot be asked; none after that.
            let isLast = intents.contains(where: \.mayBeSent) || next == nil
            if let next, !isLast { try await ledger.unknown(intents, until: next) } else { try await ledger.staysUnknown(intents) }
        }
    }
}
