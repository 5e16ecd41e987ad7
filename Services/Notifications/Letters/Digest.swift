internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// One e-mail a day that says how much there is to see of what somebody does not want to hear of at once. It is a letter of its own; what it tells of
/// waits, gathered in it.
struct Digest: Sendable {
    /// When it leaves, by the clock where its reader lives.
    private static let leaves = 17 * 60

    /// What each kind of letter is about; of the others no digest tells.
    static let topics: [String: MessageTopic] = [
        "result-amended": .recordNews, "message-waiting": .messages, "invoice-issued": .bills, "statement-made": .bills, "instalment-coming": .bills,
    ]

    struct Line: Sendable, Equatable {
        var kind: String
        var count: Int
    }

    let id: ID<Letter>
    let patient: ID<Patient>
    /// `20261127`
    let day: Int

    /// The next that leaves.
    static func next(after now: Date, in zone: TimeZone) -> (day: Int, due: Date) {
        let today = WallClock(now, in: zone)
        let due = today.instant(atMinute: leaves, daysLater: 0)
        return due > now ? (day(due, zone), due) : { (day($0, zone), $0) }(today.instant(atMinute: leaves, daysLater: 1))
    }

    private static func day(_ instant: Date, _ zone: TimeZone) -> Int {
        let clock = WallClock(instant, in: zone)
        return (clock.year * 100 + clock.month) * 100 + clock.day
    }

    /// Puts a letter into the patient's next digest, which is made with the first. - Returns: false where that one is about to leave.
    static func gather(_ letter: ID<Letter>, of patient: ID<Patient>, now: Date, in zone: TimeZone, _ tx: Transaction) async throws -> Bool {
        let (day, due) = next(after: now, in: zone)
        tx.queue(
            """
            INSERT INTO letter (id, patient, kind, about, version, happened_at, next_at)
            VALUES (\(ID<Letter>().uuid), \(patient.uuid), 'digest', \(patient.uuid), \(day)::int, \(now), \(due))
            ON CONFLICT ON CONSTRAINT letter_once DO NOTHING
            """)
        let digest = try await tx.first(
            """
            SELECT id FROM letter WHERE about = \(patient.uuid) AND version = \(day)::int AND kind = 'digest' AND state = 'waiting'
                AND handed_at IS NULL FOR UPDATE
            """, as: UUID.self)
        guard let digest else { return false }
        return try await tx.run(
            """
            UPDATE letter SET state = 'gathered', digest = \(digest), next_at = NULL WHERE id = \(letter.uuid) AND state = 'waiting'
            """) == 1
    }

    /// Of several that are due, after an outage, the last tells of everything. - Returns: false where this is not the last.
    func isLast(now: Date, in zone: TimeZone, _ tx: Transaction) async throws -> Bool {
        let current = Self.next(after: now, in: zone).day
        let last = try await tx.first(
            """
            SELECT id FROM letter WHERE about = \(patient.uuid) AND kind = 'digest' AND state = 'waiting' AND handed_at IS NULL
                AND (version < \(current) OR version = \(day)) ORDER BY version DESC LIMIT 1 FOR UPDATE
            """, as: UUID.self)
        guard let last, last != id.uuid else { return true }
        tx.queue("UPDATE letter SET digest = \(last) WHERE digest = \(id.uuid) AND state = 'gathered'")
        try await tx.run(
            "UPDATE letter SET state = 'dropped', reason = \(Reason.overtaken), next_at = NULL WHERE id = \(id.uuid) AND state = 'waiting'")
        return false
    }

    /// How much there is of each kind; what is not wanted at all any more is left out.
    func lines(_ tx: Transaction) async throws -> [Line] {
        let kinds = Self.topics.keys.sorted()
        let choices = kinds.compactMap { Self.topics[$0] }.map { MessageChoice.code($0, .email) }
        return try await tx.all(
            """
            SELECT kind, count(*) FROM letter JOIN unnest(\(kinds), \(choices)) AS known (kind, choice) USING (kind)
            WHERE digest = \(id.uuid) AND state = 'gathered' AND NOT EXISTS (
                SELECT FROM preference p WHERE p.patient = letter.patient AND known.choice = ANY (p.unwanted))
            GROUP BY kind ORDER BY kind
            """, as: String.self, Int.self
        ).map { Line(kind: $0.0, count: $0.1) }
    }
}
