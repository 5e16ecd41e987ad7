internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let changesShown = 100

/// Every change with its writer; of one of them what was there before and after.
@Sendable func readNoteTemplateHistory(
    _ query: ReadNoteTemplateHistory, actor: Actor, tx: Transaction
) async throws -> Answer<ReadNoteTemplateHistory> {
    let template = query.template.uuid
    let total = tx.later("SELECT count(*) FROM note_template_version WHERE template = \(template)")
    let shown = tx.later(
        """
        SELECT v.version, v.body, b.body FROM note_template_version v
        LEFT JOIN note_template_version b ON b.template = v.template AND b.version = v.version - 1
        WHERE v.template = \(template) AND (\(query.version)::int IS NULL OR v.version = \(query.version))
        ORDER BY v.version DESC LIMIT 1
        """)
    let rows = try await tx.last(
        "SELECT version, at, account FROM note_template_version WHERE template = \(template) ORDER BY version DESC LIMIT \(changesShown)",
        as: Int.self, Date.self, UUID.self)
    guard let (version, after, before) = try shown.first(as: Int.self, [UInt8].self, [UInt8]?.self) else { return .refused(.notFound) }
    return .done(
        NoteTemplateHistory(
            changes: rows.map { SettingChange(version: $0.0, at: $0.1, account: ID($0.2)) }, total: try total.first(as: Int.self) ?? 0,
            shown: version, before: try before.map { try NoteTemplateContent(stored: $0) }, after: try NoteTemplateContent(stored: after)))
}
