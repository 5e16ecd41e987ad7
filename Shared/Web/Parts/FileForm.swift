import Contracts
import Foundation

/// A form that sends a file. It is read in the order of the page: the keys come first, so that nothing is taken from who may not send it, and the
/// file last.
public struct FileForm: Part {
    public var path: String
    public var formKey: String
    public var style: String
    public var body: HTML
    /// Attributes that say how a script sends the file beforehand; nil where it goes with the form alone.
    var pieces: HTML?

    /// - Parameters:
    ///   - formKey: from the frame.
    ///   - style: classes of the style sheet.
    ///   - body: ends with the choice of the file.
    public init(to path: String, formKey: String, style: String, _ body: HTML) {
        self.path = path
        self.formKey = formKey
        self.style = style
        self.body = body
    }

    public var html: HTML {
        """
        <form class="\(style)" action="\(path)" method="post" enctype="multipart/form-data"\(pieces) novalidate>\
        \(FormField.keys(formKey))\(body)\(when: pieces != nil, "<p class=\"plain\" role=\"status\" data-pieces-status></p>")</form>
        """
    }
}

/// The choice of a file.
public struct FileChoice: Part {
    public var name: String
    public var label: HTML
    public var hint: HTML?
    public var error: HTML?
    /// MIME types.
    public var accepts: [String]
    /// On a phone the camera opens instead of the files.
    public var isCamera: Bool

    public init(_ name: String, _ label: HTML, hint: HTML? = nil, accepts: [String], isCamera: Bool = false) {
        (self.name, self.label, self.hint, self.accepts, self.isCamera) = (name, label, hint, accepts, isCamera)
    }

    /// The same with the error that belongs to it, if any.
    public func marked(_ errors: [FieldError], _ t: Wording) -> FileChoice {
        var marked = self
        marked.error = errors.words(of: name, t) ?? error
        return marked
    }

    public var html: HTML {
        let described = [hint == nil ? nil : "\(name)-hint", error == nil ? nil : "\(name)-error"].compactMap { $0 }.joined(separator: " ")
        return """
            <div class="field\(when: error != nil, " field-bad")"><label for="\(name)">\(label)</label>\
            \(hint.map { "<p class=\"hint\" id=\"\(name)-hint\">\($0)</p>" as HTML })\
            \(error.map { "<p class=\"error\" id=\"\(name)-error\">\($0)</p>" as HTML })\
            <input type="file" id="\(name)" name="\(name)" accept="\(accepts.joined(separator: ","))"\
            \(when: isCamera, " capture=\"environment\"")\(when: error != nil, " aria-invalid=\"true\"")\
            \(when: !described.isEmpty, " aria-describedby=\"\(described)\"")></div>
            """
    }
}
