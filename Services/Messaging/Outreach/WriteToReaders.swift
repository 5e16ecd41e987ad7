internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Writes to an outreach's readers, each in a thread of their own: at most 300 a minute, one commit for the thread, its message and that they were
/// written to, so that however this ends nobody is written to twice, and nobody is left out.
struct WriteToReaders: Sendable {
    private static let atOnce = 10
    private static let pause = Duration.seconds(2)

    let database: any WorkerTransactions
    let threads: ThreadStore

    func run() async throws {
        while !Task.isCancelled {
            _ = try await round()
            try await Task.sleep(for: Self.pause)
        }
    }

    /// - Returns: how many were written to; nil where nobody waits to be.
    @discardableResult
    func round() async throws -> Int? {
        try await database.transaction { tx in try await write(tx) }
    }

    private func write(_ tx: Transaction) async throws -> Int? {
        guard let open = try await OutreachRow.first(in: .sending, alone: true, tx) else { return nil }
        let words = tx.later("SELECT subject, body FROM outreach WHERE id = \(open.id)")
        let pool = tx.later("SELECT p.code, p.zone, clock_timestamp() FROM purpose u JOIN pool p ON p.code = u.pool WHERE u.code = \(open.purpose)")
        // They may have said so since they were chosen.
        tx.queue(
            """
            UPDATE outreach_reader r SET state = 'leftOut', reason = 'notWanted' FROM outreach_refused f
            WHERE r.outreach = \(open.id) AND r.state = 'chosen' AND f.patient = r.patient
            """)
        let readers = try await tx.all(
            "SELECT patient FROM outreach_reader WHERE outreach = \(open.id) AND state = 'chosen' ORDER BY patient LIMIT \(Self.atOnce)",
            as: UUID.self)
        guard !readers.isEmpty else {
            try await tx.run("UPDATE outreach SET state = 'sent', ended_at = now() WHERE id = \(open.id)")
            return 0
        }
        guard let (subject, body) = try words.first(as: [UInt8].self, [UInt8].self),
            let (code, zone, now) = try pool.first(as: String.self, String?.self, Date.self), let zone
        else { throw TryLater("no-zone") }
        let (title, text) = (threads.opened(subject, "subject", ofOutreach: open.id), threads.opened(body, "body", ofOutreach: open.id))
        for reader in readers {
            let (patient, thread) = (ID<Patient>(reader), ID<MessageThread>())
            tx.queue(
                """
                INSERT INTO thread (id, patient, purpose, subject, state, pool, waiting_since, promised_at, zone, opened_at, changed_at, outreach)
                VALUES (\(thread.uuid), \(reader), \(open.purpose), \(try threads.sealed(title, of: patient, "thread", "subject", row: thread.uuid)),
                    'answered', \(code), \(now), \(now), \(zone), \(now), \(now), \(open.id))
                """)
            try threads.insert(.v7(), in: thread, of: patient, text, by: open.author, at: now, tx)
            try tx.emit(TaskChanged(thread: thread, version: 1, patient: patient, state: .answered, level: 0))
        }
        try await tx.run(
            "UPDATE outreach_reader SET state = 'sent', sent_at = now() WHERE outreach = \(open.id) AND patient = ANY (\(readers))")
        return readers.count
    }
}
