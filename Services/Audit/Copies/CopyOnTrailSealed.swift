internal import Access
internal import AuditTrail
internal import Contracts
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres

/// Takes what every service has sealed.
struct Copies: Sendable {
    let keys: TrailKeys
    let logger: Logger

    /// A part is kept when its own service has signed it: each line is linked to the one before it, from the link it says it follows to the one
    /// that is signed. Parts may come in any order and more than once; one that says something else than what is kept is put aside.
    func copyOnTrailSealed(_ part: TrailSealed, of service: String, _ tx: Transaction) async throws {
        guard let verifier = keys.verifiers[service] else { throw TryLater("no-key-of-\(service)") }
        let entries = try Self.chained(part, of: verifier)
        guard let last = entries.last, let first = entries.first else { throw DeadLetter("empty-trail") }
        let kept = try await tx.first(
            "SELECT link FROM entry_copy WHERE service = \(service) AND position = \(last.position)", as: [UInt8].self)
        if let kept {
            guard kept == last.link else {
                logger.critical("audit trail was sealed twice, differently", metadata: ["of": "\(service)", "position": "\(last.position)"])
                throw DeadLetter("forked-trail")
            }
            return
        }
        let before = try await tx.first(
            "SELECT link FROM entry_copy WHERE service = \(service) AND position = \(first.position - 1)", as: [UInt8].self)
        guard before == nil || before == Array(part.after) else {
            logger.critical("audit trail does not go on where it ended", metadata: ["of": "\(service)", "position": "\(first.position)"])
            throw DeadLetter("forked-trail")
        }
        try keep(entries, of: service, in: tx)
    }

    static let handler = "copy-on-trail-sealed"

    /// The entries of a part, each with its link. - Throws: when its service has not signed them.
    static func chained(_ part: TrailSealed, of verifier: TrailVerifier) throws -> [SealedEntry] {
        var link = Array(part.after)
        var entries: [SealedEntry] = []
        for (offset, text) in part.lines.enumerated() {
            guard let tab = text.utf8.lastIndex(of: 9), let mac = [UInt8](lowHex: text.utf8[text.utf8.index(after: tab)...]) else {
                throw DeadLetter("undecodable line")
            }
            let line = TrailLine(String(text[..<tab]))
            link = TrailChain.link(after: link, line, mac: mac)
            entries.append(SealedEntry(position: Int64(part.first + offset), line: line, mac: mac, link: link))
        }
        guard var last = entries.popLast(), part.first > 0 else { throw DeadLetter("empty-trail") }
        last.signedAt = Date(timeIntervalSince1970: Double(part.signedAtMicroseconds) / 1_000_000)
        last.signature = Array(part.signature)
        guard let head = last.head, last.link == Array(part.link), verifier.isGood(Array(part.signature), of: head) else {
            throw DeadLetter("trail-not-signed-by-its-service")
        }
        return entries + [last]
    }

    private func keep(_ entries: [SealedEntry], of service: String, in tx: Transaction) throws {
        // One parameter a column and part; PostgreSQL takes the lines apart.
        let texts = entries.map { "\($0.position)\t\($0.line.text)\t\($0.mac.lowHex)\t\($0.link.lowHex)" }
        let last = entries.last
        let staff = Role.staff.map(\.rawValue)
        tx.queue(
            """
            WITH line AS MATERIALIZED (SELECT string_to_array(t, E'\\t') AS f FROM unnest(\(texts)) AS t),
            copied AS (
                INSERT INTO entry_copy (service, position, id, at, issuer, role, account, session, purpose, basis, action, patients, outcome, reason,
                    trace, mac, link, signed_at, signature)
                SELECT \(service), f[1]::int8, f[2]::uuid, timestamptz 'epoch' + f[3]::int8 * interval '1 microsecond', f[4], f[5],
                    nullif(f[6], '')::uuid, nullif(f[7], '')::uuid, f[8], substr(nullif(f[9], ''), 2), f[10],
                    coalesce(string_to_array(nullif(f[11], ''), ',')::uuid[], '{}'), f[12], substr(nullif(f[13], ''), 2),
                    substr(nullif(f[14], ''), 2), decode(f[15], 'hex'), decode(f[16], 'hex'),
                    CASE WHEN f[1]::int8 = \(last?.position) THEN \(last?.signedAt) END,
                    CASE WHEN f[1]::int8 = \(last?.position) THEN \(last?.signature) END
                FROM line
                ON CONFLICT DO NOTHING
                RETURNING patients, at, service, position, role, account, purpose, basis, action, outcome
            ), seen AS (
                -- In order: parts that are copied at the same time wait for each other, and never in a circle.
                INSERT INTO account_seen (account, last_at) SELECT account, max(at) FROM copied WHERE account IS NOT NULL GROUP BY account
                ORDER BY account ON CONFLICT (account) DO UPDATE SET last_at = greatest(account_seen.last_at, EXCLUDED.last_at)
            ), first AS (
                INSERT INTO first_done (account, action, at) SELECT account, action, min(at) FROM copied
                WHERE account IS NOT NULL AND outcome = 'done' AND role = ANY(\(staff)) GROUP BY account, action
                ORDER BY account, action ON CONFLICT ON CONSTRAINT first_done_once DO NOTHING
            )
            INSERT INTO access (patient, at, service, position, role, account, purpose, basis, action, outcome)
            SELECT DISTINCT p, at, service, position, role, account, purpose, basis, action, outcome FROM copied, unnest(patients) AS p
            ON CONFLICT DO NOTHING
            """)
    }
}
