internal import Access
internal import Contracts
internal import Crypto
internal import Foundation
internal import MessageBus
internal import Postgres

/// Looks up who is to be written to, and who of them is not, and why. Every step is kept: whoever begins again goes on where it ended.
struct FindReaders: Sendable {
    static let most = 5_000
    private static let atOnce = 20
    private static let pause = Duration.seconds(1)

    let database: any WorkerTransactions
    let bus: any Bus
    let facts: FactsReader
    /// Marks e-mail addresses, so that one household is known without them.
    let householdKey: SymmetricKey

    func run() async throws {
        while !Task.isCancelled {
            if try await !round() { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    /// - Returns: false where nothing is to be done, or whoever knows does not answer.
    func round() async throws -> Bool {
        guard let open = try await database.transaction({ tx in try await OutreachRow.first(in: .gathering, alone: false, tx) }) else {
            return false
        }
        return open.isFound ? try await judge(open) : try await find(open)
    }

    private func find(_ open: OutreachRow) async throws -> Bool {
        if let from = open.cohort.from, let until = open.cohort.until {
            let query = ReadVisitors(
                from: from, until: until, practitioner: open.cohort.practitioner, service: open.cohort.service, after: open.reached.map { ID($0) })
            guard let page = try? await bus.ask(query).patients else { return false }
            let patients = page.map(\.uuid)
            try await keep(open, "SELECT unnest(\(patients))", reached: patients.last ?? open.reached, isFound: patients.isEmpty)
        } else {
            let treated: SQL = """
                SELECT DISTINCT patient FROM care WHERE practitioner = \(open.cohort.practitioner?.uuid) AND valid @> now() LIMIT \(Self.most + 1)
                """
            try await keep(open, treated, reached: nil, isFound: true)
        }
        return true
    }

    /// - Parameter patients: a query of their ids.
    private func keep(_ open: OutreachRow, _ patients: SQL, reached: UUID?, isFound: Bool) async throws {
        try await database.transaction { tx in
            tx.queue("INSERT INTO outreach_reader (outreach, patient) SELECT \(open.id), p FROM (\(patients)) AS them (p) ON CONFLICT DO NOTHING")
            tx.queue("UPDATE outreach SET reached = \(reached), is_found = \(isFound) WHERE id = \(open.id) AND state = 'gathering'")
            tx.queue(
                """
                UPDATE outreach SET state = 'tooLarge', ended_at = now() WHERE id = \(open.id) AND state = 'gathering'
                    AND (SELECT count(*) FROM outreach_reader WHERE outreach = \(open.id)) > \(Self.most)
                """)
            try await tx.flush()
        }
    }

    private func judge(_ open: OutreachRow) async throws -> Bool {
        let (found, known, lately, refusing) = try await database.transaction { [facts] tx in
            let found = try await tx.all(
                "SELECT patient FROM outreach_reader WHERE outreach = \(open.id) AND state = 'found' ORDER BY patient LIMIT \(Self.atOnce)",
                as: UUID.self)
            guard !found.isEmpty else { return ([], [:], [], []) as ([UUID], [ID<Patient>: AccessFacts], Set<UUID>, Set<UUID>) }
            let reading = facts.read(of: "SELECT unnest(\(found))", for: open.author, in: tx)
            let refusing = tx.later("SELECT patient FROM outreach_refused WHERE patient = ANY (\(found))")
            let lately = try await tx.all(
                "SELECT DISTINCT patient FROM outreach_reader WHERE patient = ANY (\(found)) AND sent_at > now() - interval '1 day'", as: UUID.self)
            return (found, try reading.facts(), Set(lately), Set(try refusing.all(as: UUID.self)))
        }
        guard !found.isEmpty else {
            try await finish(open)
            return true
        }
        for patient in found {
            let isKnown = open.author.decide(on: open.content, of: ID(patient), known[ID(patient)] ?? AccessFacts()).isAllowed
            if !isKnown {
                try await settle(open, patient, .notAllowed)
            } else if refusing.contains(patient) {
                try await settle(open, patient, .notWanted)
            } else if lately.contains(patient) {
                try await settle(open, patient, .lately)
            } else {
                guard try await look(open, patient) else { return false }
            }
        }
        return true
    }

    /// - Returns: false where whoever knows does not answer.
    private func look(_ open: OutreachRow, _ patient: UUID) async throws -> Bool {
        guard let answer = try? await bus.request(ReadContact(patient: ID(patient))),
            let access = try? await bus.ask(ReadPortalAccess(patient: ID(patient)))
        else { return false }
        guard case .done(let contact) = answer else {
            try await settle(open, patient, .noPortal)
            return true
        }
        let reason: OutreachReason? = contact.practice == true ? .practice : contact.deceased ? .deceased : access.since == nil ? .noPortal : nil
        let household = contact.email.map { address in
            Array(HMAC<SHA256>.authenticationCode(for: Data(address.lowercased().utf8), using: householdKey))
        }
        try await settle(open, patient, reason, household: household)
        return true
    }

    private func settle(_ open: OutreachRow, _ patient: UUID, _ reason: OutreachReason?, household: [UInt8]? = nil) async throws {
        try await database.transaction { tx in
            _ = try await tx.run(
                """
                UPDATE outreach_reader SET state = \(reason == nil ? "chosen" : "leftOut"), reason = \(reason?.rawValue), household = \(household)
                WHERE outreach = \(open.id) AND patient = \(patient) AND state = 'found'
                """)
        }
    }

    /// Of one household the first is written to.
    private func finish(_ open: OutreachRow) async throws {
        try await database.transaction { tx in
            if open.onePerHousehold {
                tx.queue(
                    """
                    UPDATE outreach_reader r SET state = 'leftOut', reason = 'household'
                    WHERE r.outreach = \(open.id) AND r.state = 'chosen' AND EXISTS (
                        SELECT FROM outreach_reader o
                        WHERE o.outreach = r.outreach AND o.state = 'chosen' AND o.household = r.household AND o.patient < r.patient)
                    """)
            }
            tx.queue("UPDATE outreach SET state = 'ready', ready_at = now() WHERE id = \(open.id) AND state = 'gathering'")
            try await tx.flush()
        }
    }
}

extension OutreachRow {
    /// What somebody has to be allowed to see of whom they write to.
    fileprivate var content: Content { author.role == .clinician || author.role == .nurse ? .clinical : .schedule }
}
