internal import Contracts
internal import Foundation
internal import Postgres

/// One entry as it is read from the copies, with the name the person had then.
enum EntryRow {
    static let columns: SQL = """
        e.service, e.position, e.id, e.at, e.issuer, e.role, e.account, (
            SELECT p.name FROM person p WHERE p.account = e.account
            ORDER BY p.since <= e.at DESC, CASE WHEN p.since <= e.at THEN p.since END DESC, p.since LIMIT 1
        ), e.session, e.purpose, e.basis, e.action, e.patients, e.outcome, e.reason, e.trace
        """

    typealias Row = (
        String, Int, UUID, Date, String, String, UUID?, String?, UUID?, String, String?, String, [UUID], String, String?, String?
    )

    static func read(_ sql: SQL, in tx: Transaction) async throws(DatabaseError) -> [TrailEntry] {
        try await tx.all(
            sql, as: String.self, Int.self, UUID.self, Date.self, String.self, String.self, UUID?.self, String?.self, UUID?.self, String.self,
            String?.self, String.self, [UUID].self, String.self, String?.self, String?.self
        ).map(entry)
    }

    private static func entry(_ row: Row) -> TrailEntry {
        TrailEntry(
            place: TrailPlace(service: row.0, position: row.1), id: row.2, at: row.3, issuer: row.4, role: row.5, account: row.6.map { ID($0) },
            name: row.7, session: row.8.map { ID($0) }, purpose: row.9, basis: row.10, action: row.11, patients: row.12.map { ID($0) },
            outcome: row.13, reason: row.14, trace: row.15)
    }
}
