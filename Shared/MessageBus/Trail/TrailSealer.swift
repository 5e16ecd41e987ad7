public import AuditTrail
internal import Contracts
internal import CoreMetrics
public import Crypto
internal import Faults
internal import Foundation
public import Logging
public import Postgres

/// Gives committed audit entries their places in the chain, signs the last, tells the audit service and appends them to the file outside the
/// database. One sealer a schema works at a time, however many instances run; each instance keeps the file up by itself.
///
/// Writers do not wait for it and take no part in it: an entry has no place until it is seen committed, so it does not matter in which order
/// transactions that ran side by side end.
public actor TrailSealer {
    /// Why nothing is sealed any more: the trail in the database is not the one that was sealed.
    public enum Broken: String, Error, Sendable {
        /// The file has entries that the database has not: an older copy was restored, or the newest entries were removed.
        case shorterThanTheFile = "shorter-than-the-file"
        case differsFromTheFile = "differs-from-the-file"
        /// An entry that has its place is gone.
        case entryIsGone = "entry-is-gone"
    }

    /// How many entries one signature is for, at most.
    public static let batch = 500
    private static let pause = Duration.milliseconds(700)
    /// Another instance that has sealed within this time is left to it.
    private static let turn: TimeInterval = 3
    /// How long an entry may be begun and not committed; more than any statement may take.
    private static let patience = Duration.seconds(600)
    /// When the transactions that run are those that may still bring a missing entry: it has its transaction's number by then.
    private static let numbered = Duration.seconds(60)
    private static let mostGaps = 20_000

    /// What one instance knows from having sealed last; anybody else begins with what is written down.
    private struct Memory {
        var position: Int64
        /// Every entry beyond is new.
        var top: Int64
        /// Entries begun before `top` that nobody has seen yet: not committed, or never to be.
        var gaps: [Int64: Gap]
    }

    private struct Gap {
        var since: ContinuousClock.Instant
        /// The first transaction that can have nothing to do with it.
        var until: Int64?
    }

    private let service: String
    private let pool: PostgresPool
    private let key: SymmetricKey
    private let signer: TrailSigner
    private let file: TrailFile
    private let logger: Logger
    private let sealed: @Sendable () -> Void
    private var memory: Memory?

    /// - Parameters:
    ///   - key: of the entries' MACs.
    ///   - sealed: called after a commit that told the audit service something.
    public init(
        service: String, pool: PostgresPool, key: SymmetricKey, signer: TrailSigner, file: TrailFile, logger: Logger,
        sealed: @escaping @Sendable () -> Void = {}
    ) {
        self.service = service
        self.pool = pool
        self.key = key
        self.signer = signer
        self.file = file
        self.logger = logger
        self.sealed = sealed
    }

    /// Seals until the task is cancelled.
    public func run() async {
        var wasBroken = false
        while !Task.isCancelled {
            do {
                while try await seal() == Self.batch {}
                try await keepFile()
                if wasBroken { logger.info("audit trail is whole again") }
                wasBroken = false
            } catch let broken as Broken {
                // Going on would hide what has happened.
                if !wasBroken { logger.critical("audit trail is broken: nothing more is sealed", metadata: ["reason": "\(broken.rawValue)"]) }
                wasBroken = true
            } catch let error as TrailFile.Failure {
                logger.error("audit file cannot be kept", metadata: ["reason": "\(error)"])
            } catch {
                let reason = Reason(error)
                if !reason.isAway { logger.error("sealing failed", metadata: ["reason": "\(reason.code)"]) }
            }
            Gauge(label: "chartline_trail_broken").record(wasBroken ? 1 : 0)
            try? await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2))
        }
    }

    private struct Found: Sendable {
        let seq: Int64
        let line: TrailLine
        let mac: [UInt8]
    }

    private struct Round: Sendable {
        let last: Int64
        let gapsFound: [Int64]
        let found: [Found]
        let newTop: Int64
        let sealed: Int
        let snapshot: (min: Int64, max: Int64)
    }

    /// Seals what is committed and has no place yet, at most a batch. - Returns: how many.
    @discardableResult
    public func seal() async throws -> Int {
        let known = memory
        memory = nil  // until the commit is known
        let end = try await file.end()
        let round = try await pool.asWorker(of: service) { tx in try await self.round(tx, known, end) }
        guard let round else {
            memory = known
            return 0
        }
        remember(round, known)
        if round.sealed > 0 { sealed() }
        return round.sealed
    }

    private nonisolated func round(_ tx: Transaction, _ known: Memory?, _ end: TrailFile.End?) async throws -> Round? {
        let mine = tx.later("SELECT pg_try_advisory_xact_lock(hashtextextended(\("trail/" + service), 0))")
        let bounds = tx.later(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::int8, pg_snapshot_xmax(pg_current_snapshot())::text::int8")
        let atEnd = tx.later("SELECT link FROM audit_link WHERE position = \(end?.position ?? 0)")
        let last = try await tx.first(
            """
            SELECT position, link, (SELECT seq FROM audit_resume), coalesce(signed_at > now() - make_interval(secs => \(Self.turn)), false)
            FROM audit_link ORDER BY position DESC LIMIT 1
            """, as: Int64.self, [UInt8].self, Int64.self, Bool.self)
        guard try mine.first(as: Bool.self) == true || Fault.sealersTogether.isOn else { return nil }
        if let end {
            guard let link = try atEnd.first(as: [UInt8].self) else { throw Broken.shorterThanTheFile }
            guard link == end.link else { throw Broken.differsFromTheFile }
        }
        let goesOn = known.map { $0.position == last?.0 ?? 0 } ?? false
        if !goesOn, let last, last.3, !Fault.sealersTogether.isOn { return nil }

        let top = goesOn ? known?.top ?? 0 : last?.2 ?? 0
        let gaps = goesOn ? Array((known?.gaps ?? [:]).keys) : []
        let late = tx.later(
            """
            SELECT e.seq, \(TrailLine.sql), e.mac FROM audit_entry e
            WHERE e.seq = ANY(\(gaps)) AND NOT EXISTS (SELECT FROM audit_link l WHERE l.entry = e.seq) ORDER BY e.seq LIMIT \(Self.batch)
            """)
        let highest = tx.later("SELECT coalesce(max(entry), 0) FROM audit_link")
        let fresh = try await tx.all(
            """
            SELECT e.seq, \(TrailLine.sql), e.mac FROM audit_entry e
            WHERE e.seq > \(top) AND NOT EXISTS (SELECT FROM audit_link l WHERE l.entry = e.seq) ORDER BY e.seq LIMIT \(Self.batch)
            """, as: Int64.self, String.self, [UInt8].self)
        let rows = try (late.all(as: Int64.self, String.self, [UInt8].self) + fresh).prefix(Self.batch)
        let found = rows.map { Found(seq: $0, line: TrailLine($1), mac: $2) }

        // Whatever lies between what has been looked at and what is there now, and has no place, may still come.
        let linked = try highest.first(as: Int64.self) ?? 0
        let newTop = max(top, found.map(\.seq).max() ?? 0, goesOn ? 0 : min(linked, fresh.count < Self.batch ? .max : fresh.first?.0 ?? .max))
        let gapsFound: [Int64]
        if goesOn {
            let there = Set(found.map(\.seq))
            gapsFound = newTop > top ? ((top + 1)...newTop).filter { !there.contains($0) } : []
        } else {
            gapsFound = try await tx.all(
                """
                SELECT g FROM generate_series(\(top + 1), \(newTop)) g
                WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.entry = g) AND g <> ALL (\(found.map(\.seq)))
                ORDER BY g LIMIT \(Self.mostGaps)
                """, as: Int64.self)
        }
        let snapshot: (Int64, Int64) = try bounds.first(as: Int64.self, Int64.self) ?? (0, 0)
        let open = Set(gaps).union(gapsFound).subtracting(found.map(\.seq))
        if !found.isEmpty {
            try link(found, after: last.map { ($0.0, $0.1) }, resume: min(newTop, (open.min() ?? .max) - 1), in: tx)
            try await tx.flush()
        }
        return Round(
            last: last?.0 ?? 0, gapsFound: gapsFound, found: found, newTop: newTop, sealed: found.count, snapshot: (snapshot.0, snapshot.1))
    }

    private nonisolated func link(_ found: [Found], after last: (Int64, [UInt8])?, resume: Int64, in tx: Transaction) throws {
        let (position, before) = last ?? (0, signer.chain.start)
        var link = before
        var links: [UInt8] = []
        links.reserveCapacity(found.count * 32)
        for (offset, entry) in found.enumerated() {
            if !entry.line.isValid(mac: entry.mac, key: key) {
                // It gets its place like any other: what stands in the table is what is told.
                logger.critical("audit entry was not written by this service", metadata: ["position": "\(position + Int64(offset) + 1)"])
            }
            link = TrailChain.link(after: link, entry.line, mac: entry.mac)
            links += link
        }
        let head = TrailHead(position: position + Int64(found.count), link: link, signedAt: Date())
        let signature = try signer.signature(of: head)
        tx.queue(
            """
            INSERT INTO audit_link (position, entry, link, signed_at, signature)
            SELECT \(position) + n, entry, substring(\(links) FROM (n::int - 1) * 32 + 1 FOR 32),
                CASE WHEN n = \(found.count) THEN \(head.signedAt) END, CASE WHEN n = \(found.count) THEN \(signature) END
            FROM unnest(\(found.map(\.seq))) WITH ORDINALITY AS u (entry, n)
            """)
        tx.queue("UPDATE audit_resume SET seq = \(resume)")
        let part = TrailSealed(
            first: Int(position) + 1, after: Data(before), lines: found.map { "\($0.line.text)\t\($0.mac.lowHex)" }, link: Data(link),
            signedAtMicroseconds: Int((head.signedAt.timeIntervalSince1970 * 1_000_000).rounded()), signature: Data(signature))
        try tx.emit(part, of: service)
    }

    private func remember(_ round: Round, _ known: Memory?) {
        let goesOn = known.map { $0.position == round.last } ?? false
        var next = Memory(position: round.last + Int64(round.sealed), top: round.newTop, gaps: goesOn ? known?.gaps ?? [:] : [:])
        let now = ContinuousClock.now
        for seq in round.gapsFound { next.gaps[seq] = Gap(since: now) }
        for entry in round.found { next.gaps[entry.seq] = nil }
        for (seq, gap) in next.gaps {
            if gap.until == nil, now - gap.since > Self.numbered { next.gaps[seq]?.until = round.snapshot.max }
            if let until = gap.until, until <= round.snapshot.min, now - gap.since > Self.patience { next.gaps[seq] = nil }
        }
        // So many that something is wrong: the next round begins from what is written down.
        memory = next.gaps.count > Self.mostGaps ? nil : next
    }

    /// Brings the file up to the chain.
    public func keepFile() async throws {
        while true {
            let end = try await file.end()
            let rows = try await pool.asWorker(of: service) { tx in
                try await tx.all(
                    """
                    SELECT l.position, \(TrailLine.sql), e.mac, l.link, l.signed_at, l.signature
                    FROM audit_link l LEFT JOIN audit_entry e ON e.seq = l.entry
                    WHERE l.position > \(end?.position ?? 0) ORDER BY l.position LIMIT \(Self.batch * 4)
                    """, as: Int64.self, String.self, [UInt8]?.self, [UInt8].self, Date?.self, [UInt8]?.self)
            }
            guard !rows.isEmpty else { return }
            let entries = try rows.map { position, line, mac, link, signedAt, signature in
                guard let mac else { throw Broken.entryIsGone }
                return SealedEntry(position: position, line: TrailLine(line), mac: mac, link: link, signedAt: signedAt, signature: signature)
            }
            _ = try await file.append(entries, after: end)
        }
    }
}
