internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

/// The states of an intent, as rows. Every change after the claim is bound to the claim's attempt: who has lost the lease changes nothing. Visits
/// that one message tells of are handed over in one commit, and so is how that ended.
struct IntentLedger: Sendable {
    private static let justTold: TimeInterval = 30 * 60
    /// A reminder comes sooner by so much at most, to be in one message with another.
    private static let soonerBy: TimeInterval = 3_600
    /// Visits of one message.
    static let mostTogether = 6

    let database: any WorkerTransactions

    /// Takes what is due, with a lease of 60 s, and with it what belongs into the same message. What a crashed sender left is taken back first: as it
    /// was when nothing had been handed over, as unknown when something had.
    /// - Returns: what may go together, together.
    func claim(_ channel: Channel, atMost limit: Int, now: Date) async throws -> [[Intent]] {
        try await database.transaction { tx in
            // One at a time, so that nobody takes one of two that belong together while another takes the other.
            tx.queue("SELECT pg_advisory_xact_lock(hashtextextended('notifications/claim/' || \(channel), 0))")
            tx.queue(
                """
                UPDATE intent SET state = CASE WHEN handed_at IS NULL THEN 'scheduled' ELSE 'unknown' END,
                    reason = CASE WHEN handed_at IS NULL THEN NULL ELSE \(Reason.outcomeUnknown) END,
                    next_at = least(now(), \(now)), attempt = NULL, lease_until = NULL
                WHERE state = 'claimed' AND channel = \(channel) AND lease_until < now()
                """)
            let due = try await take(
                """
                SELECT id FROM intent WHERE state IN ('scheduled', 'unknown') AND next_at <= \(now) AND channel = \(channel)
                ORDER BY next_at, id LIMIT \(limit) FOR UPDATE SKIP LOCKED
                """, channel, tx)
            guard due.contains(where: { $0.kind == .reminder || $0.leader != nil }) else { return due.map { [$0] } }
            let pairs = try await near(due.map(\.id.uuid), channel, now, tx)
            let taken = Set(due.map(\.id.uuid))
            let others = Array(Set(pairs.map(\.1)).subtracting(taken))
            let joined =
                others.isEmpty
                ? []
                : try await take(
                    "SELECT id FROM intent WHERE id = ANY (\(others)) AND state IN ('scheduled', 'unknown') FOR UPDATE SKIP LOCKED", channel, tx)
            return Self.together(due + joined, pairs)
        }
    }

    private func take(_ chosen: SQL, _ channel: Channel, _ tx: Transaction) async throws -> [Intent] {
        let rows = try await tx.all(
            """
            UPDATE intent SET state = 'claimed', attempt = gen_random_uuid(), lease_until = now() + interval '60 s' WHERE id IN (\(chosen))
            RETURNING id, appointment, patient, kind, rule, due_at, due_local, due_zone, starts_at, answers, planned_at, attempts, attempt,
                handed_at IS NOT NULL, resends, CASE WHEN handed_at IS NOT NULL THEN leader END
            """, as: UUID.self, UUID.self, UUID.self, Kind.self, Timing.self, Date.self, String.self, String.self, Date?.self, Bool.self,
            Date.self, Int.self, UUID.self, Bool.self, Int.self, UUID?.self)
        return rows.map {
            id, appointment, patient, kind, timing, due, local, zone, start, answers, planned, attempts, attempt, mayBeSent, resends, leader in
            Intent(
                id: ID(id), appointment: ID(appointment), patient: ID(patient), kind: kind, channel: channel, timing: timing,
                due: ZonedTime(due, local: local, zone: zone), startsAt: start, answers: answers, plannedAt: planned, attempts: attempts,
                attempt: attempt, mayBeSent: mayBeSent, resends: resends, leader: leader.map { ID($0) })
        }
    }

    /// What may go in one message with which of these: what went in one with it before; else the same reminder of visits that begin about when its
    /// visit does, of its patient or of others who are reached at the same address.
    private func near(_ due: [UUID], _ channel: Channel, _ now: Date, _ tx: Transaction) async throws -> [(UUID, UUID)] {
        let address: SQL = channel == .email ? "email" : "phone"
        return try await tx.all(
            """
            SELECT l.id, n.id FROM intent l CROSS JOIN LATERAL (
                SELECT c.id FROM intent c
                WHERE l.handed_at IS NOT NULL AND c.leader = l.leader AND c.channel = \(channel) AND (c.state = 'unknown' OR c.id = ANY (\(due)))
                UNION ALL
                (SELECT c.id FROM intent c
                WHERE l.handed_at IS NULL AND l.kind = 'reminder' AND c.kind = 'reminder' AND c.channel = \(channel) AND c.rule = l.rule
                    AND c.patient IN (SELECT l.patient UNION ALL
                        SELECT o.patient FROM contact m JOIN contact o ON o.\(address) = m.\(address) WHERE m.patient = l.patient)
                    AND c.handed_at IS NULL
                    AND (c.state = 'scheduled' AND c.next_at <= \(now.addingTimeInterval(Self.soonerBy)) OR c.id = ANY (\(due)))
                    AND abs(extract(epoch FROM c.starts_at - l.starts_at)) <= \(Intent.together)
                ORDER BY c.starts_at, c.id LIMIT \(Self.mostTogether))
            ) n
            WHERE l.id = ANY (\(due)) AND n.id <> l.id
            """, as: UUID.self, UUID.self)
    }

    private static func together(_ intents: [Intent], _ pairs: [(UUID, UUID)]) -> [[Intent]] {
        var first = Dictionary(uniqueKeysWithValues: intents.map { ($0.id.uuid, $0.id.uuid) })
        for (a, b) in pairs {
            guard let one = first[a], let other = first[b], one != other else { continue }
            for (id, group) in first where group == other { first[id] = one }
        }
        let groups = Dictionary(grouping: intents) { first[$0.id.uuid] ?? $0.id.uuid }
        return intents.compactMap { groups[$0.id.uuid] }
    }

    /// Commits that a provider is about to see it, of all visits it tells of or of none. - Returns: false when one was withdrawn meanwhile, or is
    /// another sender's. Nor when its reader has said no to it meanwhile: what is committed before this is heeded.
    /// - Parameter leader: under whose id it goes.
    func hand(_ intents: [Intent], under leader: ID<Contracts.Intent>? = nil, _ parcel: Parcel, in language: Language) async throws -> Bool {
        let (ids, attempts) = (intents.map(\.id.uuid), intents.map(\.attempt))
        // Told under another's id it stays known by it, however few are left of those it was told with.
        let known = intents.count > 1 || leader != nil && leader != intents.first?.id ? leader?.uuid ?? ids.first : nil
        return try await database.transaction { tx in
            let wanted = intents.map { Wanted.isChosen($0.choice, by: $0.patient) }.reduce("true" as SQL) { "\($0) AND \($1)" }
            let changed = try await tx.run(
                """
                WITH held AS (
                    SELECT id FROM intent WHERE id = ANY (\(ids)) AND attempt = ANY (\(attempts)) AND state = 'claimed' ORDER BY id FOR UPDATE
                )
                UPDATE intent SET handed_at = now(), lease_until = now() + interval '60 s', attempts = attempts + 1, message_id = \(parcel.messageID),
                    resends = resends + \(intents.contains(where: \.mayBeSent) ? 1 : 0), leader = \(known),
                    visits = \(known == nil ? nil : intents.count)
                WHERE id IN (SELECT id FROM held) AND (SELECT count(*) FROM held) = \(intents.count)
                    AND (\(Fault.wishesIgnored.isOn) OR \(wanted) AND \(Wanted.isOpen(parcel.number)))
                """)
            guard changed == intents.count else { return false }
            if let number = parcel.number {
                for patient in Set(intents.map(\.patient)) { Wanted.noteText(to: number, for: patient, in: language, tx) }
            }
            return true
        }
    }

    /// Gives back at once what did not leave because one of those it was to go with was withdrawn.
    func release(_ intents: [Intent], now: Date) async throws {
        try await change(intents) { intent in
            intent.mayBeSent
                ? "state = 'unknown', next_at = \(now), lease_until = NULL" : "state = 'scheduled', next_at = \(now), lease_until = NULL"
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

    func sent(_ intents: [Intent], provider: String?) async throws {
        try await database.transaction { tx in
            for intent in intents {
                let changed = try await tx.run(
                    """
                    UPDATE intent SET state = CASE WHEN receipt IN ('delivered', 'failed') THEN receipt ELSE 'sent' END,
                        reason = CASE WHEN receipt = 'failed' THEN \(Reason.notDelivered) END, sent_at = now(), provider_id = \(provider),
                        next_at = NULL, lease_until = NULL
                    WHERE id = \(intent.id.uuid) AND attempt = \(intent.attempt) AND state = 'claimed'
                    """)
                guard changed == 1 else { continue }
                try tx.emit(NotificationSent(intent: intent.id, appointment: intent.appointment, channel: intent.channel.rawValue))
            }
        }
    }

    /// Not to be sent any more. What may have been sent before stays unknown.
    func withdraw(_ intent: Intent, _ state: String, _ reason: Reason) async throws {
        if intent.mayBeSent { return try await staysUnknown([intent]) }
        try await change([intent]) { _ in "state = \(state), reason = \(reason), next_at = NULL, lease_until = NULL, handed_at = NULL" }
    }

    func wait(_ intent: Intent, until next: Date, _ reason: Reason, due: ZonedTime? = nil) async throws {
        let state = intent.mayBeSent ? "unknown" : "scheduled"
        let handed: SQL = intent.mayBeSent ? "handed_at" : "NULL"
        // What may have been sent stays dated as it was.
        let moved: SQL = if let due, !intent.mayBeSent { ", due_at = \(due.instant), due_local = \(due.local), due_zone = \(due.zone)" } else { "" }
        try await change([intent]) { _ in
            "state = \(state), reason = \(reason), next_at = \(next), lease_until = NULL, handed_at = \(handed)\(moved)"
        }
    }

    /// The provider has definitely not taken this try.
    func tryAgain(_ intents: [Intent], at next: Date, _ reason: Reason) async throws {
        try await change(intents) { intent in
            if intent.mayBeSent {
                // The resend did not happen after all; the doubt about the try before it stays.
                """
                state = 'unknown', reason = \(reason), next_at = \(next), lease_until = NULL, resends = \(intent.resends),
                    attempts = \(intent.attempts + 1)
                """
            } else {
                """
                state = 'scheduled', reason = \(reason), next_at = \(next), lease_until = NULL, handed_at = NULL, leader = NULL, visits = NULL,
                    attempts = \(intent.attempts + 1)
                """
            }
        }
    }

    func unknown(_ intents: [Intent], until next: Date) async throws {
        try await change(intents) { _ in "state = 'unknown', reason = \(Reason.outcomeUnknown), next_at = \(next), lease_until = NULL" }
    }

    /// Nothing more is tried: another copy could be one too many.
    func staysUnknown(_ intents: [Intent]) async throws {
        try await change(intents) { _ in "state = 'unknown', reason = \(Reason.outcomeUnknown), next_at = NULL, lease_until = NULL" }
    }

    /// - Parameter tries: those made, this one counted.
    func failed(_ intents: [Intent], _ reason: Reason, tries: Int) async throws {
        try await change(intents) { _ in "state = 'failed', reason = \(reason), next_at = NULL, lease_until = NULL, attempts = \(tries)" }
    }

    private func change(_ intents: [Intent], _ changes: (Intent) -> SQL) async throws {
        let statements = intents.map { intent in
            "UPDATE intent SET \(changes(intent)) WHERE id = \(intent.id.uuid) AND attempt = \(intent.attempt) AND state = 'claimed'" as SQL
        }
        try await database.transaction { tx in for statement in statements { tx.queue(statement) } }
    }
}
