internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

private let changesShown = 100

/// Every change with its writer; of one of them what was there before and after.
@Sendable func readStaffHistory(_ query: ReadStaffHistory, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadStaffHistory> {
    let account = query.account.uuid
    let total = tx.later("SELECT count(*) FROM account_version WHERE account = \(account)")
    let versions = tx.later(
        """
        SELECT version, display_name, role, practitioner, state FROM account_version
        WHERE account = \(account) AND version <= coalesce(\(query.version)::int, 2147483647) ORDER BY version DESC LIMIT 2
        """)
    let rows = try await tx.last(
        "SELECT version, at, made_by FROM account_version WHERE account = \(account) ORDER BY version DESC LIMIT \(changesShown)",
        as: Int.self, Date.self, UUID.self)
    let terms = try versions.all(as: Int.self, String?.self, String.self, UUID?.self, String.self).map { version, name, role, practitioner, state in
        (version, StaffTerms(displayName: name, role: role, practitioner: practitioner.map { ID($0) }, state: state))
    }
    guard let (shown, after) = terms.first, query.version == nil || query.version == shown else { return .refused(.notFound) }
    return .done(
        StaffHistory(
            changes: rows.map { SettingChange(version: $0.0, at: $0.1, account: ID($0.2)) }, total: try total.first(as: Int.self) ?? 0,
            shown: shown, before: terms.dropFirst().first?.1, after: after))
}
