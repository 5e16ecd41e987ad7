public import Access
public import Contracts
internal import Faults
internal import Foundation
public import Postgres
internal import Synchronization

/// Reads what a decision goes by from the service's own tables. What allowed somebody something stands for five seconds, so that who turns the pages
/// of one chart is looked up once; a no is never kept.
public final class FactsReader: Sendable {
    private struct Key: Hashable {
        let account: ID<Account>
        let patient: ID<Patient>
    }
    private struct Kept {
        let facts: AccessFacts
        let until: ContinuousClock.Instant
    }

    private static let keptFor = Duration.seconds(5)
    private static let keptAtMost = 20_000

    /// Days before a visit from which on, and after it until when, its clinician treats the patient.
    public static let (daysBefore, daysAfter) = (30, 90)

    private let service: String
    private let visits: SQL?
    private let shares: SQL?
    private let bills: SQL?
    private let kept = Mutex<[Key: Kept]>([:])

    /// - Parameters:
    ///   - visits: where the service keeps visits itself, as rows of patient, practitioner, location, first and last moment.
    ///   - shares: where it keeps what was shared, as rows of `patient`, `document`, `kinds` (its sensitivity), `practitioner` or `location`,
    ///     `until`.
    ///   - bills: where it keeps to whom bills were issued, as rows of `patient`, `bill` (or a payment or statement) and `payer`.
    init(service: String, visits: SQL? = nil, shares: SQL? = nil, bills: SQL? = nil) {
        (self.service, self.visits, self.shares, self.bills) = (service, visits, shares, bills)
    }

    /// One that also reads these; what it read already it goes on reading.
    func with(visits: SQL? = nil, shares: SQL? = nil, bills: SQL? = nil) -> FactsReader {
        FactsReader(service: service, visits: visits ?? self.visits, shares: shares ?? self.shares, bills: bills ?? self.bills)
    }

    /// To whom a bill was issued, where that is not its patient; looked up anew each time.
    func facts(withPayerOf bill: UUID, of patients: [ID<Patient>], in pool: PostgresPool) async throws -> [ID<Patient>: AccessFacts] {
        guard let bills else { return [:] }
        let ids = patients.map(\.uuid)
        let found = try await pool.transaction([.worker(of: service)], endsWithLast: true) { tx in
            let rows = tx.later(
                """
                SELECT b.patient, b.payer FROM (\(bills)) b
                WHERE b.patient = ANY (\(ids)) AND (b.bill = \(bill) OR \(Fault.payersOpenAll.isOn))
                """)
            try await tx.end()
            return try rows.all(as: UUID.self, UUID.self)
        }
        return Dictionary(found.map { (ID($0.0), AccessFacts(billedTo: [bill: ID($0.1)])) }) { first, _ in first }
    }

    func facts(of patients: [ID<Patient>], for actor: Actor, in pool: PostgresPool) async throws -> [ID<Patient>: AccessFacts] {
        let now = ContinuousClock.now
        var known: [ID<Patient>: AccessFacts] = [:]
        if let account = actor.account {
            kept.withLock { kept in
                for patient in patients {
                    if let found = kept[Key(account: account, patient: patient)], found.until > now { known[patient] = found.facts }
                }
            }
        }
        let missing = patients.filter { known[$0] == nil }
        guard !missing.isEmpty else { return known }
        let ids = missing.map(\.uuid)
        known.merge(try await look("SELECT unnest(\(ids))", actor, pool)) { first, _ in first }
        return known
    }

    /// With what is shared with the asker; looked up anew each time, because a share is withdrawn at once.
    func facts(withSharesOf patients: [ID<Patient>], for actor: Actor, in pool: PostgresPool) async throws -> [ID<Patient>: AccessFacts] {
        let ids = patients.map(\.uuid)
        return try await look("SELECT unnest(\(ids))", actor, pool, withShares: true)
    }

    /// Consent that cannot be read must not close a chart that was opened in an emergency: it counts as unknown, which is a no to everybody else.
    private func look(
        _ patients: SQL, _ actor: Actor, _ pool: PostgresPool, withShares: Bool = false
    ) async throws -> [ID<Patient>: AccessFacts] {
        do {
            return try await pool.transaction([.worker(of: service)], endsWithLast: true) { tx in
                let reading = self.read(of: patients, for: actor, withShares: withShares, in: tx)
                try await tx.end()
                return try reading.facts()
            }
        } catch let error as DatabaseError where ![.unavailable, .timeout, .serialization].contains(error.kind) {
            return try await pool.transaction([.worker(of: service)], endsWithLast: true) { tx in
                let reading = self.read(of: patients, for: actor, withConsent: false, in: tx)
                try await tx.end()
                return try reading.facts()
            }
        }
    }

    /// Looks everything up anew, for tests that change what is known behind the service's back.
    package func forget() { kept.withLock { $0.removeAll() } }

    func keep(_ facts: [ID<Patient>: AccessFacts], for actor: Actor) {
        guard let account = actor.account, !facts.isEmpty else { return }
        let until = ContinuousClock.now + Self.keptFor
        kept.withLock { kept in
            if kept.count >= Self.keptAtMost { kept.removeAll(keepingCapacity: true) }
            for (patient, facts) in facts where kept[Key(account: account, patient: patient)].map({ $0.until < .now }) ?? true {
                kept[Key(account: account, patient: patient)] = Kept(facts: facts, until: until)
            }
        }
    }

    /// Facts on their way: there once a later statement of the transaction has been waited for.
    public struct Reading: Sendable {
        fileprivate let relations: Later
        fileprivate let consent: Later?
        fileprivate let shares: Later?

        /// Of every patient asked about; who is missing is treated by nobody.
        public func facts() throws -> [ID<Patient>: AccessFacts] {
            var facts: [ID<Patient>: AccessFacts] = [:]
            for (patient, treatment, until) in try relations.all(as: UUID.self, Int.self, Date?.self) {
                var known = facts[ID(patient)] ?? AccessFacts(consent: consent == nil ? nil : [])
                known.treatment = max(known.treatment, Treatment(rawValue: treatment) ?? .none)
                if let until { known.glassBrokenUntil = max(known.glassBrokenUntil ?? until, until) }
                facts[ID(patient)] = known
            }
            for (patient, document, kinds) in try shares?.all(as: UUID.self, UUID.self, Int.self) ?? [] {
                facts[ID(patient), default: AccessFacts(consent: consent == nil ? nil : [])].shared[ID(document)] = Sensitivity(rawValue: kinds)
            }
            guard let consent else { return facts }
            for (patient, permits, practitioner, role, kind) in try consent.all(as: UUID.self, Bool.self, UUID?.self, String?.self, Int?.self) {
                let recipient: ConsentRule.Recipient =
                    if let practitioner { .practitioner(ID(practitioner)) } else if let role = role.flatMap(Role.init) { .role(role) } else {
                        .everybody
                    }
                facts[ID(patient), default: AccessFacts()].consent?.append(
                    ConsentRule(permits: permits, recipient: recipient, kind: kind.map(Sensitivity.init)))
            }
            return facts
        }
    }

    /// For lists: facts of many patients, read with what is listed. - Parameter patients: a query of their ids.
    public func read(
        of patients: SQL, for actor: Actor, withConsent: Bool = true, withShares: Bool = false, in tx: Transaction
    ) -> Reading {
        let visits: SQL = visits.map { "UNION ALL \($0)" } ?? ""
        let me = actor.practitioner?.uuid
        let anytime = (visits: Fault.visitsLastForEver.isOn, teams: Fault.teamsLastForEver.isOn, glass: Fault.glassStaysBroken.isOn)
        let relations = tx.later(
            """
            WITH asked AS MATERIALIZED (\(patients)), them AS (
                SELECT patient, practitioner, location, lower(valid) AS since, upper(valid) AS until FROM care WHERE patient IN (TABLE asked)
                \(visits)
            )
            SELECT c.patient, CASE WHEN c.practitioner IS DISTINCT FROM \(me) THEN 1 WHEN c.location IS NOT NULL THEN 2 ELSE 3 END,
                NULL::timestamptz
            FROM them c
            WHERE c.patient IN (TABLE asked)
                AND (tstzrange(c.since, c.until) @> now() OR CASE WHEN c.location IS NULL THEN \(anytime.teams) ELSE \(anytime.visits) END)
                AND (c.practitioner = \(me) OR c.location IN (SELECT w.location FROM workplace w WHERE w.practitioner = \(me)))
            UNION ALL
            SELECT patient, 0, until FROM broken_glass
            WHERE patient IN (TABLE asked) AND (account = \(actor.account?.uuid) OR \(Fault.glassIsBrokenForAll.isOn))
                AND (until > now() OR \(anytime.glass))
            UNION ALL SELECT *, 0, NULL FROM asked
            """)
        let shared = withShares ? shares.map { tx.later(Self.shared($0, of: patients, with: me)) } : nil
        guard withConsent else { return Reading(relations: relations, consent: nil, shares: shared) }
        let consent = tx.later(
            "SELECT patient, permits, practitioner, role, kind FROM consent_rule WHERE patient IN (\(patients)) AND valid @> now()")
        return Reading(relations: relations, consent: consent, shares: shared)
    }

    private static func shared(_ shares: SQL, of patients: SQL, with practitioner: UUID?) -> SQL {
        """
        SELECT s.patient, s.document, s.kinds FROM (\(shares)) s
        WHERE s.patient IN (\(patients)) AND (s.until > now() OR \(Fault.sharesLastForEver.isOn))
            AND (s.practitioner = \(practitioner) OR s.location IN (SELECT w.location FROM workplace w WHERE w.practitioner = \(practitioner)))
        """
    }
}
