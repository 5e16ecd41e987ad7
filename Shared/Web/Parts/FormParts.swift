import Contracts
import Foundation

/// One thing that is wrong with a form: the field it belongs to, and what to do.
public struct FieldError: Sendable {
    public var field: String
    public var message: HTML
    public init(_ field: String, _ message: HTML) {
        self.field = field
        self.message = message
    }
}

extension [FieldError] {
    /// What is wrong with a field, as it stands beside it; nil when nothing is.
    func words(of field: String, _ t: Wording) -> HTML? {
        first { $0.field == field }.map { "<span class=\"hide\">\(t("form.error"))</span>\($0.message)" }
    }
}

/// The list of what is wrong, on top of the form. It takes the focus and is read out at once.
public struct ErrorSummary: Part {
    public var title: HTML
    public var errors: [FieldError]

    public init(_ errors: [FieldError], _ t: Wording) {
        title = t("form.errors", count: errors.count)
        self.errors = errors
    }

    /// A failure that belongs to no single field.
    public init(title: HTML, text: HTML) {
        self.title = title
        errors = [FieldError("", text)]
    }

    public var html: HTML {
        """
        <div class="note note-bad" role="alert" tabindex="-1" autofocus aria-labelledby="error-summary">\(Icon.warning)<div>\
        <p class="strong" id="error-summary">\(title)</p>\
        \(each: errors, { $0.field.isEmpty ? "<p>\($0.message)</p>" : "<p><a href=\"#\($0.field)\">\($0.message)</a></p>" })</div></div>
        """
    }
}

/// A labelled field: label, hint, error, control, in this order.
public struct Field: Part {
    public enum Control: Sendable {
        case text, email, password, search, lines
    }

    public enum Width: String, Sendable {
        case full = "", short = " short", middle = " middle"
    }

    public var name: String
    public var label: HTML
    public var control: Control
    public var hint: HTML?
    public var error: HTML?
    public var value: String
    public var autocomplete: String
    public var width: Width
    public var maximumLength: Int
    /// Whether typing begins here: for the first field of a page that is there to be filled in.
    public var isFirst = false

    /// - Parameters:
    ///   - name: the field's name in the form, and its id on the page.
    ///   - value: what was typed before; a password is never given back.
    ///   - autocomplete: the token browsers and password managers know (`username`, `bday`, …); "off" when there is none.
    ///   - maximumLength: characters the browser lets people type.
    public init(
        _ name: String, _ label: HTML, _ control: Control = .text, hint: HTML? = nil, error: HTML? = nil, value: String = "",
        autocomplete: String, width: Width = .full, maximumLength: Int = 200
    ) {
        self.name = name
        self.label = label
        self.control = control
        self.hint = hint
        self.error = error
        self.value = value
        self.autocomplete = autocomplete
        self.width = width
        self.maximumLength = maximumLength
    }

    /// The same field with the error that belongs to it, if any.
    public func marked(_ errors: [FieldError], _ t: Wording) -> Field {
        var marked = self
        marked.error = errors.words(of: name, t) ?? error
        return marked
    }

    public var html: HTML {
        """
        <div class="field\(when: error != nil, " field-bad")\(width.rawValue)"><label for="\(name)">\(label)</label>\
        \(hint.map { "<p class=\"hint\" id=\"\(name)-hint\">\($0)</p>" as HTML })\
        \(error.map { "<p class=\"error\" id=\"\(name)-error\">\($0)</p>" as HTML })\(input)</div>
        """
    }

    private var input: HTML {
        let described = [hint == nil ? nil : "\(name)-hint", error == nil ? nil : "\(name)-error"].compactMap { $0 }.joined(separator: " ")
        let common: HTML = """
            id="\(name)" name="\(name)" maxlength="\(maximumLength)" autocomplete="\(autocomplete)"\
            \(when: isFirst, " autofocus")\
            \(when: error != nil, " aria-invalid=\"true\"")\(when: !described.isEmpty, " aria-describedby=\"\(described)\"")
            """
        return switch control {
        case .text: "<input type=\"text\" \(common) value=\"\(value)\">"
        case .email: "<input type=\"email\" \(common) autocapitalize=\"none\" spellcheck=\"false\" value=\"\(value)\">"
        case .password: "<input type=\"password\" \(common)>"
        case .search: "<input type=\"search\" \(common) value=\"\(value)\">"
        case .lines: "<textarea \(common)>\n\(value)</textarea>"
        }
    }
}

/// A radio button or check box with its words and a second, softer line.
public struct Choice: Part {
    public enum Kind: String, Sendable { case radio, checkbox }

    public var kind: Kind
    public var name: String
    public var value: String
    public var label: HTML
    public var detail: HTML?
    public var isChecked: Bool
    public var isDisabled: Bool

    /// - Parameter detail: a disabled choice says here why it cannot be taken.
    public init(
        _ kind: Kind = .radio, name: String, value: String, _ label: HTML, detail: HTML? = nil, isChecked: Bool = false, isDisabled: Bool = false
    ) {
        self.kind = kind
        self.name = name
        self.value = value
        self.label = label
        self.detail = detail
        self.isChecked = isChecked
        self.isDisabled = isDisabled
    }

    public var html: HTML {
        """
        <label class="choice"><input type="\(kind.rawValue)" name="\(name)" value="\(value)"\(when: isChecked, " checked")\
        \(when: isDisabled, " disabled")><span>\(label)</span>\(detail.map { "<small>\($0)</small>" as HTML })</label>
        """
    }
}

/// A form nobody sees: a script of the page sends it.
public struct ScriptForm: Part {
    public var html: HTML

    /// - Parameter name: what the script finds it by: `data-<name>`.
    public init(_ name: String, to path: String, formKey: String) {
        html = "<form hidden data-\(name) action=\"\(path)\" method=\"post\">\(FormField.keys(formKey))</form>"
    }
}

/// One of a few, in a list that opens.
public struct Select: Part {
    public var name: String
    public var label: HTML
    public var options: [(value: String, label: HTML)]
    public var chosen: String
    /// What is to choose from are the clinic's own words, called so in every language.
    public var areNames: Bool
    /// Values that are none of them, but words of ours.
    public var words: Set<String>
    public var error: HTML?

    public init(
        _ name: String, _ label: HTML, _ options: [(value: String, label: HTML)], chosen: String, areNames: Bool = false, but words: Set<String> = []
    ) {
        (self.name, self.label, self.options, self.chosen, self.areNames, self.words) = (name, label, options, chosen, areNames, words)
    }

    private func option(_ option: (value: String, label: HTML)) -> HTML {
        // What is called by its address is called so in every language, and so are people and places.
        let isName = areNames && !words.contains(option.value) || ["http", "Practitioner/", "Location/"].contains { option.value.hasPrefix($0) }
        let attributes: HTML = "\(when: option.value == chosen, " selected")\(when: isName, " translate=\"no\"")"
        return "<option value=\"\(option.value)\"\(attributes)>\(option.label)</option>"
    }

    /// The same with the error that belongs to it, if any.
    public func marked(_ errors: [FieldError], _ t: Wording) -> Select {
        var marked = self
        marked.error = errors.words(of: name, t) ?? error
        return marked
    }

    public var html: HTML {
        """
        <div class="field short\(when: error != nil, " field-bad")"><label for="\(name)">\(label)</label>\
        \(error.map { "<p class=\"error\" id=\"\(name)-error\">\($0)</p>" as HTML })\
        <select id="\(name)" name="\(name)"\(when: error != nil, " aria-invalid=\"true\" aria-describedby=\"\(name)-error\"")>\
        \(each: options, option)</select></div>
        """
    }
}

/// Free times as radio buttons, a group for each day. The zone stands above them.
public struct SlotPicker: Part {
    public struct Slot: Sendable {
        public var id: String
        public var starts: Moment
        /// With whom, where the times of several people stand together.
        public var clinician: HTML?
        public init(id: String, starts: Moment, clinician: HTML? = nil) {
            self.id = id
            self.starts = starts
            self.clinician = clinician
        }
    }

    public let html: HTML

    /// - Parameter slots: soonest first; a day is where its zone's calendar puts it.
    public init(_ slots: [Slot], name: String, chosen: String?, _ t: Wording) {
        var out = HTML()
        var rest = slots[...]
        while let first = rest.first {
            let day = rest.prefix { $0.starts.day == first.starts.day }
            rest = rest.dropFirst(day.count)
            let id = "day-\(first.starts.day.iso)"
            out += """
                <div class="slot-day" role="group" aria-labelledby="\(id)"><p id="\(id)">\(t.date(first.starts.day, .shortWeekday))</p>\
                <div class="slots">\(each: day, { slot in
                    """
                    <label class="slot"><input type="radio" name="\(name)" value="\(slot.id)" required\(when: slot.id == chosen, " checked")>\
                    <span>\(t.clock(slot.starts))\(slot.clinician.map { "<small>\($0)</small>" as HTML })</span></label>
                    """
                })</div></div>
                """
        }
        html = out
    }
}

/// A form that changes something: it posts, carries the key that proves it comes from our own page, and a key that makes sending it twice harmless.
public struct Form: Part {
    public var path: String
    public var formKey: String
    public var style: String
    public var body: HTML

    /// - Parameters:
    ///   - formKey: from the frame.
    ///   - style: classes of the style sheet.
    public init(to path: String, formKey: String, style: String, _ body: HTML) {
        self.path = path
        self.formKey = formKey
        self.style = style
        self.body = body
    }

    public var html: HTML {
        """
        <form class="\(style)" action="\(path)" method="post" novalidate>\(body)\(FormField.keys(formKey))</form>
        """
    }
}

extension Form {
    /// The same form, kept by the page's script while it is typed. It has an element `data-autosave-status`, where the script says how that goes.
    /// - Parameters:
    ///   - path: answers `{"revision": …, "words": …}`; the revision goes into the field of that name.
    ///   - taken: what is said when somebody else has changed it (409).
    ///   - failed: what is said when it could not be kept.
    public func autosaving(_ path: String, taken: HTML, failed: HTML) -> HTML {
        let attributes: HTML = " data-autosave=\"\(path)\" data-autosave-taken=\"\(taken)\" data-autosave-failed=\"\(failed)\""
        return HTML(markup: html.markup.replacing("<form ", with: "<form\(attributes.markup) ", maxReplacements: 1))
    }
}

/// The hidden fields every form carries.
public enum FormField {
    /// Proves that the form comes from a page of this session.
    public static let formKey = "form-key"
    /// A UUID made with the form: the same form sent twice is one command.
    public static let submission = "submission"

    /// Both fields. - Parameter submission: where somebody else has to know it.
    static func keys(_ formKey: String, submission: UUID = .v7()) -> HTML {
        """
        <input type="hidden" name="\(Self.formKey)" value="\(formKey)">\
        <input type="hidden" name="\(Self.submission)" value="\(submission.uuidString.lowercased())">
        """
    }
}
