internal import Contracts
internal import CoreMetrics
internal import Faults
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres

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

    func run() async throws {
        while !Task.isCancelled {
            if try await round() == 0 { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    private struct Taken: Sendable {
        let id: ID<Letter>
        let attempts: Int
        let heard: Date
        /// Nil where identity knows it.
        let news: RecordNews?
    }

    /// What was changed in whose record, and when.
    private struct RecordNews: Sendable {
        let patient: ID<Patient>
        let kind: String
        let at: Date
        /// From then on there is nothing to tell; nil for ever.
        let goodUntil: Date?
        /// Who waits for a time has asked to be told; everything else is told as they want it.
        var topic: MessageTopic? {
            switch kind {
            case "result-amended": .recordNews
            case "message-waiting": .messages
            default: nil
            }
        }
    }

    private enum Asked {
        case notNow, forNobody, unwanted
        case view(LetterView)
    }

    /// - Returns: how many letters were looked at.
    @discardableResult
    func round() async throws -> Int {
        let taken = try await database.transaction { tx in
            try await tx.all(
                """
                UPDATE letter SET next_at = now() + make_interval(secs => \(Self.lease))
                WHERE id IN (SELECT id FROM letter WHERE next_at <= now() ORDER BY next_at, id LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED)
                RETURNING id, attempts, heard_at, patient, kind, happened_at, good_until
                """, as: UUID.self, Int.self, Date.self, UUID?.self, String?.self, Date?.self, Date?.self)
        }.map { id, attempts, heard, patient, kind, happened, goodUntil in
            let news: RecordNews? =
                if let patient, let kind, let happened {
                    RecordNews(patient: ID(patient), kind: kind, at: happened, goodUntil: goodUntil)
                } else { nil }
            return Taken(id: ID(id), attempts: attempts, heard: heard, news: news)
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
            if let topic = news.topic { guard try await wants(news.patient, topic) else { return .unwanted } }
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
        return .view(view)
    }

    /// Whether somebody wants to hear that something in their record changed.
    private func wants(_ patient: ID<Patient>, _ topic: MessageTopic) async throws -> Bool {
        try await database.transaction { tx in
            try await tx.first("SELECT \(Wanted.isChosen(MessageChoice.code(topic, .email), by: patient))", as: Bool.self)
        } == true
    }

    private func send(_ taken: Taken) async throws {
        let (letter, attempts) = (taken.id, taken.attempts)
        guard let mailer else { return try await settle(letter, "dropped", .channelOff) }
        let view: LetterView
        switch try await ask(taken) {
        case .notNow: return  // its turn comes again
        case .forNobody: return try await settle(letter, "dropped", nil)
        case .unwanted: return try await settle(letter, "dropped", .notWanted)
        case .view(let found): view = found
        }
        guard let message = await message(taken, view, mailer) else {
            return try await settle(letter, "failed", .addressNotUsable)
        }
        let delivery = await mailer.send(message)
        Counter(label: "chartline_notify_total", dimensions: [("channel", "letter"), ("outcome", delivery.name)]).increment()
        switch delivery {
        case .notHanded: break
        case .accepted: try await settle(letter, "sent", nil)
        case .refused(let reason): try await settle(letter, "failed", reason)
        case .later(let reason):
            guard let wait = Backoff.seconds(afterTries: attempts + 1) else { return try await settle(letter, "failed", .tooManyTries) }
            // A code is good for ten minutes: the first tries come soon.
            try await again(letter, in: attempts < 5 ? 15 : wait, reason)
        case .unknown:
            // Once more at most, under the same Message-ID.
            if attempts == 0 { try await again(letter, in: 15, .outcomeUnknown) } else { try await settle(letter, "unknown", .outcomeUnknown) }
        }
    }

    private func message(_ letter: Taken, _ view: LetterView, _ mailer: Mailer) async -> EmailMessage? {
        guard let to = EmailAddress(view.to) else { return nil }
        let language = Language(tag: view.language)
        let link = view.audience == .portal ? portal : clinic
        let wording = Wording(catalogue: catalogue, language: language, clinic: await clinics.words(), portal: portal)
        guard let content = wording.letter(view.kind, code: view.code, link: link) else { return nil }
        // Those about the account come whatever somebody wants; news of a record is ended by a click.
        let token = letter.news.flatMap { news in news.topic.flatMap { links.ending($0, to: news.patient) } }
        let ending = token.map { "\(portal)/hooks/unsubscribe/\($0)" }
        return try? EmailMessage(
            intent: ID(letter.id.uuid), date: letter.heard, from: mailer.from, to: to, language: language, content: content, ending: ending,
            signer: mailer.signer)
    }

    private func settle(_ letter: ID<Letter>, _ state: String, _ reason: Reason?) async throws {
        try await database.transaction { tx in
            _ = try await tx.run(
                """
                UPDATE letter SET state = \(state), reason = \(reason), next_at = NULL, attempts = attempts + 1
                WHERE id = \(letter.uuid) AND state = 'waiting'
                """)
        }
        if state == "failed" { logger.notice("letter not accepted", metadata: ["letter": "\(letter)", "reason": "\(reason?.rawValue ?? "")"]) }
    }

    private func again(_ letter: ID<Letter>, in seconds: Double, _ reason: Reason) async throws {
        try await database.transaction { tx in
            _ = try await tx.run(
                """
                UPDATE letter SET reason = \(reason), next_at = now() + make_interval(secs => \(seconds)), attempts = attempts + 1
                WHERE id = \(letter.uuid) AND state = 'waiting'
                """)
        }
    }
}
