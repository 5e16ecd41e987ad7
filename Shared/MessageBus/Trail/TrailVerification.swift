public import AuditTrail
public import Crypto
public import Foundation
public import Postgres

/// What is wrong with a trail, and the first row it is wrong with.
public struct TrailFinding: Sendable, Equatable, Codable {
    public enum Problem: String, Sendable, Codable {
        /// The entry does not fit the code it was written with.
        case edited
        /// The entry, its place in the chain, or both are gone.
        case removed
        /// The entry is whole and stands where another was sealed.
        case outOfPlace = "out-of-place"
        /// What was sealed here is not what the file outside the database says.
        case sealedAnew = "sealed-anew"
        /// The signature is not this service's.
        case badSignature = "bad-signature"
        /// Nobody signed the end of the chain.
        case unsigned
        /// A second entry with the id of another.
        case copied
        /// Not written by this service.
        case forged
        /// Written long ago, and never sealed.
        case neverSealed = "never-sealed"
        /// The file outside the database is not there, ends too early or holds something else.
        case fileIsNotWhole = "file-is-not-whole"
    }

    public var problem: Problem
    /// In the chain, from 1; nil when the row has no place there.
    public var position: Int64?
    /// The entry's id, where it is known.
    public var entry: String?
    /// When it was written, where it is known.
    public var at: Date?

    /// - Parameter line: of the entry, where it is known.
    public init(_ problem: Problem, _ position: Int64?, _ line: TrailLine? = nil) {
        self.problem = problem
        self.position = position
        let fields = line?.fields
        entry = fields?[0]
        at = fields.flatMap { Double($0[1]) }.map { Date(timeIntervalSince1970: $0 / 1_000_000) }
    }
}

/// What came of a verification.
public struct TrailReport: Sendable, Equatable, Codable {
    public var service: String
    /// Where the trail is kept: `own`, or `copy` for the audit service's copy of another's.
    public var kept: String
    /// Entries in the chain that were found good.
    public var entries: Int64
    /// Entries written and not sealed yet.
    public var unsealed: Int
    /// Of a copy: entries, among those found good, whose part has come and waits to be tried again.
    public var waiting: Int?
    /// Nil when the trail is whole.
    public var finding: TrailFinding?

    public init(service: String, kept: String, entries: Int64 = 0, unsealed: Int = 0, finding: TrailFinding? = nil) {
        self.service = service
        self.kept = kept
        self.entries = entries
        self.unsealed = unsealed
        self.finding = finding
    }
}

/// Goes through a service's whole trail, from the first entry to the last, and stops at the first row that is wrong. Reads only.
public struct TrailVerification: Sendable {
    /// Of the signatures one in so many is checked, and the last; where one is bad, those before it are looked at too. The file has them all.
    private static let stride = 50
    private static let soon: TimeInterval = 600

    private let service: String
    private let pool: PostgresPool
    private let key: SymmetricKey
    private let verifier: TrailVerifier
    private let path: String
    private let pageSize: Int

    /// - Parameter page: rows read at once.
    public init(service: String, pool: PostgresPool, key: SymmetricKey, verifier: TrailVerifier, file: TrailFile, page: Int = 20_000) {
        pageSize = page
        self.service = service
        self.pool = pool
        self.key = key
        self.verifier = verifier
        path = file.path
    }

    private struct Row: Sendable {
        let position: Int64
        let line: TrailLine
        /// Nil when there is no such entry.
        let mac: [UInt8]?
        let link: [UInt8]
        let signedAt: Date?
        let signature: [UInt8]?
    }

    public func run() async throws -> TrailReport {
        var report = TrailReport(service: service, kept: "own")
        var state = Walk(key: key, verifier: verifier, stride: Self.stride, path: path)
        while report.finding == nil {
            var rows = try await page(after: state.position)
            repeat {
                // The next page is fetched while this one is looked at.
                let last = rows.count < pageSize ? nil : rows.last?.position
                async let next = following(last)
                report.finding = state.walk(rows)
                rows = try await next
            } while report.finding == nil && !rows.isEmpty
            guard report.finding == nil else { break }
            // What the file has more is an entry that was sealed since, or one that is gone.
            guard state.fileGoesOn() else { break }
            if try await page(after: state.position).isEmpty { report.finding = state.goneTail() }
        }
        report.entries = state.position
        if report.finding == nil { report.finding = state.end(now: Date()) }
        if report.finding == nil { report.finding = try await copied() }
        if report.finding == nil { (report.unsealed, report.finding) = try await unsealed() }
        return report
    }

    private func following(_ last: Int64?) async throws -> [Row] {
        guard let last else { return [] }
        return try await page(after: last)
    }

    private func page(after position: Int64) async throws -> [Row] {
        try await pool.asWorker(of: service) { tx in
            try await tx.all(
                """
                SELECT l.position, \(TrailLine.sql), e.mac, l.link, l.signed_at, l.signature
                FROM audit_link l LEFT JOIN audit_entry e ON e.seq = l.entry
                WHERE l.position > \(position) ORDER BY l.position LIMIT \(pageSize)
                """, as: Int64.self, String.self, [UInt8]?.self, [UInt8].self, Date?.self, [UInt8]?.self)
        }.map { Row(position: $0, line: TrailLine($1), mac: $2, link: $3, signedAt: $4, signature: $5) }
    }

    private func copied() async throws -> TrailFinding? {
        try await pool.asWorker(of: service) { tx in
            try await tx.first(
                """
                SELECT l.position, \(TrailLine.sql)
                FROM (SELECT id FROM audit_entry GROUP BY id HAVING count(*) > 1 LIMIT 1000) twice
                JOIN audit_entry e USING (id) LEFT JOIN audit_link l ON l.entry = e.seq
                ORDER BY l.position DESC NULLS FIRST LIMIT 1
                """, as: Int64?.self, String.self)
        }.map { TrailFinding(.copied, $0, TrailLine($1)) }
    }

    private func unsealed() async throws -> (Int, TrailFinding?) {
        let rows = try await pool.asWorker(of: service) { tx in
            try await tx.all(
                """
                SELECT \(TrailLine.sql), e.mac, extract(epoch FROM now() - e.at)::float8 FROM audit_entry e
                WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.entry = e.seq) ORDER BY e.seq LIMIT \(pageSize)
                """, as: String.self, [UInt8].self, Double.self)
        }
        for (text, mac, age) in rows {
            let line = TrailLine(text)
            guard line.isValid(mac: mac, key: key) else { return (rows.count, TrailFinding(.forged, nil, line)) }
            guard age < Self.soon else { return (rows.count, TrailFinding(.neverSealed, nil, line)) }
        }
        return (rows.count, nil)
    }

    /// The state of going through the chain, row by row.
    private struct Walk: ~Copyable {
        let key: SymmetricKey
        let verifier: TrailVerifier
        let stride: Int
        private static let behind: TimeInterval = 60
        private(set) var position: Int64 = 0
        private var link: [UInt8]
        private var lines: TrailFileLines?
        /// Read ahead, and not of a row seen yet.
        private var ahead: [UInt8]?
        /// The first position the file lacks.
        private var notInFile: TrailFinding?
        private var expected: [UInt8] = []
        /// The last line that was what it should be.
        private var matched: [UInt8] = []
        private var heads: [(TrailHead, [UInt8], TrailLine)] = []
        private var lastIsSigned = true

        init(key: SymmetricKey, verifier: TrailVerifier, stride: Int, path: String) {
            self.key = key
            self.verifier = verifier
            self.stride = stride
            link = verifier.chain.start
            lines = TrailFileLines(path: path)
        }

        mutating func walk(_ rows: [Row]) -> TrailFinding? {
            for row in rows { if let finding = check(row) { return finding } }
            return nil
        }

        private mutating func check(_ row: Row) -> TrailFinding? {
            let place = position + 1
            guard row.position == place, let mac = row.mac else {
                return TrailFinding(.removed, place, fileLine(at: place))
            }
            guard row.line.isValid(mac: mac, key: key) else { return TrailFinding(.edited, place, row.line) }
            let entry = SealedEntry(
                position: place, line: row.line, mac: mac, link: row.link, signedAt: row.signedAt, signature: row.signature)
            let follows = TrailChain.link(after: link, row.line, mac: mac) == row.link
            expected.removeAll(keepingCapacity: true)
            entry.appendFileLine(to: &expected)
            switch compareWithFile(place) {
            case .same: swap(&matched, &expected)
            case .missing:
                // What is appended from now on is not looked at any more.
                if notInFile == nil { notInFile = TrailFinding(.fileIsNotWhole, place, row.line) }
            case .differs(let other):
                // Which of the two is wrong: the chain knows, unless it was made anew.
                guard follows else { return TrailFinding(.outOfPlace, place, row.line) }
                return TrailFinding(other == nil ? .fileIsNotWhole : .sealedAnew, place, other ?? row.line)
            }
            guard follows else { return TrailFinding(.outOfPlace, place, row.line) }
            if let head = entry.head, let signature = row.signature {
                heads.append((head, signature, row.line))
                if heads.count >= stride, let finding = checkHeads() { return finding }
            }
            lastIsSigned = row.signature != nil
            position = place
            link = row.link
            return nil
        }

        /// - Returns: the first bad one, when the last is bad.
        private mutating func checkHeads() -> TrailFinding? {
            defer { heads.removeAll(keepingCapacity: true) }
            guard let last = heads.last, !verifier.isGood(last.1, of: last.0) else { return nil }
            let bad = heads.first { !verifier.isGood($0.1, of: $0.0) } ?? last
            return TrailFinding(.badSignature, bad.0.position, bad.2)
        }

        mutating func end(now: Date) -> TrailFinding? {
            if let finding = checkHeads() { return finding }
            guard lastIsSigned else { return TrailFinding(.unsigned, position) }
            // The file is a moment behind the chain, never more.
            guard let first = notInFile, let at = first.at, abs(now.timeIntervalSince(at)) < Self.behind else { return notInFile }
            return nil
        }

        // MARK: The file

        private enum Comparison {
            case same, missing
            /// With the line of the entry that the file has there, if it is one.
            case differs(TrailLine?)
        }

        private mutating func compareWithFile(_ place: Int64) -> Comparison {
            while let line = takeLine() {
                if line == expected { return .same }
                // What a crash left of a line.
                if line.count < expected.count, expected.starts(with: line) { continue }
                let parsed = Self.parse(line)
                return .differs(parsed?.position == place ? parsed?.line : nil)
            }
            return .missing
        }

        private mutating func takeLine() -> [UInt8]? {
            guard notInFile == nil else { return nil }
            if let line = ahead.take() { return line }
            while let line = lines?.nextLine() {
                // Whole, but for the end of its line: it was written again.
                if !line.elementsEqual(matched) { return Array(line) }
            }
            return nil
        }

        private mutating func fileLine(at place: Int64) -> TrailLine? {
            while let line = takeLine() {
                guard let parsed = Self.parse(line), parsed.position <= place else { continue }
                if parsed.position == place { return parsed.line }
            }
            return nil
        }

        mutating func fileGoesOn() -> Bool {
            guard let line = takeLine() else { return false }
            ahead = line
            return true
        }

        mutating func goneTail() -> TrailFinding {
            let line = takeLine().flatMap { Self.parse($0) }
            return TrailFinding(line == nil ? .fileIsNotWhole : .removed, position + 1, line?.line)
        }

        private static func parse(_ line: [UInt8]) -> (position: Int64, line: TrailLine)? {
            let fields = line.split(separator: 9, omittingEmptySubsequences: false)
            guard fields.count == 18, let position = Int64(String(decoding: fields[0], as: UTF8.self)) else { return nil }
            return (position, TrailLine(bytes: Array(fields[1...13].joined(separator: [9]))))
        }
    }
}
