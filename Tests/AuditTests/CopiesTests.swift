import Access
import AuditTrail
import Contracts
import Crypto
import Foundation
import Logging
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Audit

/// What services have sealed, as it arrives.
struct TrailOfOne {
    let service: String
    let signer: TrailSigner
    let key = SymmetricKey(size: .bits256)
    private(set) var position: Int64 = 0
    private(set) var link: [UInt8]

    init(_ service: String, seed: UInt8) throws {
        self.service = service
        signer = try #require(TrailSigner(of: service, seed: [UInt8](repeating: seed, count: 32)))
        link = signer.chain.start
    }

    /// The next part, of these entries. - Parameter stranger: signs instead.
    mutating func part(_ entries: [AuditEntry], signedBy stranger: TrailSigner? = nil) throws -> TrailSealed {
        let (first, after) = (position + 1, link)
        var lines: [String] = []
        for entry in entries {
            let line = TrailLine(entry)
            let mac = line.mac(key: key)
            link = TrailChain.link(after: link, line, mac: mac)
            lines.append("\(line.text)\t\(mac.lowHex)")
        }
        position += Int64(entries.count)
        let head = TrailHead(position: position, link: link, signedAt: Date())
        return TrailSealed(
            first: Int(first), after: Data(after), lines: lines, link: Data(link),
            signedAtMicroseconds: Int((head.signedAt.timeIntervalSince1970 * 1_000_000).rounded()),
            signature: Data(try (stranger ?? signer).signature(of: head)))
    }
}

/// The audit service on a fresh database.
struct Office: Sendable {
    let under: ServiceUnderTest
    let keys: TrailKeys
    let superuser: PostgresPool
    let practice: PracticePatients

    func hear(_ part: TrailSealed, from service: String) async throws {
        try await under.hear(part, handler: "copy-on-trail-sealed", from: service)
    }

    func verify() async throws -> [TrailReport] { try await verifyCopies(keys, under.pool) }

    func named(_ names: [ID<Account>: String]) async throws {
        for (account, name) in names {
            try await superuser.run("INSERT INTO audit.person (account, since, name) VALUES (\(account.uuid), now() - interval '1 hour', \(name))")
        }
    }
}

func withOffice(_ services: [TrailOfOne], _ body: (Office) async throws -> Void) async throws {
    let keys = TrailKeys(Dictionary(uniqueKeysWithValues: services.map { ($0.service, $0.signer.verifier) }))
    let practice = PracticePatients()
    try await withService(
        "audit", migrations: AuditService.migrations,
        { registry, sealer in
            let copies = Copies(keys: keys, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            AuditService.answers(registry, Questions(sealer: sealer, practice: practice))
            registry.onEvery(TrailSealed.self, "copy-on-trail-sealed", do: copies.copyOnTrailSealed)
        },
        { under in
            let superuser = under.database.pool(under.database.superuser)
            do { try await body(Office(under: under, keys: keys, superuser: superuser, practice: practice)) } catch {
                await superuser.close()
                throw error
            }
            await superuser.close()
        })
}

func entry(
    _ action: String = "records.read-chart.v1", _ role: Role = .nurse, by account: ID<Account>? = .init(), of patients: [ID<Patient>] = [],
    outcome: AuditEntry.Outcome = .done, reason: String? = nil, basis: String? = nil, at: Date = Date()
) -> AuditEntry {
    let actor = Actor(
        issuer: account == nil ? "records" : "identity", role: role, account: account, session: account == nil ? nil : .init(),
        purpose: role == .patient ? "own-record" : "treatment")
    return AuditEntry(action, by: actor, patients: patients, outcome: outcome, reason: reason, basis: basis, trace: "4bf9", at: at)
}

@Suite struct CopiesTests {
    @Test func whatIsSignedIsKeptInAnyOrderAndOnce() async throws {
        var records = try TrailOfOne("records", seed: 1)
        var scheduling = try TrailOfOne("scheduling", seed: 2)
        let patient = ID<Patient>()
        let parts = try [
            records.part([entry(of: [patient]), entry(of: [patient, ID()], reason: "x"), entry(by: nil)]), records.part([entry(basis: "care-team")]),
            records.part((0..<10).map { _ in entry() }),
        ]
        let other = try scheduling.part([entry(of: [patient, patient])])
        try await withOffice([records, scheduling]) { office in
            for part in [parts[1], parts[0], parts[1], parts[2], parts[0]] { try await office.hear(part, from: "records") }
            try await office.hear(other, from: "scheduling")
            #expect(
                try await office.verify() == [
                    TrailReport(service: "records", kept: "copy", entries: 14), TrailReport(service: "scheduling", kept: "copy", entries: 1),
                ])
            #expect(try await office.superuser.first("SELECT count(*) FROM audit.access WHERE patient = \(patient.uuid)", as: Int.self) == 3)
        }
    }

    /// The same people do something all day, and parts are copied at the same time: they lock whom they name in one order, never in a circle.
    @Test func peopleAreNotedInOrder() async throws {
        var records = try TrailOfOne("records", seed: 1)
        let part = try records.part((0..<300).map { _ in entry(by: ID()) })
        try await withOffice([records]) { office in
            try await office.hear(part, from: "records")
            let noted = try await office.superuser.all("SELECT account FROM audit.account_seen ORDER BY ctid", as: UUID.self)
            let sorted = try await office.superuser.all("SELECT account FROM audit.account_seen ORDER BY account", as: UUID.self)
            #expect(noted.count == 300 && noted == sorted)
        }
    }

    @Test func whatIsNotSignedByItsServiceOrSaysSomethingElseIsRefused() async throws {
        var records = try TrailOfOne("records", seed: 1)
        let stranger = try TrailOfOne("records", seed: 9)
        let first = try records.part([entry(), entry()])
        var fork = records
        let next = try records.part([entry()])
        let otherNext = try fork.part([entry()])
        var forged = records
        let notOurs = try forged.part([entry()], signedBy: stranger.signer)
        try await withOffice([records]) { office in
            try await office.hear(first, from: "records")
            await #expect(throws: DeadLetter.self) { try await office.hear(notOurs, from: "records") }
            var edited = next
            edited.lines[0] = edited.lines[0].replacing("nurse", with: "clerk")
            await #expect(throws: DeadLetter.self) { try await office.hear(edited, from: "records") }
            await #expect(throws: TryLater.self) { try await office.hear(next, from: "billing") }
            try await office.hear(next, from: "records")
            await #expect(throws: DeadLetter.self) { try await office.hear(otherNext, from: "records") }
            #expect(try await office.verify() == [TrailReport(service: "records", kept: "copy", entries: 3)])
        }
    }

    /// A part that could not be copied yet is no entry that is gone: it is looked at where it waits, and only what is signed there counts.
    @Test func whatWaitsToBeCopiedIsNotGone() async throws {
        var records = try TrailOfOne("records", seed: 1)
        let parts = try [
            records.part([entry(), entry()]), records.part([entry(), entry(), entry()]), records.part([entry()]), records.part([entry(), entry()]),
        ]
        var whole = TrailReport(service: "records", kept: "copy", entries: 8)
        try await withOffice([records]) { office in
            func wait(_ part: TrailSealed) async throws {
                let body = try Wire.encode(part)
                try await office.superuser.run(
                    """
                    INSERT INTO audit.retry (handler, message, name, body, attempt, reason, next_at)
                    VALUES (\(Copies.handler), \(UUID.v7()), 'records.trail-sealed.v1', \(body), 1, 'timeout',
                        now() + interval '1 hour')
                    """)
            }
            for part in [parts[0], parts[2]] { try await office.hear(part, from: "records") }
            #expect(try await office.verify()[0].finding == TrailFinding(.removed, 3))
            // Not what its service has signed.
            var forged = parts[1]
            forged.lines[1] = forged.lines[1].replacing("nurse", with: "clerk")
            try await wait(forged)
            #expect(try await office.verify()[0].finding == TrailFinding(.removed, 3))
            // In the middle, and at the end.
            for part in [parts[1], parts[3]] { try await wait(part) }
            whole.waiting = 5
            #expect(try await office.verify() == [whole])
            try await office.hear(parts[1], from: "records")
            whole.waiting = 2
            #expect(try await office.verify() == [whole])
            try await office.hear(parts[3], from: "records")
            try await office.superuser.run("DELETE FROM audit.retry")
            whole.waiting = nil
            #expect(try await office.verify() == [whole])
        }
    }

    /// Row 28: the copy does not need the schema it is a copy of; and whoever changes the copy is found.
    @Test func aChangedCopyIsFound() async throws {
        var records = try TrailOfOne("records", seed: 1)
        let part = try records.part((0..<40).map { _ in entry(of: [.init()], reason: "r", basis: "b") })
        let more = try records.part([entry()])
        try await withOffice([records]) { office in
            try await office.hear(part, from: "records")
            try await office.hear(more, from: "records")
            try await office.superuser.run("CREATE TABLE audit.kept AS TABLE audit.entry_copy")
            for (number, change) in [
                "UPDATE audit.entry_copy SET outcome = 'denied' WHERE position = 17",
                "UPDATE audit.entry_copy SET patients = '{}' WHERE position = 17",
                "UPDATE audit.entry_copy SET basis = NULL WHERE position = 17",
                "DELETE FROM audit.entry_copy WHERE position = 17",
                "UPDATE audit.entry_copy SET mac = link WHERE position = 17",
                "UPDATE audit.entry_copy SET at = at + interval '1 s' WHERE position = 17",
                "UPDATE audit.entry_copy SET position = 1000 - position WHERE position = 17",
            ].enumerated() {
                try await office.superuser.run(SQL(trusted: change))
                let report = try await office.verify()[0]
                #expect(report.finding?.position == 17, "\(number): \(report)")
                try await office.superuser.run(["DELETE FROM audit.entry_copy", "INSERT INTO audit.entry_copy SELECT * FROM audit.kept"])
            }
            #expect(try await office.verify() == [TrailReport(service: "records", kept: "copy", entries: 41)])
            try await office.superuser.run("DELETE FROM audit.entry_copy WHERE position = 41")
            try await office.superuser.run("UPDATE audit.entry_copy SET signature = NULL, signed_at = NULL WHERE position = 40")
            #expect(try await office.verify()[0].finding?.problem == .unsigned)
        }
    }
}
