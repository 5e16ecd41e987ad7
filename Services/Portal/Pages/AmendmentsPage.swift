import Contracts
import Foundation
import Web

struct AmendmentsView: Sendable {
    var found: Amendments
    /// Something was asked for just now.
    var isAsked = false
    var now: Moment
}

/// `GET /record/amendments`: what the patient asked to have amended, with the clock.
func amendmentsPage(_ view: AmendmentsView, in frame: Frame) -> HTML {
    let t = frame.t
    let lines = view.found.amendments
    let list: HTML = "<ul class=\"rows card\">\(each: lines, { line($0, view.now, t) })</ul>"
    return frame.page(title: t("amend.title"), """
        <div class="stack"><p><a class="crumb" href="/record">\(t("record.title"))</a></p><h1>\(t("amend.title"))</h1>\
        <p class="lead">\(t("amend.lead"))</p>\(when: view.isAsked, Note(.ok, announcement: .status, "<p>\(t("amend.asked"))</p>").html)\
        <p>\(t("amend.how")) <a class="target" href="/record/all">\(t("timeline.title"))</a></p>\
        <h2>\(t("amend.requests")) \(ShownOf(lines.count, of: view.found.total, t))</h2>\
        \(lines.isEmpty ? Empty(t("amend.none"), t("amend.none-help")).html : list)</div>
        """)
}

private func line(_ amendment: Amendment, _ now: Moment, _ t: Wording) -> HTML {
    func day(_ moment: Date) -> HTML { t.date(Moment(moment, in: now.zone).day, .short) }
    let state =
        switch amendment.status {
        case "completed": Tag(.ok, t("amend.accepted"))
        case "rejected": Tag(.warn, t("amend.refused"))
        default: Tag(.info, t("amend.waiting"))
        }
    let clock = amendment.decided.map { t("amend.decided", ["date": day($0)]) } ?? amendment.clock(now, t)
    return """
        <li class="stack-s" data-fhir="Task/\(amendment.request)"><div class="cluster apart"><h3>\(amendment.entry.heading(t))</h3>\(state)</div>\
        <p><strong>\(t("amend.wrong"))</strong> <span translate="no">\(amendment.wrong)</span></p>\
        <p><strong>\(t("amend.right"))</strong> <span translate="no">\(amendment.right)</span></p>\
        \(amendment.words.map { "<blockquote><p translate=\"no\">\($0)</p></blockquote>" as HTML })\
        <p class="plain">\(t("amend.asked-on", ["date": day(amendment.asked)])) \(clock)</p></li>
        """
}

struct AmendmentFormView: Sendable {
    var entry: RecordLine
    var wrong = ""
    var right = ""
    var problems: [EntryProblem] = []
    /// A request about this entry waits already.
    var isWaiting = false
    var now: Moment
}

/// `GET /record/amendments/{id}`: what is wrong with one entry, and what it should say.
func amendmentFormPage(_ view: AmendmentFormView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.problems.map { FieldError($0.field, $0.fault == .missing ? t("amend.missing") : t("amend.too-long")) }
    let wrong = Field("wrong", t("amend.wrong-field"), .lines, value: view.wrong, autocomplete: "off", maximumLength: 1_000)
    let right = Field("right", t("amend.right-field"), .lines, value: view.right, autocomplete: "off", maximumLength: 1_000)
    let waits = view.isWaiting ? ErrorSummary(title: t("amend.already"), text: t("amend.already-help")) : nil
    let form = Form(to: "/record/amendments/\(view.entry.id)", formKey: frame.formKey, style: "card stack", """
        \(wrong.marked(errors, t))\(right.marked(errors, t))<p class="cluster"><button class="btn btn-large">\(t("amend.send"))</button>\
        \(Action(t("amend.leave"), to: "/record/all", .link))</p>
        """)
    return frame.page(title: t("amend.form-title"), hasErrors: !errors.isEmpty || view.isWaiting, """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/record/amendments">\(t("amend.title"))</a></p><h1>\(t("amend.form-title"))</h1>\
        <p class="lead">\(t("amend.form-lead"))</p>\(waits)\(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        <div class="card">\(RecordLines([view.entry], path: { _ in nil }, t))</div>\(form)</div>
        """)
}

/// The way to say that an entry is wrong. - Parameter name: of the entry, for those who hear links alone.
func amendLink(_ entry: ID<Resource>, _ name: String, _ t: Wording) -> HTML {
    "<p><a class=\"target\" href=\"/record/amendments/\(entry)\">\(t("amend.link"))<span class=\"hide\">: \(name)</span></a></p>"
}
