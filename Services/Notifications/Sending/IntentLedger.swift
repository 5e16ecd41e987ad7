internal import Contracts
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
                RETURNING id, appointment, patient, kind, due_at, due_local, due_zone, starts_at, answers, planned_at, attempts, attempt,
                    handed_at IS NOT NULL, resends
                """, as: UUID.self, UUID.self, UUID.self, Kind.self, Date.self, String.self, String.self, Date?.self, Bool.self, Date.self, Int.self,
                UUID.self, Bool.self, Int.self)
            return rows.map { id, appointment, patient, kind, due, local, zone, start, answers, planned, attempts, attempt, mayBeSent, resends in
                Intent(
                    id: ID(id), appointment: ID(appointment), patient: ID(patient), kind: kind, channel: channel,
                    due: ZonedTime(due, local: local, zone: zone), startsAt: start, answers: answers, plannedAt: planned, attempts: attempts,
                    attempt: attempt, mayBeSent: mayBeSent, resends: resends)
            }
        }
    }

    /// Commits that a provider is about to see it. - Returns: false when it was withdrawn meanwhile, or is another sender's.
    func hand(_ intent: Intent, messageID: String?) async throws -> Bool {
        try await change(
            intent,
            """
            handed_at = now(), lease_until = now() + interval '60 s', attempts = attempts + 1, message_id = \(messageID),
            resends = resends + \(intent.mayBeSent ? 1 : 0)
            """)
    }

    func sent(_ intent: Intent, provider: String?) async throws {
        try await database.transaction { tx in
            let changed = try await tx.run(
                """
                UPDATE intent SET state = 'sent', reason = NULL, sent_at = now(), provider_id = \(provider), next_at = NULL, lease_until = NULL
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
                intent, "state = 'unknown', reason = \(reason), next_at = \(next), lease_until = NULL, resends = greatest(0, resends - 1)")
        } else {
            try await wait(intent, until: next, reason)
        }
    }

    func unknown(_ intent: Intent, until next: Date) async throws {
        try await change(intent, "state = 'unknown', reason = \(Reason.outcomeUnknown), next_at = \(next), lease_until = NULL")
    }

    /// Nothing more is tried: another copy could be one too many.
    func staysUnknown(_ intent: Intent) async throws {
        try await change(intent, "state = 'unknown', reason = \(Reason.outcomeUnknown), next_at = NULL, lease_until = NULL")
    }

    func failed(_ intent: Intent, _ reason: Reason) async throws {
        try await change(intent, "state = 'failed', reason = \(reason), next_at = NULL, lease_until = NULL")
    }

    /// Whether the same visit was confirmed on the same channel a moment ago, as happens after an outage.
    func wasJustTold(_ intent: Intent, now: Date) async throws -> Bool {
        try await database.transaction { tx in
            try await tx.first(
                """
                SELECT true FROM intent WHERE appointment = \(intent.appointment.uuid) AND channel = \(intent.channel) AND kind = 'confirmation'
                    AND starts_at = \(intent.startsAt) AND sent_at > \(now.addingTimeInterval(-Self.justTold)) LIMIT 1
                """, as: Bool.self)
        } == true
    }

    @discardableResult
    private func change(_ intent: Intent, _ changes: SQL) async throws -> Bool {
        try await database.transaction { tx in
            try await tx.run(
                "UPDATE intent SET \(changes) WHERE id = \(intent.id.uuid) AND attempt = \(intent.attempt) AND state = 'claimed'") == 1
        }
    }
}
