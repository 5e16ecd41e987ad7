public import Access
public import Contracts
public import Foundation
public import Postgres

/// Statements that write what decisions go by: where a service hears of it, and where its owner does it.
public enum DecisionFacts {
    /// - Returns: false when something newer of this source is known already; then nothing is to be written.
    public static func isNews(_ version: Int, of source: UUID, in tx: Transaction) async throws -> Bool {
        try await tx.first("WITH \(news(version, of: source)) SELECT true FROM news", as: Bool.self) == true
    }

    /// Of a care team: all its members, from when to when they are. No members: it is none any more.
    public static func setTeam(
        _ team: UUID, of patient: ID<Patient>, members: [ID<Practitioner>], from: Date? = nil, until: Date? = nil, in tx: Transaction
    ) {
        tx.queue("DELETE FROM care WHERE source = \(team)")
        guard !members.isEmpty else { return }
        tx.queue(
            """
            INSERT INTO care (source, patient, practitioner, valid)
            SELECT \(team), \(patient.uuid), member, tstzrange(\(from), \(until)) FROM unnest(\(Set(members).map(\.uuid))) AS member
            """)
    }

    /// Of a visit; its clinician treats the patient from 30 days before it to 90 days after. One statement: many visits are booked at once.
    public static func setVisit(
        _ visit: ID<Appointment>, _ version: Int, of patient: ID<Patient>, with practitioner: ID<Practitioner>, at location: ID<Location>,
        start: Date, in tx: Transaction
    ) {
        tx.queue(
            """
            WITH \(news(version, of: visit.uuid)), gone AS (
                DELETE FROM care WHERE source IN (SELECT source FROM news) AND practitioner <> \(practitioner.uuid)
            )
            INSERT INTO care (source, patient, practitioner, location, valid)
            SELECT source, \(patient.uuid), \(practitioner.uuid), \(location.uuid),
                tstzrange(\(start) - make_interval(days => \(FactsReader.daysBefore)::int),
                    \(start) + make_interval(days => \(FactsReader.daysAfter)::int))
            FROM news ON CONFLICT ON CONSTRAINT care_once DO UPDATE SET location = excluded.location, valid = excluded.valid
            """)
    }

    public static func forgetVisit(_ visit: ID<Appointment>, _ version: Int, in tx: Transaction) {
        tx.queue("WITH \(news(version, of: visit.uuid)) DELETE FROM care WHERE source IN (SELECT source FROM news)")
    }

    /// An expression with the source, once something newer of it is told than was known.
    private static func news(_ version: Int, of source: UUID) -> SQL {
        """
        news AS (
            INSERT INTO heard_version (source, version) VALUES (\(source), \(version))
            ON CONFLICT ON CONSTRAINT heard_version_once DO UPDATE SET version = excluded.version WHERE heard_version.version < excluded.version
            RETURNING source
        )
        """
    }

    public static func setWorkplaces(
        _ role: UUID, of practitioner: ID<Practitioner>, locations: [ID<Location>], in tx: Transaction
    ) {
        tx.queue("DELETE FROM workplace WHERE source = \(role)")
        guard !locations.isEmpty else { return }
        tx.queue(
            """
            INSERT INTO workplace (source, practitioner, location)
            SELECT \(role), \(practitioner.uuid), place FROM unnest(\(Set(locations).map(\.uuid))) AS place
            """)
    }

    /// A line of a consent, and while it holds.
    public struct Line: Sendable {
        public var rule: ConsentRule
        public var from: Date?
        public var until: Date?

        public init(_ rule: ConsentRule, from: Date? = nil, until: Date? = nil) { (self.rule, self.from, self.until) = (rule, from, until) }
    }

    /// Of a consent: all its lines. None: it is withdrawn.
    public static func setConsent(_ consent: UUID, of patient: ID<Patient>, lines: [Line], in tx: Transaction) {
        tx.queue("DELETE FROM consent_rule WHERE source = \(consent)")
        for line in lines {
            let (practitioner, role): (UUID?, String?) =
                switch line.rule.recipient {
                case .everybody: (nil, nil)
                case .role(let role): (nil, role.rawValue)
                case .practitioner(let id): (id.uuid, nil)
                }
            tx.queue(
                """
                INSERT INTO consent_rule (source, patient, permits, practitioner, role, kind, valid)
                VALUES (\(consent), \(patient.uuid), \(line.rule.permits), \(practitioner), \(role), \(line.rule.kind?.rawValue)::int,
                    tstzrange(\(line.from), \(line.until)))
                """)
        }
    }

    public static func setBrokenGlass(
        _ grant: UUID, of patient: ID<Patient>, by account: ID<Account>, at: Date, until: Date, in tx: Transaction
    ) {
        tx.queue(
            """
            INSERT INTO broken_glass (id, patient, account, at, until)
            VALUES (\(grant), \(patient.uuid), \(account.uuid), \(at), \(until)) ON CONFLICT ON CONSTRAINT broken_glass_once DO NOTHING
            """)
    }
}
