internal import Contracts
internal import CoreMetrics
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres

/// Sends identity's e-mails about people's own accounts, at any hour: somebody waits for them, or must know. What each says is asked for when it is
/// sent, so that no address and no code is kept here.
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
    let clinic: String?
    let logger: Logger

    func run() async throws {
        while !Task.isCancelled {
            if try await round() == 0 { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    /// - Returns: how many letters were looked at.
    @discardableResult
    func round() async throws -> Int {
        let taken = try await database.transaction { tx in
            try await tx.all(
                """
                UPDATE letter SET next_at = now() + make_interval(secs => \(Self.lease))
                WHERE id IN (SELECT id FROM letter WHERE next_at <= now() ORDER BY next_at, id LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED)
                RETURNING id, attempts, heard_at
                """, as: UUID.self, Int.self, Date.self)
        }
        for (id, attempts, heard) in taken { try await send(ID(id), attempts: attempts, heard: heard) }
        return taken.count
    }

    private func send(_ letter: ID<Letter>, attempts: Int, heard: Date) async throws {
        guard let mailer else { return try await settle(letter, "dropped", .channelOff) }
        guard let reply = try? await bus.ask(ReadLetter(letter: letter)) else { return }  // not now; its turn comes again
        guard var view = reply.letter else { return try await settle(letter, "dropped", nil) }
        if let patient = view.patient {
            // Where the record says, at this moment; what somebody typed elsewhere is no address to send a code to.
            guard let answer = try? await bus.request(ReadContact(patient: patient)) else { return }
            guard case .done(let contact) = answer, !contact.deceased else { return try await settle(letter, "dropped", nil) }
            (view.to, view.language) = (contact.email ?? "", contact.language)
        }
        guard let message = await message(letter, view, heard: heard, from: mailer.from) else {
            return try await settle(letter, "failed", .addressNotUsable)
        }
        let delivery = await mailer.send(message)
        Counter(label: "chartline_notify_total", dimensions: [("channel", "letter"), ("outcome", delivery.name)]).increment()
        switch delivery {
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

    private func message(_ letter: ID<Letter>, _ view: LetterView, heard: Date, from: EmailAddress) async -> EmailMessage? {
        guard let to = EmailAddress(view.to) else { return nil }
        let language = Language(tag: view.language)
        let link = view.audience == .portal ? portal : clinic
        let wording = Wording(catalogue: catalogue, language: language, clinic: await clinics.words(), portal: portal)
        guard let content = wording.letter(view.kind, code: view.code, link: link) else { return nil }
        return try? EmailMessage(intent: ID(letter.uuid), date: heard, from: from, to: to, language: language, content: content)
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
