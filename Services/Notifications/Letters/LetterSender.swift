internal import Contracts
internal import CoreMetrics
internal import Faults
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres
internal import Synchronization

/// Sends e-mails that are about no visit, at any hour: somebody waits for them, or must know. Those about accounts identity has written, those about
/// a record this service. Where each goes, and what identity's say, is asked for when it is sent, so that no address and no code is kept here.
struct LetterSender: Sendable {
    private static let batch = 4
    private static let pause = Duration.milliseconds(500)
    /// Who has taken a letter and says no more has crashed; then its turn comes again, in seconds.
    private static let lease = 60.0

    let database: any WorkerTransactions
    let bus: any Bus
    let mailer: Mailer?
    let clinics: Clinics
    let catalogue: Catalogue
    /// Where patients and staff sign in; nil where an installation does not say.
    let portal: String
    let links: VisitLinks
    let clinic: String?
    let logger: Logger
    var now: @Sendable () -> Date = { Date() }

    func run() async throws {
        while !Task.isCancelled {
            if try await round() == 0 { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    private struct Taken: Sendable {
        let id: ID<Letter>
        let lease: Lease
        let attempts: Int
        let heard: Date
        /// It was handed over before, and nobody knows how that ended; so often.
        let mayBeSent: Bool
        let resends: Int
        /// Nil where identity knows it.
        let news: RecordNews?
    }

    /// Until when a letter is this sender's. Whoever takes it next moves it on: then it is theirs, and nothing of it is sent or written down here.
    private final class Lease: Sendable {
        let end: Mutex<Date>

        init(until end: Date) { self.end = Mutex(end) }

        var until: Date { end.withLock { $0 } }
    }

    /// What was changed in whose record, and when.
    private struct RecordNews: Sendable {
        let patient: ID<Patient>
        let kind: String
        let at: Date
        /// The day of a digest, else the version of what it is about.
        let version: Int
        /// From then on there is nothing to tell; nil for ever.
        let goodUntil: Date?
        /// Who waits for a time has asked to be told, and what is late is told whatever they want; everything else as they want it.
        var topic: MessageTopic? { Digest.topics[kind] }
    }

    private enum Asked {
        case notNow, forNobody, unwanted
        /// It is for the patient's next digest; or a digest, and not the last that is due.
        case gather(of: ID<Patient>, in: TimeZone)
        case overtaken
        case view(LetterView, [Digest.Line] = [])
    }

    private enum Wish { case atOnce, daily, never }

    /// - Returns: how many letters were looked at.
    @discardableResult
    func round() async throws -> Int {
        let taken = try await database.transaction { tx in
            try await tx.all(
                """
                UPDATE letter SET next_at = now() + make_interval(secs => \(Self.lease))
                WHERE id IN (SELECT id FROM letter WHERE next_at <= now() ORDER BY next_at, id LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED)
                RETURNING id, attempts, heard_at, handed_at IS NOT NULL, resends, patient, kind, happened_at, version, good_until, next_at
                """, as: UUID.self, Int.self, Date.self, Bool.self, Int.self, UUID?.self, String?.self, Date?.self, Int?.self, Date?.self, Date.self)
        }.map { id, attempts, heard, mayBeSent, resends, patient, kind, happened, version, goodUntil, lease in
            let news: RecordNews? =
                if let patient, let kind, let happened, let version {
                    RecordNews(patient: ID(patient), kind: kind, at: happened, version: version, goodUntil: goodUntil)
                } else { nil }
            return Taken(
                id: ID(id), lease: Lease(until: lease), attempts: attempts, heard: heard, mayBeSent: mayBeSent, resends: resends, news: news)
        }
        for letter in taken { try await send(letter) }
        return taken.count
    }

    private func ask(_ letter: Taken) async throws -> Asked {
        var view: LetterView
        if let news = letter.news {
            guard news.goodUntil.map({ $0 > Date() }) ?? true else { return .forNobody }
            // Who cannot look, or could not before it changed, has nothing to be told.
            guard let access = try? await bus.ask(ReadPortalAccess(patient: news.patient)) else { return .notNow }
            guard let since = access.since, since < news.at else { return .forNobody }
            if let topic = news.topic {
                switch try await wish(of: news.patient, topic) {
                case .never: return .unwanted
                case .daily:
                    guard let zone = await home(of: news.patient) else { return .notNow }
                    return .gather(of: news.patient, in: zone)
                case .atOnce: break
                }
            }
            view = LetterView(to: "", kind: news.kind, audience: .portal, patient: news.patient)
        } else {
            guard let reply = try? await bus.ask(ReadLetter(letter: letter.id)) else { return .notNow }
            guard let found = reply.letter else { return .forNobody }
            view = found
        }
        guard let patient = view.patient else { return .view(view) }
        // Where the record says, at this moment; what somebody typed elsewhere is no address to send a code to.
        guard let answer = try? await bus.request(ReadContact(patient: patient)) else { return .notNow }
        guard case .done(let contact) = answer, !contact.deceased, contact.practice != true || Fault.practiceIsReal.isOn else { return .forNobody }
        (view.to, view.language) = (contact.email ?? "", contact.language)
        guard let news = letter.news, news.kind == "digest" else { return .view(view) }
        return try await gathered(letter, news, view)
    }

    /// What a digest tells of.
    private func gathered(_ letter: Taken, _ news: RecordNews, _ view: LetterView) async throws -> Asked {
        guard let zone = await home(of: news.patient) else { return .notNow }
        let digest = Digest(id: letter.id, patient: news.patient, day: news.version)
        let lines = try await database.transaction { [now = now()] tx in
            // What may have left already is not given to another.
            if !letter.mayBeSent { guard try await digest.isLast(now: now, in: zone, tx) else { return nil as [Digest.Line]? } }
            return try await digest.lines(tx)
        }
        guard let lines else { return .overtaken }
        return lines.isEmpty ? .unwanted : .view(view, lines)
    }

    /// How somebody wants to hear of something.
    private func wish(of patient: ID<Patient>, _ topic: MessageTopic) async throws -> Wish {
        let code = MessageChoice.code(topic, .email)
        let row = try await database.transaction { tx in
            try await tx.first(
                """
                SELECT \(Wanted.isChosen(code, by: patient)), EXISTS (
                    SELECT FROM preference WHERE patient = \(patient.uuid) AND \(code) = ANY (daily))
                """, as: Bool.self, Bool.self)
        }
        guard let (isWanted, isDaily) = row, isWanted else { return .never }
        return isDaily ? .daily : .atOnce
    }

    /// Where they live, or where the clinic is.
    private func home(of patient: ID<Patient>) async -> TimeZone? {
        guard let answer = try? await bus.request(ReadContact(patient: patient)) else { return nil }
        if case .done(let contact) = answer, let zone = contact.zone.flatMap({ TimeZone(identifier: $0) }) { return zone }
        return (try? await bus.ask(ReadClinic()).zone).flatMap { TimeZone(identifier: $0) }
    }

    private func send(_ taken: Taken) async throws {
        let (letter, attempts) = (taken.id, taken.attempts)
        guard let mailer else { return try await settle(taken, "dropped", .channelOff) }
        // One more copy at most, under the same Message-ID.
        if taken.mayBeSent, taken.resends > 0 { return try await settle(taken, "unknown", .outcomeUnknown) }
        let view: LetterView
        let lines: [Digest.Line]
        switch try await ask(taken) {
        case .notNow: return  // its turn comes again
        case .forNobody: return try await settle(taken, "dropped", nil)
        case .unwanted: return try await settle(taken, "dropped", .notWanted)
        case .overtaken: return
        case .gather(let patient, let zone):
            let isGathered = try await database.transaction { [now = now()] tx in
                try await Digest.gather(letter, of: patient, now: now, in: zone, tx)
            }
            // The next one is asked for when this one has left.
            if !isGathered { try await again(taken, in: 60, .outcomeUnknown, counts: false) }
            return
        case .view(let found, let gathered): (view, lines) = (found, gathered)
        }
        guard let message = await message(taken, view, lines, mailer) else {
            return try await settle(taken, "failed", .addressNotUsable)
        }
        let delivery = await mailer.send(message) { until in
            guard until.map({ $0 > .now }) ?? true else { return false }
            return (try? await hand(taken, lines)) ?? false
        }
        Counter(label: "chartline_notify_total", dimensions: [("channel", "letter"), ("outcome", delivery.name)]).increment()
        switch delivery {
        // Something was added, or is not wanted any more.
        case .notHanded: try await again(taken, in: 1, .outcomeUnknown, counts: false)
        case .accepted: try await settle(taken, "sent", nil)
        case .refused(let reason): try await settle(taken, "failed", reason)
        case .later(let reason):
            guard let wait = Backoff.seconds(afterTries: attempts + 1) else { return try await settle(taken, "failed", .tooManyTries) }
            // A code is good for ten minutes: the first tries come soon.
            try await again(taken, in: attempts < 5 ? 15 : wait, reason)
        case .unknown:
            if taken.mayBeSent {
                try await settle(taken, "unknown", .outcomeUnknown)
            } else {
                try await again(taken, in: 15, .outcomeUnknown, mayBeSent: true)
            }
        }
    }

    /// Commits that the mail server is about to have it. - Returns: false when it is another sender's or says something else by now, or its reader
    /// has said no to it.
    private func hand(_ taken: Taken, _ lines: [Digest.Line]) async throws -> Bool {
        let (lease, isHanded) = try await database.transaction { tx -> (Date?, Bool) in
            var isWanted: SQL = "true"
            if let news = taken.news, let topic = news.topic { isWanted = Wanted.isChosen(MessageChoice.code(topic, .email), by: news.patient) }
            let lease = try await tx.first(
                """
                UPDATE letter SET handed_at = now(), next_at = now() + make_interval(secs => \(Self.lease)),
                    resends = resends + \(taken.mayBeSent ? 1 : 0)
                WHERE id = \(taken.id.uuid) AND state = 'waiting' AND next_at = \(taken.lease.until) AND \(isWanted)
                RETURNING next_at
                """, as: Date.self)
            guard let lease else { return (nil, false) }
            guard let news = taken.news, news.kind == "digest" else { return (lease, true) }
            // Whatever is gathered from now on finds it handed over.
            if try await Digest(id: taken.id, patient: news.patient, day: news.version).lines(tx) == lines { return (lease, true) }
            try await tx.run("UPDATE letter SET handed_at = NULL WHERE id = \(taken.id.uuid) AND NOT \(taken.mayBeSent)")
            return (lease, false)
        }
        if let lease { taken.lease.end.withLock { $0 = lease } }
        return isHanded
    }

    private func message(_ letter: Taken, _ view: LetterView, _ lines: [Digest.Line], _ mailer: Mailer) async -> EmailMessage? {
        guard let to = EmailAddress(view.to) else { return nil }
        let language = Language(tag: view.language)
        let link = view.audience == .portal ? portal : clinic
        let wording = Wording(catalogue: catalogue, language: language, clinic: await clinics.words(), portal: portal)
        let told = lines.isEmpty ? wording.letter(view.kind, code: view.code, link: link) : wording.digest(lines, link: link)
        guard let content = told else { return nil }
        // Those about the account come whatever somebody wants; news of a record is ended by a click.
        let token = letter.news.flatMap { news in
            news.kind == "digest" ? links.endingDigests(to: news.patient) : news.topic.flatMap { links.ending($0, to: news.patient) }
        }
        let ending = token.map { "\(portal)/hooks/unsubscribe/\($0)" }
        return try? EmailMessage(
            intent: ID(letter.id.uuid), date: letter.heard, from: mailer.from, to: to, language: language, content: content, ending: ending,
            signer: mailer.signer)
    }

    /// Where an address does not work: that there is news in the portal, once a letter. Of a message from the clinic a text tells anyhow.
    static func tellByText(of letter: ID<Letter>, _ tx: Transaction) {
        tx.queue(
            """
            INSERT INTO text_notice (id, patient, kind, about, happened_at)
            SELECT \(UUID.v7()), patient, 'portal-news', id, now() FROM letter
            WHERE id = \(letter.uuid) AND patient IS NOT NULL AND kind <> 'message-waiting' AND state IN ('failed', 'bounced')
            ON CONFLICT ON CONSTRAINT text_notice_once DO NOTHING
            """)
    }

    /// Writes down how it ended, and with a digest what that told of; nothing where it is another sender's by now.
    private func settle(_ taken: Taken, _ state: String, _ reason: Reason?) async throws {
        let isSettled = try await database.transaction { tx in
            let ended = try await tx.first(
                """
                WITH ended AS (
                    UPDATE letter SET state = \(state), reason = \(reason), next_at = NULL, attempts = attempts + 1
                    WHERE id = \(taken.id.uuid) AND state = 'waiting' AND next_at = \(taken.lease.until)
                    RETURNING id
                ), told AS (
                    UPDATE letter SET state = \(state), reason = \(reason), next_at = NULL, attempts = attempts + 1
                    WHERE digest IN (SELECT id FROM ended) AND state = 'gathered'
                )
                SELECT id FROM ended
                """, as: UUID.self)
            if ended != nil, state == "failed" { Self.tellByText(of: taken.id, tx) }
            return ended != nil
        }
        if isSettled, state == "failed" {
            logger.notice("letter not accepted", metadata: ["letter": "\(taken.id)", "reason": "\(reason?.rawValue ?? "")"])
        }
    }

    /// - Parameters:
    ///   - counts: as a try.
    ///   - mayBeSent: whether that is not known.
    private func again(_ taken: Taken, in seconds: Double, _ reason: Reason, counts: Bool = true, mayBeSent: Bool = false) async throws {
        let handed: SQL = mayBeSent || !counts ? "handed_at" : "NULL"
        try await database.transaction { tx in
            _ = try await tx.run(
                """
                UPDATE letter SET reason = \(reason), next_at = now() + make_interval(secs => \(seconds)), attempts = attempts + \(counts ? 1 : 0),
                    handed_at = \(handed)
                WHERE id = \(taken.id.uuid) AND state = 'waiting' AND next_at = \(taken.lease.until)
                """)
        }
    }
}
