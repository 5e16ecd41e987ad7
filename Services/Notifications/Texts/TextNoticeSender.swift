internal import Contracts
internal import CoreMetrics
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres

/// Tells by text that there is a message in the portal, or other news where no e-mail reaches, and nothing of it, in the hours in which people are
/// written to; and that an answer to a message did not cancel a visit. That it is handed over is committed before the provider sees anything; after a
/// crash the provider is asked what it has.
struct TextNoticeSender: Sendable {
    private static let batch = 8
    private static let pause = Duration.milliseconds(500)
    /// Who has taken one and says no more has crashed. Seconds.
    private static let lease = 60.0
    /// How long to wait for a service that did not answer. Not counted as a try.
    private static let away: TimeInterval = 20
    /// Of what is written in this time one text tells.
    private static let onceIn: TimeInterval = 30 * 60
    /// What is older is no news.
    private static let oldest: TimeInterval = 24 * 3_600
    /// How long somebody who has just answered waits to hear of it, also at night.
    private static let answerTime: TimeInterval = 30 * 60
    private static let notCancelled = "visit-not-cancelled"

    let database: any WorkerTransactions
    let bus: any Bus
    /// Nil where this installation sends no texts.
    let texter: Texter?
    let numbers: Numbers
    let clinics: Clinics
    let catalogue: Catalogue
    let portal: String
    let logger: Logger
    let now: @Sendable () -> Date

    private struct Taken: Sendable {
        let id: ID<Contracts.Intent>
        let attempt: UUID
        let patient: ID<Patient>
        let kind: String
        let about: UUID
        let at: Date
        let attempts: Int
        let mayBeSent: Bool
        var isOfVisit: Bool { kind == TextNoticeSender.notCancelled }
        /// What its readers may have said no to.
        var choice: String { MessageChoice.code(isOfVisit ? .visitChanges : .messages, .sms) }
    }

    private enum Step {
        /// - Parameter visit: that was not cancelled.
        case send(number: String, Language, visit: AppointmentLine?)
        case drop(Reason?)
        case wait(until: Date, Reason)
    }

    func run() async throws {
        while !Task.isCancelled {
            if try await round() == 0 { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    /// - Returns: how many were looked at.
    @discardableResult
    func round() async throws -> Int {
        let taken = try await database.transaction { [now = now()] tx in
            try await tx.all(
                """
                UPDATE text_notice SET next_at = \(now.addingTimeInterval(Self.lease)), attempt = gen_random_uuid()
                WHERE id IN (SELECT id FROM text_notice WHERE next_at <= \(now) ORDER BY next_at, id LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED)
                RETURNING id, attempt, patient, kind, about, happened_at, attempts, handed_at IS NOT NULL
                """, as: UUID.self, UUID.self, UUID.self, String.self, UUID.self, Date.self, Int.self, Bool.self)
        }.map { Taken(id: ID($0), attempt: $1, patient: ID($2), kind: $3, about: $4, at: $5, attempts: $6, mayBeSent: $7) }
        for notice in taken { try await carryOut(notice) }
        return taken.count
    }

    private func carryOut(_ notice: Taken) async throws {
        guard let texter else { return try await settle(notice, "dropped", .channelOff) }
        if notice.mayBeSent {
            switch await texter.find(notice.id) {
            case .found: return try await settle(notice, "sent", nil)
            case .noAnswer: return try await wait(notice, until: now().addingTimeInterval(Self.away), .outcomeUnknown)
            // Another copy could be one too many.
            case .notOffered: return try await settle(notice, "unknown", .outcomeUnknown)
            case .notFound: break
            }
        }
        switch try await decide(notice) {
        case .drop(let reason): try await settle(notice, "dropped", reason)
        case .wait(let until, let reason): try await wait(notice, until: until, reason)
        case .send(let number, let language, let visit):
            guard let body = await words(of: notice, visit, language) else { return try await settle(notice, "failed", .addressNotUsable) }
            guard try await hand(notice, to: number, in: language) else { return }
            try await note(await texter.send(body, to: number, intent: notice.id), of: notice)
        }
    }

    /// - Returns: nil when the visit's zone is unknown here.
    private func words(of notice: Taken, _ visit: AppointmentLine?, _ language: Language) async -> String? {
        guard let visit else {
            let clinic = await clinics.words().name ?? catalogue.text("clinic.unknown", in: language)
            let link = notice.kind == "message-waiting" ? "\(portal)/messages" : portal
            return catalogue.text("notice.\(notice.kind).sms", in: language, ["clinic": clinic, "link": link])
        }
        guard let time = VisitTime(visit.start, catalogue, language) else { return nil }
        let place = await clinics.words(for: visit.location)
        let clinic = place.name ?? catalogue.text("clinic.unknown", in: language)
        guard let phone = place.phone else {
            return catalogue.text("notice.\(notice.kind).sms-no-phone", in: language, ["clinic": clinic, "when": time.when])
        }
        return catalogue.text("notice.\(notice.kind).sms", in: language, ["clinic": clinic, "when": time.when, "phone": phone])
    }

    private func decide(_ notice: Taken) async throws -> Step {
        let later = now().addingTimeInterval(Self.away)
        guard now().timeIntervalSince(notice.at) < Self.oldest else { return .drop(.past) }
        var visit: AppointmentLine?
        if notice.isOfVisit {
            guard let (appointment, start) = try await answered(notice) else { return .drop(nil) }
            guard let answer = try? await bus.request(ReadAppointment(appointment: ID(appointment))) else {
                return .wait(until: later, .schedulingAway)
            }
            // Where it was cancelled or moved meanwhile, or is over, there is nothing to call about.
            guard case .done(let line) = answer, line.status == "booked", abs(line.start.instant.timeIntervalSince(start)) < 1,
                line.start.instant > now()
            else { return .drop(.past) }
            visit = line
        } else {
            // Who cannot look has nothing to be told.
            guard let access = try? await bus.ask(ReadPortalAccess(patient: notice.patient)) else { return .wait(until: later, .recordsAway) }
            guard let since = access.since, since < notice.at else { return .drop(nil) }
        }
        guard let answer = try? await bus.request(ReadContact(patient: notice.patient)) else { return .wait(until: later, .recordsAway) }
        guard case .done(let contact) = answer, !contact.deceased else { return .drop(nil) }
        guard contact.practice != true else { return .drop(.practice) }
        guard let number = contact.phone, Texter.isNumber(number) else { return .drop(.noContact) }
        if let no = try await unwanted(notice, number) { return .drop(no) }
        guard let zone = await home(of: contact) else { return .wait(until: later, .recordsAway) }
        let isAnswer = notice.isOfVisit && now().timeIntervalSince(notice.at) < Self.answerTime
        guard isAnswer || Window.usual.contains(now(), in: zone) else {
            return .wait(until: Window.usual.next(from: now(), in: zone), .quietHours)
        }
        return .send(number: number, Language(tag: contact.language), visit: visit)
    }

    /// The visit that was answered about, and when it was to be.
    private func answered(_ notice: Taken) async throws -> (UUID, Date)? {
        try await database.transaction { tx in
            try await tx.first("SELECT appointment, starts_at FROM visit_answer WHERE id = \(notice.about)", as: UUID.self, Date.self)
        }
    }

    /// Scheduling has refused what somebody answered: once an answer.
    static func tellNotCancelled(by answer: UUID, of patient: ID<Patient>, _ tx: Transaction) {
        tx.queue(
            """
            INSERT INTO text_notice (id, patient, kind, about, happened_at)
            VALUES (\(UUID.v7()), \(patient.uuid), \(notCancelled), \(answer), now())
            ON CONFLICT ON CONSTRAINT text_notice_once DO NOTHING
            """)
    }

    /// Where they live, or where the clinic is.
    private func home(of contact: Contact) async -> TimeZone? {
        if let zone = contact.zone.flatMap({ TimeZone(identifier: $0) }) { return zone }
        return (try? await bus.ask(ReadClinic()).zone).flatMap { TimeZone(identifier: $0) }
    }

    private func unwanted(_ notice: Taken, _ number: String) async throws -> Reason? {
        try await database.transaction { [mark = numbers.mark(number), now = now()] tx in
            let row = try await tx.first(
                """
                SELECT \(Wanted.isChosen(notice.choice, by: notice.patient)), \(Wanted.isOpen(mark)), EXISTS (
                    SELECT FROM text_notice WHERE patient = \(notice.patient.uuid) AND sent_at > \(now.addingTimeInterval(-Self.onceIn))
                        AND kind <> \(Self.notCancelled) AND \(!notice.isOfVisit))
                """, as: Bool.self, Bool.self, Bool.self)
            guard let (isWanted, isOpen, wasTold) = row else { return nil }
            return isWanted ? isOpen ? wasTold ? .justTold : nil : .stopped : .notWanted
        }
    }

    /// Commits that the provider is about to see it. - Returns: false when it is another sender's, or its reader said no meanwhile.
    private func hand(_ notice: Taken, to number: String, in language: Language) async throws -> Bool {
        try await database.transaction { [mark = numbers.mark(number), now = now()] tx in
            let changed = try await tx.run(
                """
                UPDATE text_notice SET handed_at = now(), next_at = \(now.addingTimeInterval(Self.lease)), attempts = attempts + 1
                WHERE id = \(notice.id.uuid) AND attempt = \(notice.attempt) AND state = 'waiting'
                    AND \(Wanted.isChosen(notice.choice, by: notice.patient)) AND \(Wanted.isOpen(mark))
                """)
            guard changed == 1 else { return false }
            Wanted.noteText(to: mark, for: notice.patient, in: language, tx)
            return true
        }
    }

    private func note(_ delivery: Delivery, of notice: Taken) async throws {
        Counter(label: "chartline_notify_total", dimensions: [("channel", "notice"), ("outcome", delivery.name)]).increment()
        switch delivery {
        case .notHanded: break
        case .accepted: try await settle(notice, "sent", nil)
        case .refused(let reason): try await settle(notice, "failed", reason)
        case .later(let reason):
            guard let wait = Backoff.seconds(afterTries: notice.attempts + 1) else { return try await settle(notice, "failed", .tooManyTries) }
            try await self.wait(notice, until: now().addingTimeInterval(wait), reason)
        case .unknown:
            // The provider is asked what it has before anything is sent again.
            guard let wait = Backoff.seconds(afterTries: notice.attempts + 1) else {
                return try await settle(notice, "unknown", .outcomeUnknown)
            }
            try await change(notice, "reason = \(Reason.outcomeUnknown), next_at = \(now().addingTimeInterval(wait))")
        }
    }

    private func settle(_ notice: Taken, _ state: String, _ reason: Reason?) async throws {
        let sent: SQL = state == "sent" || state == "unknown" ? ", sent_at = now()" : ""
        try await change(notice, "state = \(state), reason = \(reason), next_at = NULL\(sent)")
        if state == "failed" { logger.notice("text not accepted", metadata: ["notice": "\(notice.id)", "reason": "\(reason?.rawValue ?? "")"]) }
    }

    /// The provider has definitely not got it.
    private func wait(_ notice: Taken, until next: Date, _ reason: Reason) async throws {
        let handed: SQL = reason == .outcomeUnknown ? "" : ", handed_at = NULL"
        try await change(notice, "reason = \(reason), next_at = \(next)\(handed)")
    }

    private func change(_ notice: Taken, _ changes: SQL) async throws {
        try await database.transaction { tx in
            _ = try await tx.run(
                "UPDATE text_notice SET \(changes) WHERE id = \(notice.id.uuid) AND attempt = \(notice.attempt) AND state = 'waiting'")
        }
    }
}
