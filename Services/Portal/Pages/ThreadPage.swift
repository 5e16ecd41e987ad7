import Contracts
import Foundation
import Web

struct ThreadPageView: Sendable {
    var thread: ThreadView
    var names: ClinicNames
    var typed = ""
    var refusal: MessageRefusal?
    /// Filed already, with a message that was not sent.
    var attached: MessageAttachment?
    /// Why the file was not taken.
    var problem: DocumentProblem?
    /// Just now.
    var isSent = false
    var now: Moment

    var isUrgent: Bool { refusal == .urgent }
}

/// `GET /messages/{thread}`: what was written, who answers by when, and room for more.
func threadPage(_ view: ThreadPageView, in frame: Frame) -> HTML {
    let t = frame.t
    let line = view.thread.line
    let errors = errors(view, t)
    return frame.page(title: subject(line, t), hasErrors: view.refusal != nil || view.problem != nil, script: .live, sendsPieces: true, """
        \(LiveMark("/live?thread=\(line.thread)&at=\(line.position)", t))\
        <div class="wrap-narrow stack"><p><a class="crumb" href="/messages">\(t("messages.title"))</a></p>\
        <h1 translate="no">\(subject(line, t))</h1>\
        <p class="soft">\(t.purpose(line.purpose)). \(ShownOf(view.thread.messages.count, of: view.thread.total, t))</p>\
        \(line.invoice.map { "<p><a class=\"target\" href=\"/bills/\($0)\">\(t("messages.the-bill"))</a></p>" as HTML })\
        \(when: view.isSent, Note(.ok, announcement: .status, "<p>\(t("messages.sent"))</p>").html)\
        \(when: !errors.isEmpty, ErrorSummary(errors, t).html)\(said(view, t))\
        \(Note(.plain, icon: .clock, "<p class=\"strong\">\(threadState(line, view.names, view.now, t))</p>"))\
        \(MessageList(view.thread, isPatient: true, view.names, now: view.now, t, file: { "/documents/\($0)/file" }) { message in
            guard message.isOwn else { return nil }
            return Form(to: "/messages/\(line.thread)/retract", formKey: frame.formKey, style: "no-print", """
                <input type="hidden" name="message" value="\(message.message)">\
                <button class="btn btn-link">\(t("messages.retract"))</button>
                """).html
        })\(reply(view, errors, frame))</div>
        """)
}

private func reply(_ view: ThreadPageView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let t = frame.t
    guard let next = view.thread.next else {
        // What was typed meanwhile is there to be copied.
        let typed: HTML? =
            view.typed.isEmpty ? nil : "<p class=\"strong\">\(t("messages.typed"))</p><p class=\"kept\" translate=\"no\">\(view.typed)</p>"
        return "<p>\(t("messages.too-old"))</p>\(typed)<p>\(Action(t("messages.new"), to: "/messages/new"))</p>"
    }
    // A promise that is over already is apologised for above, not made once more.
    let promise: HTML? = next.by.instant > view.now.instant ? "\(t.promise(next, view.names, from: view.now)) " : nil
    let hint: HTML = "\(promise)\(t("messages.hint"))"
    return FileForm(to: "/messages/\(view.thread.line.thread)", formKey: frame.formKey, style: "card stack", """
        \(Field("text", t("messages.more"), .lines, hint: hint, value: view.typed, autocomplete: "off", maximumLength: 5_000).marked(errors, t))\
        <input type="hidden" name="shown" value="\(next.by.instant.milliseconds)">\(urgentField(view.isUrgent))\
        \(MessageFileField(view.attached, view.problem, t))\
        <p><button class="btn">\(view.isUrgent ? t("messages.send-anyway") : t("messages.send"))</button></p>
        """).inPieces(to: "/messages/pieces", t).html
}

private func errors(_ view: ThreadPageView, _ t: Wording) -> [FieldError] {
    switch view.refusal {
    case .empty: [FieldError("text", t("messages.text-missing"))]
    case .tooLong: [FieldError("text", t("messages.too-long"))]
    default: view.problem?.errorsWithMessage(t) ?? []
    }
}

private func said(_ view: ThreadPageView, _ t: Wording) -> HTML? {
    switch view.refusal {
    case .urgent: urgentNote(t)
    case .promised(let promise): promiseNote(promise, wanted: nil, view.names, view.now, t)
    case .alreadyRead: Note(.bad, announcement: .alert, "<p>\(t("messages.already-read"))</p>").html
    default: nil
    }
}
