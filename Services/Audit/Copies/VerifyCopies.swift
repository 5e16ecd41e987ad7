internal import AuditTrail
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import ServiceHost

/// Goes through the copies of every trail: whether each entry follows the one before it, and whether the services have signed that. It needs their
/// public keys and nothing of theirs: not their databases, not their secrets.
@Sendable func verifyCopies(_ settings: Settings, _ pool: PostgresPool) async throws -> [TrailReport] {
    try await verifyCopies(TrailKeys(settings), pool)
}

func verifyCopies(_ keys: TrailKeys, _ pool: PostgresPool) async throws -> [TrailReport] {
    var reports: [TrailReport] = []
    for (_, verifier) in keys.verifiers.sorted(by: { $0.key < $1.key }) {
        var walk = CopyWalk(verifier: verifier)
        repeat {} while try await walk.walk(pool)
        reports.append(walk.report)
    }
    return reports
}

private struct CopyWalk {
    private static let page = 20_000

    let verifier: TrailVerifier
    private(set) var report: TrailReport
    private var link: [UInt8]
    private var lastIsSigned = true

    init(verifier: TrailVerifier) {
        self.verifier = verifier
        link = verifier.chain.start
        report = TrailReport(service: verifier.chain.service, kept: "copy")
    }

    /// - Returns: true while there is more to look at.
    mutating func walk(_ pool: PostgresPool) async throws -> Bool {
        let service = verifier.chain.service
        let after = report.entries
        let rows = try await pool.asWorker(of: "audit") { tx in
            try await tx.all(
                """
                SELECT e.position, \(TrailLine.sql), e.mac, e.link, e.signed_at, e.signature FROM entry_copy e
                WHERE e.service = \(service) AND e.position > \(after) ORDER BY e.position LIMIT \(Self.page)
                """, as: Int64.self, String.self, [UInt8].self, [UInt8].self, Date?.self, [UInt8]?.self)
        }
        for (position, text, mac, link, signedAt, signature) in rows {
            // What is not here may be on its way, or have come since.
            if position != report.entries + 1, try await passesWaiting(pool) { return true }
            let entry = SealedEntry(
                position: position, line: TrailLine(text), mac: mac, link: link, signedAt: signedAt, signature: signature)
            report.finding = check(entry)
            guard report.finding == nil else { return false }
            (self.link, report.entries, lastIsSigned) = (link, position, signature != nil)
        }
        if rows.count == Self.page { return true }
        if try await passesWaiting(pool) { return true }
        if !lastIsSigned { report.finding = TrailFinding(.unsigned, report.entries) }
        return false
    }

    /// Goes on over a part that has come and could not be copied yet: it waits to be tried again, and is as good as its service's signature says.
    /// - Returns: true when there is something to go on with.
    private mutating func passesWaiting(_ pool: PostgresPool) async throws -> Bool {
        let (service, place, after) = (verifier.chain.service, report.entries + 1, Data(link))
        let (copied, bodies) = try await pool.asWorker(of: "audit") { tx in
            let copied = tx.later("SELECT count(*) FROM entry_copy WHERE service = \(service) AND position = \(place)")
            let bodies = try await tx.all(
                """
                SELECT body FROM retry WHERE handler = \(Copies.handler) AND name = \(service + ".trail-sealed.v1")
                    AND (convert_from(body, 'UTF8')::jsonb ->> 'first')::int8 = \(place)
                """, as: [UInt8].self)
            return (try copied.first(as: Int.self) ?? 0, bodies)
        }
        if copied > 0 { return true }
        for body in bodies {
            guard let part = try? Wire.decode(TrailSealed.self, from: body), part.after == after,
                let entries = try? Copies.chained(part, of: verifier), let last = entries.last
            else { continue }
            report.waiting = (report.waiting ?? 0) + entries.count
            (link, report.entries, lastIsSigned) = (last.link, last.position, true)
            return true
        }
        return false
    }

    private func check(_ entry: SealedEntry) -> TrailFinding? {
        let place = report.entries + 1
        guard entry.position == place else { return TrailFinding(.removed, place) }
        guard TrailChain.link(after: link, entry.line, mac: entry.mac) == entry.link else { return TrailFinding(.outOfPlace, place, entry.line) }
        if let head = entry.head, !verifier.isGood(entry.signature ?? [], of: head) { return TrailFinding(.badSignature, place, entry.line) }
        return nil
    }
}
