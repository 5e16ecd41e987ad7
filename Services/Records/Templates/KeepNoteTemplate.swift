internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

private let templatesAtMost = 200

/// Writes the next version, unless somebody else did since.
@Sendable func keepNoteTemplate(_ command: KeepNoteTemplate, actor: Actor, tx: Transaction) async throws -> Answer<KeepNoteTemplate> {
    let (id, content) = (command.template.uuid, command.content)
    guard content.problems.isEmpty, let account = actor.account else { return .refused(.invalid(problems: content.problems)) }
    // By itself: joined with its text, a row that was changed while one waited for it would be found no more.
    let known = try await tx.first("SELECT version FROM note_template WHERE id = \(id) FOR UPDATE", as: Int.self)
    guard known != nil || command.version == 0 else { return .refused(.notFound) }
    let version = known ?? 0
    guard version == command.version || Fault.templatesOverwrite.isOn else { return .refused(.changedMeanwhile(version: version)) }
    // What changes nothing is no version.
    let body = try await tx.first(
        "SELECT body FROM note_template_version WHERE template = \(id) AND version = \(version)", as: [UInt8].self)
    if let body, try NoteTemplateContent(stored: body) == content { return .done(SettingKept(version: version)) }
    if known == nil {
        let count = try await tx.first("SELECT count(*) FROM note_template", as: Int.self)
        guard (count ?? 0) < templatesAtMost else { return .refused(.tooMany) }
    }
    tx.queue(
        """
        INSERT INTO note_template (id, version, title, reason, retired)
        VALUES (\(id), \(version + 1), \(content.title), \(content.reason), \(content.retired))
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, title = excluded.title, reason = excluded.reason, retired = excluded.retired
        """)
    let text = Array(try JSONEncoder().encode(content))
    tx.queue(
        "INSERT INTO note_template_version (template, version, account, body) VALUES (\(id), \(version + 1), \(account.uuid), \(text))")
    return .done(SettingKept(version: version + 1))
}

/// Of two writers of a new template at once one is told here.
@Sendable func refusalOfTemplate(
    _ command: KeepNoteTemplate, _ constraint: String, _ actor: Actor, _ tx: Transaction
) async throws -> NoteTemplateRefusal? {
    switch constraint {
    case "note_template_title": .titleTaken
    case "note_template_version_once": .changedMeanwhile(version: command.version + 1)
    default: nil
    }
}

extension NoteTemplateContent {
    private static let partAtMost = 3_000

    /// - Parameter body: of a row of `note_template_version`.
    init(stored body: [UInt8]) throws { self = try JSONDecoder().decode(NoteTemplateContent.self, from: Data(body)) }

    fileprivate var problems: [EntryProblem] {
        var check = EntryCheck()
        check.needed("title", title.trimmingCharacters(in: .whitespacesAndNewlines))
        check.text("title", title, atMost: 80)
        check.text("reason", reason, atMost: 200)
        if text.isEmpty { check.problems.append(EntryProblem("history", .missing)) }
        return check.problems + text.problems(partAtMost: Self.partAtMost)
    }
}
