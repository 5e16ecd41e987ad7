import AuditTrail
import Contracts
import Crypto
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

/// I31: whoever has the database, all of it, and not the keys, changes nothing unseen; the first bad row is named.
@Suite struct TamperTests {
    private static let entries = 48
    private static let seeds: Range<UInt64> = 1..<21

    /// The first row that is wrong afterwards: its position, or the id of an entry that has none.
    private enum Bad: Equatable {
        case position(Int64)
        case entry(String)
    }

    /// Does the same 20 times, each time to a trail that was whole before.
    private func tamper(_ attack: (Trail, inout SeededRandom) async throws -> Bad) async throws {
        try await withTrail(entries: Self.entries) { trail in
            try await trail.change(
                "CREATE TABLE kept_entry AS TABLE audit_entry", "CREATE TABLE kept_link AS TABLE audit_link",
                "ALTER TABLE audit_link DROP CONSTRAINT audit_link_pkey, DROP CONSTRAINT audit_link_entry_key",
                "ALTER TABLE audit_link DROP CONSTRAINT audit_link_signed, DROP CONSTRAINT audit_link_link_check",
                "ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_pkey, DROP CONSTRAINT audit_entry_outcome_check")
            for seed in Self.seeds {
                let whole = try await trail.verify()
                #expect(whole == TrailReport(service: "echo", kept: "own", entries: Int64(Self.entries)))
                var random = SeededRandom(seed)
                let bad = try await attack(trail, &random)
                let finding = try await trail.verify().finding
                switch bad {
                case .position(let position): #expect(finding?.position == position, "seed \(seed): \(String(describing: finding))")
                case .entry(let id): #expect(finding?.entry == id, "seed \(seed): \(String(describing: finding))")
                }
                try await trail.change(
                    "DELETE FROM audit_entry", "DELETE FROM audit_link", "INSERT INTO audit_entry OVERRIDING SYSTEM VALUE SELECT * FROM kept_entry",
                    "INSERT INTO audit_link SELECT * FROM kept_link")
            }
        }
    }

    private func position(_ random: inout SeededRandom, from first: Int = 1, to last: Int = entries) -> Int64 {
        Int64(Int.random(in: first...last, using: &random))
    }

    private func seq(at position: Int64) -> String { "(SELECT entry FROM kept_link WHERE position = \(position))" }

    @Test func anEditedColumn() async throws {
        let edits = [
            "id = gen_random_uuid()", "at = at + interval '1 microsecond'", "at = 'infinity'", "issuer = issuer || 'x'", "role = 'operator '",
            "account = gen_random_uuid()", "session = NULL", "purpose = ''", "basis = coalesce(basis, '')  || 'y'", "action = upper(action)",
            "patients = patients || gen_random_uuid()", "patients = patients || NULL::uuid", "outcome = 'denied'",
            "reason = CASE WHEN reason IS NULL THEN '' END", "trace = CASE WHEN trace IS NOT NULL THEN substr(trace, 2) ELSE '' END",
            "mac = sha256(mac)", "mac = ''",
        ]
        let ofLinks = ["position = position + 1000000", "entry = 0", "link = sha256(link)", "signature = sha256(link)", "signed_at = now()"]
        var number = 0
        try await tamper { trail, random in
            let place = position(&random)
            defer { number += 1 }
            if number < 16 {
                let edit = edits[(number * 5 + Int(random.next() % 5)) % edits.count]
                try await trail.change("UPDATE audit_entry SET \(edit) WHERE seq = \(seq(at: place))")
            } else {
                let edit = ofLinks[number % ofLinks.count]
                try await trail.change("UPDATE audit_link SET \(edit) WHERE position = \(place)")
            }
            return .position(place)
        }
    }

    @Test func aDeletedRowInTheMiddle() async throws {
        try await tamper { trail, random in
            let place = position(&random, to: Self.entries - 1)
            switch random.next() % 3 {
            case 0: try await trail.change("DELETE FROM audit_entry WHERE seq = \(seq(at: place))")
            case 1: try await trail.change("DELETE FROM audit_link WHERE position = \(place)")
            default:
                try await trail.change(
                    "DELETE FROM audit_entry WHERE seq = \(seq(at: place))", "DELETE FROM audit_link WHERE position = \(place)",
                    "UPDATE audit_link SET position = position - 1 WHERE position > \(place)")
            }
            return .position(place)
        }
    }

    @Test func aDeletedTail() async throws {
        try await tamper { trail, random in
            let place = position(&random)
            try await trail.change("DELETE FROM audit_link WHERE position >= \(place)")
            // With or without the entries: what is not in the chain could be taken for not sealed yet.
            if random.next() % 2 == 0 { try await trail.change("DELETE FROM audit_entry WHERE seq >= \(seq(at: place))") }
            return .position(place)
        }
    }

    @Test func twoRowsSwapped() async throws {
        try await tamper { trail, random in
            let first = position(&random, to: Self.entries - 1)
            let second = position(&random, from: Int(first) + 1)
            if random.next() % 2 == 0 {
                try await trail.change(
                    """
                    UPDATE audit_link SET entry = CASE position WHEN \(first) THEN \(seq(at: second)) ELSE \(seq(at: first)) END
                    WHERE position IN (\(first), \(second))
                    """)
            } else {
                try await trail.change(
                    """
                    UPDATE audit_link SET position = CASE position WHEN \(first) THEN \(second) ELSE \(first) END
                    WHERE position IN (\(first), \(second))
                    """)
            }
            return .position(first)
        }
    }

    @Test func anInsertedRow() async throws {
        try await tamper { trail, random in
            let place = position(&random)
            let kind = random.next() % 3
            let columns = "at, issuer, role, account, session, purpose, basis, action, patients, outcome, reason, trace, mac"
            let id = UUID()
            try await trail.change(
                """
                INSERT INTO audit_entry (id, seq, \(columns)) OVERRIDING SYSTEM VALUE
                SELECT \(kind == 1 ? "id" : "'\(id)'"), 1000000, \(columns) FROM audit_entry WHERE seq = \(seq(at: place))
                """)
            switch kind {
            case 0: return .entry(id.text)  // only a row in the table
            case 1:
                // A copy of an entry of this service, not in the chain.
                let copied = try await trail.superuser.first(SQL(trusted: "SELECT id FROM echo.audit_entry WHERE seq = 1000000"), as: UUID.self)
                return .entry(copied?.text ?? "")
            default:
                try await trail.change(
                    "UPDATE audit_link SET position = position + 1 WHERE position >= \(place)",
                    "INSERT INTO audit_link (position, entry, link) VALUES (\(place), 1000000, sha256('made up'))")
                return .position(place)
            }
        }
    }

    @Test func anOldCopyRestored() async throws {
        try await tamper { trail, random in
            let place = position(&random)
            try await trail.change(
                "DELETE FROM audit_link WHERE position >= \(place)", "DELETE FROM audit_entry WHERE seq >= \(seq(at: place))",
                "UPDATE audit_link SET signed_at = k.signed_at FROM kept_link k WHERE k.position = audit_link.position")
            // Whatever is written from then on is not sealed: that would hide it.
            try await trail.write(0..<2)
            await #expect(throws: TrailSealer.Broken.shorterThanTheFile) { try await trail.sealer().seal() }
            return .position(place)
        }
    }

    /// The chain is no secret: whoever has the database computes it anew, over what it shall say, and signs it with a key of one's own.
    @Test func aChainMadeAnew() async throws {
        let stranger = try #require(TrailSigner(of: Trail.service, seed: [UInt8](repeating: 8, count: 32)))
        try await tamper { trail, random in
            let place = position(&random, to: Self.entries - 1)
            switch random.next() % 3 {
            case 0: try await trail.change("UPDATE audit_entry SET role = 'worker', issuer = 'x' WHERE seq = \(seq(at: place))")
            case 1:
                try await trail.change(
                    "DELETE FROM audit_entry WHERE seq = \(seq(at: place))", "DELETE FROM audit_link WHERE position = \(place)",
                    "UPDATE audit_link SET position = position - 1 WHERE position > \(place)")
            default:
                let entry = trail.entry(3)
                try await trail.under.pool.asWorker(of: Trail.service) { $0.queue(entry.insert(key: SymmetricKey(size: .bits256))) }
                try await trail.change(
                    "UPDATE audit_link SET position = position + 1 WHERE position >= \(place)",
                    "INSERT INTO audit_link SELECT \(place), max(seq), sha256('') FROM audit_entry")
            }
            try await reseal(trail, with: stranger)
            return .position(place)
        }
    }

    /// And if the stranger has the file too, there is the signature.
    @Test func aChainAndAFileMadeAnew() async throws {
        let stranger = try #require(TrailSigner(of: Trail.service, seed: [UInt8](repeating: 8, count: 32)))
        try await withTrail(entries: Self.entries) { trail in
            try await trail.change(
                "ALTER TABLE audit_link DROP CONSTRAINT audit_link_pkey",
                "DELETE FROM audit_entry WHERE seq = (SELECT entry FROM audit_link WHERE position = 70)",
                "DELETE FROM audit_link WHERE position = 70",
                "UPDATE audit_link SET position = position - 1 WHERE position > 70")
            try await reseal(trail, with: stranger)
            try FileManager.default.removeItem(atPath: trail.file.path)
            try await trail.sealer().keepFile()
            #expect(try await trail.verify().finding?.problem == .badSignature)
        }
    }

    @Test func aFileThatIsGoneOrOlder() async throws {
        try await withTrail(entries: 20) { trail in
            let young = try #require(FileManager.default.contents(atPath: trail.file.path))
            try young.prefix(young.count / 2).write(to: URL(filePath: trail.file.path))
            // The file is a moment behind the chain, never more.
            #expect(try await trail.verify().finding == nil)
            try young.write(to: URL(filePath: trail.file.path))
            try await trail.write(20..<30, at: Date().addingTimeInterval(-120))
            try await trail.sealAll()
            let bytes = try #require(FileManager.default.contents(atPath: trail.file.path))
            try bytes.prefix(bytes.count - 1_000).write(to: URL(filePath: trail.file.path))
            #expect(try await trail.verify().finding?.problem == .fileIsNotWhole)
            var edited = bytes
            edited[bytes.count / 2] ^= 1
            try edited.write(to: URL(filePath: trail.file.path))
            #expect(try await trail.verify().finding != nil)
            try bytes.write(to: URL(filePath: trail.file.path))
            #expect(try await trail.verify().finding == nil)
        }
    }

    private func reseal(_ trail: Trail, with signer: TrailSigner) async throws {
        let rows = try await trail.superuser.all(
            """
            SELECT l.position, \(TrailLine.sql), e.mac FROM echo.audit_link l JOIN echo.audit_entry e ON e.seq = l.entry ORDER BY l.position
            """, as: Int64.self, String.self, [UInt8].self)
        var link = signer.chain.start
        var statements: [SQL] = []
        for (position, line, mac) in rows {
            link = TrailChain.link(after: link, TrailLine(line), mac: mac)
            let head = TrailHead(position: position, link: link, signedAt: Date())
            let signature = try signer.signature(of: head)
            statements.append(
                """
                UPDATE echo.audit_link SET link = \(link), signed_at = CASE WHEN signature IS NOT NULL THEN \(head.signedAt) END,
                    signature = CASE WHEN signature IS NOT NULL THEN \(signature) END
                WHERE position = \(position)
                """)
        }
        try await trail.superuser.run(statements)
    }
}
