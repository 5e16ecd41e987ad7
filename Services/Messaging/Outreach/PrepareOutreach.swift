internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    private static let aDay = 10
    private static let longestSpan = 92

    /// Keeps what is to be said, and to whom; who that is, is looked up by a worker.
    @Sendable func prepareOutreach(_ command: PrepareOutreach, _ actor: Actor, _ tx: Transaction) async throws -> Answer<PrepareOutreach> {
        guard let subject = words(command.subject), let text = words(command.text) else { return .refused(.empty) }
        guard subject.count <= Self.longestSubject, text.count <= Self.longest else { return .refused(.tooLong) }
        let (cohort, id) = (command.cohort, command.outreach.uuid)
        guard cohort.isSomebody(upTo: Self.longestSpan), let account = actor.account?.uuid else { return .refused(.noCohort) }
        // Those of one moment are counted one after the other.
        tx.queue("SELECT pg_advisory_xact_lock(hashtextextended('messaging/outreach', 0))")
        let today = tx.later("SELECT count(*) FROM outreach WHERE made_at > now() - interval '1 day' AND id <> \(id)")
        let isTheirs = try await tx.first(
            """
            SELECT true FROM purpose u JOIN pool p ON p.code = u.pool
            WHERE u.code = \(command.purpose.rawValue) AND \(actor.role.rawValue) = ANY (p.roles)
            """, as: Bool.self)
        guard isTheirs == true else { return .refused(.notFound) }
        guard try today.first(as: Int.self) ?? 0 < Self.aDay else { return .refused(.tooMany) }
        tx.queue(
            """
            INSERT INTO outreach (id, account, role, practitioner, purpose, subject, body, treated_by, from_day, until_day, service,
                one_per_household)
            VALUES (\(id), \(account), \(actor.role.rawValue), \(actor.practitioner?.uuid), \(command.purpose.rawValue),
                \(try sealed(subject, "subject", ofOutreach: id)), \(try sealed(text, "body", ofOutreach: id)), \(cohort.practitioner?.uuid),
                \(cohort.from)::date, \(cohort.until)::date, \(cohort.service), \(command.onePerHousehold))
            ON CONFLICT ON CONSTRAINT outreach_once DO NOTHING
            """)
        return .done(OutreachTaken(outreach: command.outreach))
    }
}

extension OutreachCohort {
    /// Whether it is some days in order, or somebody's patients.
    fileprivate func isSomebody(upTo span: Int) -> Bool {
        guard from != nil || until != nil else { return practitioner != nil && service == nil }
        guard let first = from.flatMap(Self.day), let last = until.flatMap(Self.day) else { return false }
        return first <= last && last.timeIntervalSince(first) < Double(span) * 86_400
    }

    private static func day(_ text: String) -> Date? {
        guard text.wholeMatch(of: /20[0-9]{2}-[0-9]{2}-[0-9]{2}/) != nil else { return nil }
        let style = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day()
        return (try? style.parse(text)).flatMap { style.format($0) == text ? $0 : nil }
    }
}
