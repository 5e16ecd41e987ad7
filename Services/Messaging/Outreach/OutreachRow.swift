internal import Access
internal import Contracts
internal import Foundation
internal import Postgres
internal import Sealing

/// An outreach as its workers go by it.
struct OutreachRow: Sendable {
    let id: UUID
    /// Whoever prepared it: what they may know of decides on its readers, and its messages are theirs.
    let author: Actor
    let purpose: String
    let cohort: OutreachCohort
    let onePerHousehold: Bool
    /// How far scheduling has named its readers.
    let reached: UUID?
    let isFound: Bool

    /// The oldest in a state; who asks for it alone keeps everybody else from it until this transaction ends.
    static func first(in state: OutreachState, alone: Bool, _ tx: Transaction) async throws -> OutreachRow? {
        let row = try await tx.first(
            """
            SELECT id, account, role, practitioner, purpose, treated_by, from_day::text, until_day::text, service, one_per_household, reached,
                is_found
            FROM outreach WHERE state = \(state.rawValue) ORDER BY made_at, id LIMIT 1 \(alone ? "FOR UPDATE SKIP LOCKED" : "" as SQL)
            """, as: UUID.self, UUID.self, String.self, UUID?.self, String.self, UUID?.self, String?.self, String?.self, String?.self, Bool.self,
            UUID?.self, Bool.self)
        return row.map { id, account, role, practitioner, purpose, treating, from, until, service, onePerHousehold, reached, isFound in
            OutreachRow(
                id: id,
                author: Actor(
                    issuer: "identity", role: Role(rawValue: role) ?? .anonymous, account: ID(account), practitioner: practitioner.map { ID($0) },
                    purpose: "operations"),
                purpose: purpose, cohort: OutreachCohort(practitioner: treating.map { ID($0) }, from: from, until: until, service: service),
                onePerHousehold: onePerHousehold, reached: reached, isFound: isFound)
        }
    }
}

extension ThreadStore {
    /// What an outreach says is about nobody in particular.
    func sealed(_ text: String, _ column: StaticString, ofOutreach id: UUID) throws -> [UInt8] {
        try sealed(text, of: ID(Sealer.nobody), "outreach", column, row: id)
    }

    func opened(_ bytes: [UInt8], _ column: StaticString, ofOutreach id: UUID) -> String {
        opened(bytes, of: Sealer.nobody, "outreach", column, row: id)
    }

    /// - Parameter rest: what comes after `FROM outreach o`.
    func outreaches(_ rest: SQL, for actor: Actor, _ tx: Transaction) async throws -> [(line: OutreachLine, body: [UInt8])] {
        let rows = try await tx.all(
            """
            SELECT o.id, o.state, o.made_at, o.account, o.practitioner, o.purpose, o.subject, o.body, o.treated_by, o.from_day::text,
                o.until_day::text, o.service, c.chosen, c.sent, c.left_out
            FROM outreach o CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE r.state IN ('chosen', 'sent')) AS chosen, count(*) FILTER (WHERE r.state = 'sent') AS sent,
                    count(*) FILTER (WHERE r.state = 'leftOut') AS left_out
                FROM outreach_reader r WHERE r.outreach = o.id) c
            \(rest)
            """, as: UUID.self, String.self, Date.self, UUID.self, UUID?.self, String.self, [UInt8].self, [UInt8].self, UUID?.self, String?.self,
            String?.self, String?.self, Int.self, Int.self, Int.self)
        return rows.map { row in
            let line = OutreachLine(
                outreach: ID(row.0), state: OutreachState(rawValue: row.1) ?? .gathering, made: row.2, practitioner: row.4.map { ID($0) },
                isOwn: row.3 == actor.account?.uuid,
                cohort: OutreachCohort(practitioner: row.8.map { ID($0) }, from: row.9, until: row.10, service: row.11),
                purpose: ThreadPurpose(rawValue: row.5) ?? .other, subject: opened(row.6, "subject", ofOutreach: row.0), chosen: row.12,
                sent: row.13, leftOut: row.14)
            return (line, row.7)
        }
    }

    /// Of a row `o` of `outreach`.
    static func isSeen(by actor: Actor) -> SQL { "(\(actor.role == .administrator) OR o.account = \(actor.account?.uuid))" }
}
