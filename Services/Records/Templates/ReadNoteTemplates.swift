internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Every template, those in use first.
@Sendable func readNoteTemplates(_ query: ReadNoteTemplates, actor: Actor, tx: Transaction) async throws -> Answer<ReadNoteTemplates> {
    let rows = try await tx.all(
        "SELECT id, version, title, reason, retired FROM note_template ORDER BY retired, lower(title), id", as: UUID.self, Int.self, String.self,
        String.self, Bool.self)
    return .done(
        NoteTemplates(
            templates: rows.map { id, version, title, reason, retired in
                NoteTemplateLine(template: ID(id), version: version, title: title, reason: reason, retired: retired)
            }))
}
