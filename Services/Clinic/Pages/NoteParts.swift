import Contracts
import Web

extension NoteText {
    /// As a form sent it.
    init(typed form: FormData) {
        self.init(
            history: form.trimmed("history"), findings: form.trimmed("findings"), assessment: form.trimmed("assessment"),
            plan: form.trimmed("plan"), instructions: form.trimmed("instructions"))
    }

    /// Each part with the name of its field.
    func labelled(_ t: Wording) -> [(name: String, label: HTML, text: String)] {
        [
            ("history", t("note.history"), history), ("findings", t("note.findings"), findings), ("assessment", t("note.assessment"), assessment),
            ("plan", t("note.plan"), plan), ("instructions", t("note.instructions"), instructions),
        ]
    }

    /// With the words that a full stop and a name stand for, where a blank comes before and after.
    func expanding(_ phrases: [Phrase]) -> NoteText {
        let words = Dictionary(phrases.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
        func expanded(_ text: String) -> String {
            text.replacing(/(^|\s)\.([\p{L}\p{Nd}-]{1,20})(?=\s|$)/) { match in
                words[match.2.lowercased()].map { "\(match.1)\($0)" } ?? String(match.0)
            }
        }
        return NoteText(
            history: expanded(history), findings: expanded(findings), assessment: expanded(assessment), plan: expanded(plan),
            instructions: expanded(instructions))
    }

    /// With what a template says: below what is written, or in its place where nothing is. Nothing is taken away, and what stands there already
    /// does not come twice.
    func with(_ template: NoteText) -> NoteText {
        func both(_ written: String, _ given: String) -> String {
            if given.isEmpty || written.contains(given) { return written }
            return written.isEmpty ? given : "\(written)\n\n\(given)"
        }
        return NoteText(
            history: both(history, template.history), findings: both(findings, template.findings),
            assessment: both(assessment, template.assessment), plan: both(plan, template.plan),
            instructions: both(instructions, template.instructions))
    }
}

/// What a note may begin with, to choose from; those for this visit's reason first, and the first of them chosen.
func templateChoice(_ templates: [NoteTemplateLine], reason: String?, path: String, _ errors: [FieldError], _ t: Wording) -> HTML? {
    let offered = templates.filter { !$0.retired }
    guard !offered.isEmpty else { return nil }
    let reason = (reason ?? "").lowercased()
    func fits(_ line: NoteTemplateLine) -> Bool { !line.reason.isEmpty && reason.contains(line.reason.lowercased()) }
    let fitting = offered.filter(fits)
    let options: [(value: String, label: HTML)] = (fitting + offered.filter { !fits($0) }).map { ("\($0.template)", HTML(text: $0.title)) }
    let chosen = fitting.first.map { "\($0.template)" } ?? ""
    let select = Select("template", t("note.template"), [("", t("note.template-none"))] + options, chosen: chosen)
    return """
        <div class="stack-s">\(select.marked(errors, t))<p class="plain">\(t("note.template-help"))</p>\
        <p><button class="btn btn-link" formaction="\(path)/template">\(t("note.template-insert"))</button></p></div>
        """
}
