internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// What one says now.
@Sendable func readNoteTemplate(_ query: ReadNoteTemplate, actor: Actor, tx: Transaction) async throws -> Answer<ReadNoteTemplate> {
    let row = try await tx.first(
        "SELECT version, body FROM note_template_version WHERE template = \(query.template.uuid) ORDER BY version DESC LIMIT 1", as: Int.self,
        [UInt8].self)
    guard let row else { return .refused(.notFound) }
    return .done(NoteTemplateView(version: row.0, content: try NoteTemplateContent(stored: row.1)))
}
