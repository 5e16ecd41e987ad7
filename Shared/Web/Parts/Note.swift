/// What a note or a tag means; the word inside says the same as its colour.
public enum Tone: String, Sendable {
    case plain, ok, warn, bad
}

/// A framed message with its icon.
public struct Note: Part {
    /// How a screen reader learns of it.
    public enum Announcement: String, Sendable {
        /// Read where it stands.
        case none
        /// Read when there is a pause: something went well.
        case status
        /// Read at once: something needs the reader now.
        case alert
    }

    public var tone: Tone
    public var icon: Icon?
    public var announcement: Announcement
    public var body: HTML

    /// - Parameter body: paragraphs; the first is usually `<p class="strong">`.
    public init(_ tone: Tone, icon: Icon? = nil, announcement: Announcement = .none, _ body: HTML) {
        self.tone = tone
        self.icon = icon
        self.announcement = announcement
        self.body = body
    }

    public var html: HTML {
        """
        <div class="note\(when: tone != .plain, " note-\(tone.rawValue)")"\(when: announcement != .none, " role=\"\(announcement.rawValue)\"")>\
        \(icon ?? defaultIcon)<div>\(body)</div></div>
        """
    }

    private var defaultIcon: Icon {
        switch tone {
        case .plain: .info
        case .ok: .done
        case .warn, .bad: .warning
        }
    }
}

extension Note {
    /// Identity does not answer: who is in stays in for a while, nobody else gets in.
    public static func signInAway(_ t: Wording) -> Note { Note(.warn, "<p>\(t("frame.sign-in-missing"))</p>") }

    /// The clocks of two machines differ: see `ClockAlarm`.
    public static func clocksDiffer(_ t: Wording) -> Note { Note(.warn, "<p>\(t("frame.clocks-differ"))</p>") }
}

/// A word on a coloured ground.
public struct Tag: Part {
    public enum Kind: String, Sendable {
        case plain, ok, warn, bad, info, acting
    }

    public var kind: Kind
    public var label: HTML

    public init(_ kind: Kind, _ label: HTML) {
        self.kind = kind
        self.label = label
    }

    public var html: HTML { "<span class=\"tag\(when: kind != .plain, " tag-\(kind.rawValue)")\">\(label)</span>" }
}

/// What stands where nothing is yet: what comes here, and how it gets there.
public struct Empty: Part {
    public var title: HTML
    public var text: HTML
    public var action: Action?

    public init(_ title: HTML, _ text: HTML, action: Action? = nil) {
        self.title = title
        self.text = text
        self.action = action
    }

    public var html: HTML { "<div class=\"empty stack-s\"><p class=\"strong\">\(title)</p><p>\(text)</p>\(action)</div>" }
}

/// A link that looks like a button: goes somewhere, changes nothing.
public struct Action: Part {
    public enum Weight: String, Sendable {
        /// The one filled button of a page part.
        case filled = ""
        case plain = " btn-plain"
        case link = " btn-link"
    }

    public var label: HTML
    public var path: String
    public var weight: Weight

    public init(_ label: HTML, to path: String, _ weight: Weight = .filled) {
        self.label = label
        self.path = path
        self.weight = weight
    }

    public var html: HTML { "<a class=\"btn\(weight.rawValue)\" href=\"\(path)\">\(label)</a>" }
}
