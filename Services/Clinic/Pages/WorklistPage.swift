import Contracts
import Web

struct WorklistView: Sendable {
    var messages = Available<Inbox>.missing
    /// Who wrote them.
    var patients: [ID<Patient>: PatientSummary] = [:]
    var names = ClinicNames(nil)
    var renewals: Available<Renewals>
    var notes: Available<UnsignedNotes>
    var documents: Available<UnreviewedDocuments>
    var loops: Available<OpenLoops>
    var mayDecide: Bool
    /// Of the request that was answered, why it was not done.
    var refusal: (request: ID<Resource>, why: DecisionRefusal)?
    /// Of the same request, what was typed and not kept.
    var typed: (words: String, override: String)?
    var done = false
    /// Of the lists that are longer than a page.
    var at = WorklistPages()
    /// What they acknowledged was changed since they had looked.
    var changed = false
    /// What they wrote for the patient is too short to be a comment, or too long.
    var commentIsUnfit = false
    var now: Moment
}

/// Which page of its long lists is shown; nil: the first.
struct WorklistPages: Sendable {
    var results: Int?
    var overdue: Int?
    var renewals: Int?
}

/// `GET /worklist`: what waits for this person: results to acknowledge, orders without one, renewals to answer, documents to look at, notes to sign.
func worklistPage(_ view: WorklistView, in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(title: t("worklist.title"), hasErrors: view.refusal != nil, """
        <div class="stack"><h1>\(t("worklist.title"))</h1>\
        \(when: view.done, Note(.ok, announcement: .status, "<p>\(t("worklist.done"))</p>").html)\(refused(view, t))\
        \(when: view.changed, Note(.warn, announcement: .alert, "<p>\(t("worklist.changed-meanwhile"))</p>").html)\
        \(when: view.commentIsUnfit, Note(.bad, announcement: .alert, "<p>\(t("result.comment-unfit"))</p>").html)\
        <section class="stack-s" aria-labelledby="messages"><h2 id="messages">\(t("inbox.title"))</h2>\
        \(view.messages.html(missing: t("worklist.missing")) { messages($0, view, t) })</section>\
        <section class="stack-s" aria-labelledby="results"><h2 id="results">\(t("chart.results"))</h2>\
        \(view.loops.html(missing: t("worklist.missing")) { results($0, view, frame) })</section>\
        <section class="stack-s" aria-labelledby="overdue"><h2 id="overdue">\(t("worklist.overdue"))</h2>\
        \(view.loops.html(missing: t("worklist.missing")) { overdue($0, view, t) })</section>\
        <section class="stack-s" aria-labelledby="renewals"><h2 id="renewals">\(t("worklist.renewals"))</h2>\
        \(view.renewals.html(missing: t("worklist.missing")) { renewals($0, view, frame) })</section>\
        <section class="stack-s" aria-labelledby="documents"><h2 id="documents">\(t("worklist.documents"))</h2>\
        \(view.documents.html(missing: t("worklist.missing")) { documents($0.waiting, view, t) })</section>\
        <section class="stack-s" aria-labelledby="notes"><h2 id="notes">\(t("worklist.notes"))</h2>\
        \(view.notes.html(missing: t("worklist.missing")) { notes($0.notes, view, t) })</section>\
        <p>\(Action(t("amendments.title"), to: "/amendments", .plain))</p></div>
        """)
}

private func refused(_ view: WorklistView, _ t: Wording) -> HTML? {
    let errors = decisionErrors(view, t)
    return errors.isEmpty ? nil : ErrorSummary(errors, t).html
}

/// Why the request was not answered, at the field that puts it right where there is one.
private func decisionErrors(_ view: WorklistView, _ t: Wording) -> [FieldError] {
    guard let (request, why) = view.refusal else { return [] }
    return switch why {
    case .wordsMissing: [FieldError("words-\(request)", t("worklist.words-missing"))]
    case .reasonNeeded: [FieldError("override-\(request)", t("rx.reason-needed"))]
    case .alreadyDecided: [FieldError("", t("worklist.already-decided"))]
    case .notPossible: [FieldError("", t("worklist.ended"))]
    case .notFound, .idInUse: [FieldError("", t("entry.not-kept-help"))]
    }
}

/// The first of what patients wait for an answer to; the rest is a page of its own.
private func messages(_ inbox: Inbox, _ view: WorklistView, _ t: Wording) -> HTML {
    let lines = Array(inbox.threads.prefix(10))
    guard !lines.isEmpty else { return "<div class=\"empty\"><p>\(t("inbox.none"))</p></div>" }
    return """
        <p>\(ShownOf(lines.count, of: inbox.total, t))</p>\(inboxRows(lines, view.patients, view.names, view.now, t))\
        <p>\(Action(t("inbox.open"), to: "/messages", .plain))</p>
        """
}

private func person(_ patient: PatientSummary, _ now: Moment, _ t: Wording) -> HTML {
    """
    <a class="target" href="/patients/\(patient.id)" translate="no">\(patient.family), \(patient.given)</a>\
     <span class="plain">\(born(patient, now.day, t))</span>
    """
}

private func results(_ loops: OpenLoops, _ view: WorklistView, _ frame: Frame) -> HTML {
    let (t, lines) = (frame.t, loops.results)
    guard !lines.isEmpty else { return "<div class=\"empty\"><p>\(t("worklist.no-results"))</p></div>" }
    let pages = PageLinks(loops.resultsPage, shown: lines.count, named: t("chart.results"), t) { "/worklist?results=\($0)#results" }
    return """
        \(pages)<ul class="rows card">\(each: lines, { line in
            let result = line.result
            let former = result.previousValue.map { "<span class=\"old\"><span class=\"hide\">\(t("result.was")) </span>\($0)</span>" as HTML }
            let page = "/patients/\(line.patient.id)/results/\(result.id)/versions"
            return """
                <li class="stack-s" data-fhir="Observation/\(result.id)"><p>\(person(line.patient, view.now, t))</p>\
                <h3><a class="target" href="\(page)">\(result.display)</a></h3>\
                <p class="cluster"><span>\(former) <strong>\(result.shownValue(t))</strong></span>\(result.reading?.tag(t))\
                \(t.resultStatus(result.status ?? "", corrected: result.corrected))</p>\
                <p class="cluster plain">\(reason(line.why, t))\
                <span>\(t("worklist.since", ["time": t.dateAndTime(Moment(line.since, in: view.now.zone), .short)]))</span></p>\
                \(when: line.heldSince != nil, "<p>\(Tag(.warn, t("result.held")))</p>")\
                \(acknowledge(
                    result.id, line.version, of: line.patient.id, named: "\(result.display)", onPage: view.at.results,
                    heldSince: line.heldSince, frame))</li>
                """
        })</ul>
        """
}

private func reason(_ why: WaitingReason, _ t: Wording) -> Tag {
    switch why {
    case .changed: Tag(.bad, t("worklist.why-changed"))
    case .ordered: Tag(.plain, t("worklist.why-ordered"))
    case .unanswered: Tag(.warn, t("worklist.why-unanswered"))
    }
}

private func overdue(_ loops: OpenLoops, _ view: WorklistView, _ t: Wording) -> HTML {
    let lines = loops.overdue
    guard !lines.isEmpty else { return "<div class=\"empty\"><p>\(t("worklist.no-overdue"))</p></div>" }
    let pages = PageLinks(loops.overduePage, shown: lines.count, named: t("worklist.overdue"), t) { "/worklist?overdue=\($0)#overdue" }
    return """
        \(pages)<ul class="rows card">\(each: lines, { line in
            """
            <li class="stack-s" data-fhir="ServiceRequest/\(line.order.order)"><p>\(person(line.patient, view.now, t))</p>\
            <p class="cluster"><a class="target" href="/patients/\(line.patient.id)/orders/\(line.order.order)">\(line.order.what.text)</a>\
            \(Tag(.plain, t.recordStatus(line.order.status)))<span class="plain">\(t.due(line.order))</span></p></li>
            """
        })</ul>
        """
}

private func renewals(_ found: Renewals, _ view: WorklistView, _ frame: Frame) -> HTML {
    let (t, lines) = (frame.t, found.waiting)
    guard !lines.isEmpty else { return "<div class=\"empty\"><p>\(t("worklist.no-renewals"))</p></div>" }
    let errors = decisionErrors(view, t)
    let pages = PageLinks(found.page, shown: lines.count, named: t("worklist.renewals"), t) { "/worklist?renewals=\($0)#renewals" }
    return """
        \(pages)<ul class="rows card">\(each: lines, { line in
            let typed = view.refusal?.request == line.request ? view.typed : nil
            let words = Field(
                "words-\(line.request)", t("worklist.words"), hint: t("worklist.words-hint"), value: typed?.words ?? "", autocomplete: "off",
                maximumLength: 500
            ).marked(errors, t)
            let override = Field(
                "override-\(line.request)", t("rx.override"), value: typed?.override ?? "", autocomplete: "off", maximumLength: 500
            ).marked(errors, t)
            let key: HTML? = line.request == lines.first?.request ? " accesskey=\"y\"" : nil
            let needsReason = line.report.checks.contains { $0.state != .ok } || override.error != nil
            let form = Form(to: "/worklist/renewals/\(line.request)", formKey: frame.formKey, style: "stack-s", """
                <input type="hidden" name="patient" value="\(line.patient.id)">\(pageField(view.at.renewals))\
                \(when: needsReason, override.html)\(words)\
                <p class="cluster"><button class="btn" name="answer" value="yes"\(key)>\(t("worklist.renew"))</button>\
                <button class="btn btn-plain" name="answer" value="no">\(t("worklist.refuse"))</button></p>
                """)
            return """
                <li class="stack-s"><p>\(person(line.patient, view.now, t))</p><h3>\(line.medicine)</h3>\
                \(t.dosage(line.parts, line.dosage).map { "<p class=\"plain\">\($0)</p>" as HTML })\
                \(line.words.map { "<blockquote><p>\($0)</p></blockquote>" as HTML })\
                <p class="plain">\(t("worklist.asked", ["time": t.dateAndTime(Moment(line.asked, in: view.now.zone), .short)]))</p>\
                \(safety(line.report, t))\(when: view.mayDecide, form.html)</li>
                """
        })</ul>
        """
}

/// Where the answer comes back to.
func pageField(_ page: Int?) -> HTML? { page.map { "<input type=\"hidden\" name=\"page\" value=\"\($0)\">" } }

private func notes(_ lines: [UnsignedNote], _ view: WorklistView, _ t: Wording) -> HTML {
    guard !lines.isEmpty else { return "<div class=\"empty\"><p>\(t("worklist.no-notes"))</p></div>" }
    return """
        <ul class="rows card">\(each: lines, { line in
            """
            <li><p>\(person(line.patient, view.now, t))</p>\
            <p><a class="target" href="/patients/\(line.patient.id)/encounters/\(line.encounter)">\
            \(t("worklist.note-of", ["time": t.dateAndTime(Moment(line.start, in: view.now.zone), .short)]))</a></p></li>
            """
        })</ul>
        """
}

private func documents(_ lines: [UnreviewedDocument], _ view: WorklistView, _ t: Wording) -> HTML {
    guard !lines.isEmpty else { return "<div class=\"empty\"><p>\(t("worklist.no-documents"))</p></div>" }
    return """
        <ul class="rows card">\(each: lines, { line in
            """
            <li data-fhir="DocumentReference/\(line.document.document)"><p>\(person(line.patient, view.now, t))</p>\
            <p><a class="target" href="/patients/\(line.patient.id)/documents/\(line.document.document)">\(line.document.heading(t))</a></p>\
            <p class="plain">\(line.document.facts(isOwn: false, ClinicNames(nil), t))</p></li>
            """
        })</ul>
        """
}
