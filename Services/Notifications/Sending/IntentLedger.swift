internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

/// The states of an intent, as rows. Every change after the claim is bound to the claim's attempt: who has lost the lease changes nothing.
struct IntentLedger: Sendable {
    private static let justTold: TimeInterval = 30 * 60

    let database: any WorkerTransactions

    /// Takes what is due, with a lease of 60 s. What a crashed sender left is taken back first: as it was when nothing had been
    /// handed over, as unknown when something had.
    func claim(_ channel: Channel, atMost limit: Int, now: Date) async throws -> [Intent] {
        try await database.transaction { tx in
            tx.queue(
                """
                UPDATE intent SET state = CASE WHEN handed_at IS NULL THEN 'scheduled' ELSE 'unknown' END,
                    reason = CASE WHEN handed_at IS NULL THEN NULL ELSE \(Reason.outcomeUnknown) END,
                    next_at = least(now(), \(now)), attempt = NULL, lease_until = NULL
                WHERE state = 'claimed' AND channel = \(channel) AND lease_until < now()
                """)
            let rows = try await tx.all(
                """
                UPDATE intent SET state = 'claimed', attempt = gen_random_uuid(), lease_until = now() + interval '60 s'
                WHERE id IN (SELECT id FROM intent WHERE state IN ('scheduled', 'unknown') AND next_at <= \(now) AND channel = \(channel)
                    ORDER BY next_at, id LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                RETURNING id, appointment, patient, kind, rule, due_at, due_local, due_zone, starts_at, answers, planned_at, attempts, attempt,
                    handed_at IS NOT NULL, resends
                """, as: UUID.self, UUID.self, UUID.self, Kind.self, Timing.self, Date.self, String.self, String.self, Date?.self, Bool.self,
                Date.self, Int.self, UUID.self, Bool.self, Int.self)
            return rows.map {
                id, appointment, patient, kind, timing, due, local, zone, start, answers, planned, attempts, attempt, mayBeSent, resends in
                Intent(
                    id: ID(id), appointment: ID(appointment), patient: ID(patient), kind: kind, channel: channel, timing: timing,
                    due: ZonedTime(due, local: local, zone: zone), startsAt: start, answers: answers, plannedAt: planned, attempts: attempts,
                    attempt: attempt, mayBeSent: mayBeSent, resends: resends)
            }
        }
    }

    /// Commits that a provider is about to see it. - Returns: false when it was withdrawn meanwhile, or is another sender's.
    /// Nor when its reader has said no to it meanwhile: what is committed before this is heeded.
    func hand(_ intent: Intent, _ parcel: Parcel, in language: Language) async throws -> Bool {
        try await database.transaction { tx in
            let changed = try await tx.run(
                """
                UPDATE intent SET handed_at = now(), lease_until = now() + interval '60 s', attempts = attempts + 1,
                    message_id = \(parcel.messageID), resends = resends + \(intent.mayBeSent ? 1 : 0)
                WHERE id = \(intent.id.uuid) AND attempt = \(intent.attempt) AND state = 'claimed'
                    AND (\(Fault.wishesIgnored.isOn) OR \(Wanted.isChosen(intent.choice, by: intent.patient)) AND \(Wanted.isOpen(parcel.number)))
                """)
            guard changed == 1 else { return false }
            if let number = parcel.number { Wanted.noteText(to: number, for: intent.patient, in: language, tx) }
            return true
        }
    }

    /// What this service knows of a message that is due.
    struct Circumstances {
        /// When patients are reminded of this kind of visit.
        let rules: [Timing]
        /// Why its reader does not want it; nil when they do.
        let unwanted: Reason?
        /// Whether the same visit was confirmed on the same channel a moment ago, as happens after an outage.
        let wasJustTold: Bool
    }

    /// - Parameter number: the mark of the number a text would go to.
    func circumstances(of intent: Intent, service: String, number: [UInt8]?, now: Date) async throws -> Circumstances {
        let row = try await database.transaction { tx in
            try await tx.first(
                """
                SELECT (SELECT rules FROM reminder_rule WHERE service = \(service) ORDER BY version DESC LIMIT 1),
                    \(Wanted.isChosen(intent.choice, by: intent.patient)), \(Wanted.isOpen(number)),
                    EXISTS (SELECT FROM intent WHERE appointment = \(intent.appointment.uuid) AND channel = \(intent.channel)
                        AND kind = 'confirmation' AND starts_at = \(intent.startsAt) AND sent_at > \(now.addingTimeInterval(-Self.justTold)))
                """, as: [String]?.self, Bool.self, Bool.self, Bool.self)
        }
        let (rules, chosen, open, told) = row ?? (nil, true, true, false)
        return Circumstances(
            rules: rules.map { $0.compactMap(Timing.init) } ?? ReminderPlan.usual,
            unwanted: chosen && open || Fault.wishesIgnored.isOn ? nil : chosen ? .stopped : .notWanted, wasJustTold: told)
    }

    func sent(_ intent: Intent, provider: String?) async throws {
        try await database.transaction { tx in
            let changed = try await tx.run(
                """
                UPDATE intent SET state = CASE WHEN receipt IN ('delivered', 'failed') THEN receipt ELSE 'sent' END,
                    reason = CASE WHEN receipt = 'failed' THEN \(Reason.notDelivered) END, sent_at = now(), provider_id = \(provider),
                    next_at = NULL, lease_until = NULL
                WHERE id = \(intent.id.uuid) AND attempt = \(intent.attempt) AND state = 'claimed'
                """)
            guard changed == 1 else { return }
            try tx.emit(NotificationSent(intent: intent.id, appointment: intent.appointment, channel: intent.channel.rawValue))
        }
    }

    /// Not to be sent any more. What may have been sent before stays unknown.
    func withdraw(_ intent: Intent, _ state: String, _ reason: Reason) async throws {
        if intent.mayBeSent { return try await staysUnknown(intent) }
        try await change(intent, "state = \(state), reason = \(reason), next_at = NULL, lease_until = NULL, handed_at = NULL")
    }

    func wait(_ intent: Intent, until next: Date, _ reason: Reason, due: ZonedTime? = nil) async throws {
        let state = intent.mayBeSent ? "unknown" : "scheduled"
        let handed: SQL = intent.mayBeSent ? "handed_at" : "NULL"
        let moved: SQL = if let due { ", due_at = \(due.instant), due_local = \(due.local), due_zone = \(due.zone)" } else { "" }
        try await change(intent, "state = \(state), reason = \(reason), next_at = \(next), lease_until = NULL, handed_at = \(handed)\(moved)")
    }

    /// The provider has definitely not taken this try.
    func tryAgain(_ intent: Intent, at next: Date, _ reason: Reason) async throws {
        if intent.mayBeSent {
            // The resend did not happen after all; the doubt about the try before it stays.
            try await change(
                intent,
                """
                state = 'unknown', reason = \(reason), next_at = \(next), lease_until = NULL, resends = \(intent.resends),
                    attempts = \(intent.attempts + 1)
                """)
        } else {
            try await change(
                intent,
                """
                state = 'scheduled', reason = \(reason), next_at = \(next), lease_until = NULL, handed_at = NULL,
                    attempts = \(intent.attempts + 1)
                """)
        }
    }

    func unknown(_ intent: Intent, until next: Date) async throws {
        try await change(intent, "state = 'unknown', reason = \(Reason.outcomeUnknown), next_at = \(next), lease_until = NULL")
    }

    /// Nothing more is tried: another copy could be one too many.
    func staysUnknown(_ intent: Intent) async throws {
        try await change(intent, "state = 'unknown', reason = \(Reason.outcomeUnknown), next_at = NULL, lease_until = NULL")
    }

    /// - Parameter tries: those made, this one counted.
    func failed(_ intent: Intent, _ reason: Reason, tries: Int) async throws {
        try await change(intent, "state = 'failed', reason = \(reason), next_at = NULL, lease_until = NULL, attempts = \(tries)")
    }

    @discardableResult
    private func change(_ intent: Intent, _ changes: SQL) async throws -> Bool {
        try await database.transaction { tx in
            try await tx.run(
                "UPDATE intent SET \(changes) WHERE id = \(intent.id.uuid) AND attempt = \(intent.attempt) AND state = 'claimed'") == 1
        }
    }
}
