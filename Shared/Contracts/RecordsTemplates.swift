public import Foundation

/// What notes of one kind begin with.
public struct NoteTemplateContent: Codable, Sendable, Equatable {
    /// 1 to 80 characters; of those in use no two have the same, in whichever case.
    public var title: String
    /// Why a patient comes whose note begins so, at most 200 characters; empty for any reason.
    public var reason: String
    /// Each part has at most 3,000 characters; one of them says something.
    public var text: NoteText
    /// Nobody is offered it any more.
    public var retired: Bool

    public init(title: String, reason: String = "", text: NoteText, retired: Bool = false) {
        (self.title, self.reason, self.text, self.retired) = (title, reason, text, retired)
    }
}

/// Writes a template, or changes one. Nothing is written over that the writer has not seen.
public struct KeepNoteTemplate: Command {
    public static let name = "records.keep-note-template.v1"
    public typealias Reply = SettingKept
    public typealias Refusal = NoteTemplateRefusal

    public var template: ID<NoteTemplate>
    /// What the writer read; 0 for a new one.
    public var version: Int
    public var content: NoteTemplateContent
    public var key: UUID

    public init(template: ID<NoteTemplate>, version: Int, content: NoteTemplateContent, key: UUID) {
        (self.template, self.version, self.content, self.key) = (template, version, content, key)
    }
}

public enum NoteTemplateRefusal: Codable, Sendable, Equatable {
    case notFound
    /// Fields are `title`, `reason` and the parts of a note; `history` is missing where no part says anything.
    case invalid(problems: [EntryProblem])
    /// Somebody else changed it since.
    case changedMeanwhile(version: Int)
    case titleTaken
    /// There are 200.
    case tooMany
}

/// Every template there is, without its text.
public struct ReadNoteTemplates: Query {
    public static let name = "records.read-note-templates.v1"
    public typealias Reply = NoteTemplates

    public init() {}
}

public struct NoteTemplates: Codable, Sendable, Equatable {
    /// By title; those nobody is offered any more last.
    public var templates: [NoteTemplateLine]

    public init(templates: [NoteTemplateLine]) { self.templates = templates }
}

public struct NoteTemplateLine: Codable, Sendable, Equatable {
    public var template: ID<NoteTemplate>
    public var version: Int
    public var title: String
    public var reason: String
    public var retired: Bool

    public init(template: ID<NoteTemplate>, version: Int, title: String, reason: String = "", retired: Bool = false) {
        (self.template, self.version, self.title, self.reason, self.retired) = (template, version, title, reason, retired)
    }
}

/// One template as it is now.
public struct ReadNoteTemplate: Query {
    public static let name = "records.read-note-template.v1"
    public typealias Reply = NoteTemplateView
    public typealias Refusal = RecordRefusal

    public var template: ID<NoteTemplate>

    public init(template: ID<NoteTemplate>) { self.template = template }
}

public struct NoteTemplateView: Codable, Sendable, Equatable {
    public var version: Int
    public var content: NoteTemplateContent

    public init(version: Int, content: NoteTemplateContent) { (self.version, self.content) = (version, content) }
}

/// Who changed a template when, and what one of the changes did.
public struct ReadNoteTemplateHistory: Query {
    public static let name = "records.read-note-template-history.v1"
    public typealias Reply = NoteTemplateHistory
    public typealias Refusal = RecordRefusal

    public var template: ID<NoteTemplate>
    /// The change to show; the newest when it is not named.
    public var version: Int?

    public init(template: ID<NoteTemplate>, version: Int? = nil) { (self.template, self.version) = (template, version) }
}

public struct NoteTemplateHistory: Codable, Sendable, Equatable {
    /// Newest first, at most 100.
    public var changes: [SettingChange]
    public var total: Int
    /// The change that is shown.
    public var shown: Int
    /// Nil for the first.
    public var before: NoteTemplateContent?
    public var after: NoteTemplateContent

    public init(changes: [SettingChange], total: Int, shown: Int, before: NoteTemplateContent? = nil, after: NoteTemplateContent) {
        (self.changes, self.total, self.shown, self.before, self.after) = (changes, total, shown, before, after)
    }
}
