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
            for intent in claimed {
                group.addTask {
                    // A task of its own: what is under way when the process is told to stop is brought to its end.
                    await Task { await carryOut(intent) }.value
                }
            }
        }
        return claimed.count
    }

    private func carryOut(_ claimed: Intent) async {
        do {
            var intent = claimed
            if intent.mayBeSent {
                switch await route.find(intent.id) {
                case .found(let provider): return try await ledger.sent(intent, provider: provider)
                case .noAnswer: return try await ledger.wait(intent, until: now().addingTimeInterval(Self.away), .outcomeUnknown)
                case .notFound: intent.mayBeSent = false
                case .notOffered: if intent.resends > 0 { return try await ledger.staysUnknown(intent) }
                }
            }
            switch try await decide(intent) {
            case .send(let contact, let line): try await send(intent, to: contact, line)
            case .superseded(let reason): try await ledger.withdraw(intent, "superseded", reason)
            case .suppressed(let reason): try await ledger.withdraw(intent, "suppressed", reason)
            case .wait(let until, let reason, let due): try await ledger.wait(intent, until: until, reason, due: due)
            }
        } catch {
            // The lease ends by itself, and the intent's turn comes again.
            logger.warning("intent left to its lease", metadata: ["intent": "\(claimed.id)", "reason": "\(type(of: error))"])
        }
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

    private func send(_ intent: Intent, to contact: Contact, _ line: AppointmentLine) async throws {
        let language = Language(tag: contact.language)
        guard let time = VisitTime(line.start, catalogue, language) else {
            return try await ledger.failed(intent, .addressNotUsable, tries: intent.attempts)
        }
        let wording = Wording(
            catalogue: catalogue, language: language, clinic: await clinics.words(for: line.location), portal: portal,
            answer: "\(portal)/answer/\(links.link(intent.id))",
            ending: links.ending(intent.kind.topic, to: intent.patient).map { "\(portal)/hooks/unsubscribe/\($0)" })
        let parcel: Parcel
        do { parcel = try route.pack(intent, to: contact, time, wording) } catch {
            return try await ledger.failed(intent, .addressNotUsable, tries: intent.attempts)
        }
        let delivery = await parcel.deliver { until in await hand(intent, parcel, in: language, until: until) }
        do { try await note(delivery, of: intent, messageID: parcel.messageID) } catch {
            await route.doubt?.end(intent.id)
            throw error
        }
        await route.doubt?.end(intent.id)
    }

    /// Commits that it is handed over, in its turn. - Returns: false when it may not be.
    private func hand(_ intent: Intent, _ parcel: Parcel, in language: Language, until: ContinuousClock.Instant?) async -> Bool {
        await route.doubt?.begin(intent.id)
        do {
            if until.map({ $0 > .now }) ?? true, try await ledger.hand(intent, parcel, in: language) { return true }
        } catch {
            logger.warning("intent left to its lease", metadata: ["intent": "\(intent.id)", "reason": "\(type(of: error))"])
        }
        await route.doubt?.end(intent.id)
        return false
    }

    private func note(_ delivery: Delivery, of intent: Intent, messageID: String?) async throws {
        guard delivery != .notHanded else { return }
        if intent.mayBeSent { Counter(label: "chartline_notify_ambiguous_resend_total", dimensions: [("channel", channel.rawValue)]).increment() }
        Counter(label: "chartline_notify_total", dimensions: [("channel", channel.rawValue), ("outcome", delivery.name)]).increment()
        if delivery.name != "accepted" {
            logger.notice(
                "message not accepted", metadata: ["intent": "\(intent.id)", "channel": "\(channel.rawValue)", "outcome": "\(delivery.name)"])
        }
        try await settle(intent, delivery, messageID: messageID)
    }

    /// Writes down how it ended, for as long as the lease lasts: what is known now would else have to be guessed.
    private func settle(_ intent: Intent, _ delivery: Delivery, messageID: String?) async throws {
        for wait in [0.2, 1, 3, 6] {
            do { return try await write(intent, delivery, messageID) } catch is DatabaseError { try await Task.sleep(for: .seconds(wait)) }
        }
        try await write(intent, delivery, messageID)
    }

    private func write(_ intent: Intent, _ delivery: Delivery, _ messageID: String?) async throws {
        let next = Backoff.seconds(afterTries: intent.attempts + 1).map { now().addingTimeInterval($0) }
        switch delivery {
        case .notHanded: break
        case .accepted(let provider): try await ledger.sent(intent, provider: provider ?? messageID)
        case .refused(let reason): try await ledger.failed(intent, reason, tries: intent.attempts + 1)
        case .later(let reason):
            if let next { return try await ledger.tryAgain(intent, at: next, reason) }
            try await ledger.failed(intent, .tooManyTries, tries: intent.attempts + 1)
        case .unknown:
            // One more try may follow, if the provider cannot be asked; none after that.
            let isLast = intent.mayBeSent || next == nil
            if let next, !isLast { try await ledger.unknown(intent, until: next) } else { try await ledger.staysUnknown(intent) }
        }
    }
}
