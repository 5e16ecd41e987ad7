import Contracts
import Foundation
import Web

struct InboxView: Sendable {
    var inbox: Inbox
    /// Who is missing here may not be known, or records does not answer.
    var patients: [ID<Patient>: PatientSummary]
    var names: ClinicNames
    var mine = false
    var all = false
    /// From 0.
    var page = 0
    var writesToMany = false
    var isDone = false
    var now: Moment

    /// Whether "next" leads anywhere.
    var hasMore: Bool { inbox.hasMore ?? ((page + 1) * 50 < inbox.total) }

    func path(page: Int) -> String { "/messages?page=\(page)\(mine ? "&mine=1" : "")\(all ? "&all=1" : "")" }
}

/// `GET /messages`: what patients wait for an answer to, soonest promised first.
func inboxPage(_ view: InboxView, in frame: Frame) -> HTML {
    let t = frame.t
    let lines = view.inbox.threads
    return frame.page(title: t("inbox.title"), script: .live, """
        \(LiveMark("/live?at=\(view.inbox.position ?? 0)", t))\
        <div class="stack"><div class="cluster apart"><h1>\(t("inbox.title")) \(ShownOf(lines.count, of: view.inbox.total, t))</h1>\
        <div class="cluster">\(Action(t("inbox.waiting"), to: "/messages", .plain))\(Action(t("inbox.mine"), to: "/messages?mine=1", .plain))\
        \(Action(t("inbox.all"), to: "/messages?all=1", .plain))\
        \(when: view.writesToMany, Action(t("outreach.title"), to: "/outreach", .plain).html)</div></div>\
        \(when: view.isDone, Note(.ok, announcement: .status, "<p>\(t("inbox.done"))</p>").html)\
        \(lines.isEmpty ? Empty(t("inbox.none"), t("inbox.none-help")).html : inboxRows(lines, view.patients, view.names, view.now, t))\
        <p class="cluster">\(when: view.page > 0, Action(t("pages.before"), to: view.path(page: view.page - 1), .plain).html)\
        \(when: view.hasMore, Action(t("pages.next"), to: view.path(page: view.page + 1), .plain).html)</p></div>
        """)
}

/// - Parameter patients: see `InboxView`.
func inboxRows(
    _ lines: [ThreadLine], _ patients: [ID<Patient>: PatientSummary], _ names: ClinicNames, _ now: Moment, _ t: Wording
) -> HTML {
    """
    <ul class="rows card">\(each: lines, { line in
        let patient: HTML = patients[line.patient].map { "<span translate=\"no\">\($0.family), \($0.given)</span>" } ?? t("inbox.patient-missing")
        return """
            <li class="stack-s"><p class="cluster"><span class="strong">\(patient)</span>\(threadTags(line, t))</p>\
            <p><a class="target" href="/patients/\(line.patient)/messages/\(line.thread)">\(threadSubject(line, t))</a></p>\
            <p class="plain">\(t.purpose(line.purpose)). \(threadTurn(line, names, now, t))</p></li>
            """
    })</ul>
    """
}

func threadSubject(_ line: ThreadLine, _ t: Wording) -> HTML {
    line.subject.isEmpty ? t("inbox.subject-gone") : "<span translate=\"no\">\(line.subject)</span>"
}

func threadTags(_ line: ThreadLine, _ t: Wording) -> HTML {
    """
    \(when: line.isUrgent, Tag(.bad, t("inbox.urgent")).html)\(when: line.level == 2, Tag(.bad, t("inbox.late")).html)\
    \(when: line.level == 1, Tag(.warn, t("inbox.soon-late")).html)\(when: line.unread > 0, Tag(.info, t("inbox.unread")).html)
    """
}

/// Who has it, and until when an answer was promised.
func threadTurn(_ line: ThreadLine, _ names: ClinicNames, _ now: Moment, _ t: Wording) -> HTML {
    let who: HTML =
        if line.isMine { t("inbox.you") } else if let owner = line.owner { t.clinician(owner, names) } else if line.isTaken {
            t("inbox.taken")
        } else { t("inbox.nobody", ["pool": t.pool(line.pool)]) }
    let by = Moment(line.promised).map { t.nearDateAndTime($0, from: now) } ?? "\(line.promised.local)"
    switch line.state {
    case .waiting: return t("inbox.answer-by", ["who": who, "time": by])
    case .answered: return t("inbox.answered", ["who": who])
    case .closed: return t("inbox.closed")
    }
}
