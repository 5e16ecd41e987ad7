import Contracts
import Foundation
import Web

struct MessagesView: Sendable {
    var threads: Threads
    /// What is looked for; empty: everything is shown.
    var search = ""
    var names: ClinicNames
    var now: Moment
}

/// `GET /messages`: the patient's threads, the last written in first.
func messagesPage(_ view: MessagesView, in frame: Frame) -> HTML {
    let t = frame.t
    let lines = view.threads.threads
    let nothing =
        view.search.isEmpty
        ? Empty(t("messages.none"), t("messages.none-help"), action: nil) : Empty(t("messages.not-found"), t("messages.not-found-help"), action: nil)
    return frame.page(title: t("messages.title"), script: .live, """
        \(when: view.search.isEmpty, LiveMark("/live?at=\(view.threads.position ?? 0)", t).html)\
        <div class="wrap-narrow stack"><div class="cluster apart"><h1>\(t("messages.title")) \(ShownOf(lines.count, of: view.threads.total, t))</h1>\
        \(Action(t("messages.new"), to: "/messages/new"))</div>\
        <search>\(Form(to: "/messages/search", formKey: frame.formKey, style: "cluster", """
            \(Field("q", t("messages.search"), .search, value: view.search, autocomplete: "off", width: .middle, maximumLength: 100))\
            <button class="btn btn-plain">\(t("messages.find"))</button>
            """))</search>\
        \(lines.isEmpty ? nothing.html : list(lines, view, t))\
        \(when: !view.search.isEmpty, "<p>\(Action(t("messages.all"), to: "/messages", .plain))</p>")\
        \(view.threads.wantsOutreach.map { toMany($0, frame.formKey, t) } ?? "")</div>
        """)
}

/// What the clinic writes to many at once, and whether it comes here.
private func toMany(_ isWanted: Bool, _ formKey: String, _ t: Wording) -> HTML {
    """
    <section class="card stack-s" id="to-many"><h2>\(t("messages.to-many"))</h2>\
    <p>\(t(isWanted ? "messages.to-many-wanted" : "messages.to-many-stopped"))</p>\
    \(Form(to: "/messages/to-many", formKey: formKey, style: "cluster", """
        <input type="hidden" name="wanted" value="\(isWanted ? "no" : "yes")">\
        <button class="btn btn-plain">\(t(isWanted ? "messages.to-many-stop" : "messages.to-many-begin"))</button>
        """))</section>
    """
}

private func list(_ lines: [ThreadLine], _ view: MessagesView, _ t: Wording) -> HTML {
    """
    <ul class="rows card">\(each: lines, { line in
        """
        <li><p class="cluster apart"><a class="target strong" href="/messages/\(line.thread)" translate="no">\(subject(line, t))</a>\
        \(when: line.unread > 0, Tag(.info, t("messages.unread")).html)</p>\
        <p class="plain">\(t.purpose(line.purpose)). \(threadState(line, view.names, view.now, t))</p></li>
        """
    })</ul>
    """
}

func subject(_ line: ThreadLine, _ t: Wording) -> HTML { line.subject.isEmpty ? t("messages.subject-gone") : HTML(text: line.subject) }

/// Whose turn it is, and until when.
func threadState(_ line: ThreadLine, _ names: ClinicNames, _ now: Moment, _ t: Wording) -> HTML {
    switch line.state {
    case .waiting where line.level == 2: t("messages.late", ["who": line.owner.map { t.clinician($0, names) } ?? t.pool(line.pool)])
    case .waiting: t.promise(AnswerPromise(pool: line.pool, owner: line.owner, by: line.promised), names, from: now)
    case .answered: t("messages.answered")
    case .closed: t("messages.closed")
    }
}
