import Contracts
import Foundation
import Web

/// The days somebody typed; empty is open.
struct DownloadDays: Sendable {
    var from: String
    var through: String

    init(_ typed: FormData) { (from, through) = (typed.trimmed("from"), typed.trimmed("through")) }

    init(from: Substring?, through: Substring?) {
        self.from = (from ?? "").trimmingCharacters(in: .whitespaces)
        self.through = (through ?? "").trimmingCharacters(in: .whitespaces)
    }

    /// The fields that are no day, or the last day where it comes before the first.
    var wrong: [String] {
        let unread = fields.filter { !$0.value.isEmpty && Day(typed: $0.value) == nil }.map(\.name)
        guard unread.isEmpty, let first = Day(typed: from)?.iso, let last = Day(typed: through)?.iso, last < first else { return unread }
        return ["through"]
    }

    /// Nil where everything is wanted.
    var chosen: (from: Day?, through: Day?)? {
        let days = (from: Day(typed: from), through: Day(typed: through))
        return wrong.isEmpty && (days.from != nil || days.through != nil) ? days : nil
    }

    /// From the first moment of the first day to that after the last one; nil is open.
    func span(in zone: Zone) -> (from: Date?, until: Date?) {
        (chosen?.from.flatMap { zone.start(of: $0) }, chosen?.through.flatMap { zone.start(of: $0, later: 1) })
    }

    var fields: [(name: String, value: String)] { [("from", from), ("through", through)] }

    func words(_ t: Wording) -> HTML {
        switch chosen {
        case (let from?, let through?)?: t("download.between", ["from": t.date(from, .long), "through": t.date(through, .long)])
        case (let from?, nil)?: t("download.since", ["from": t.date(from, .long)])
        case (nil, let through?)?: t("download.until", ["through": t.date(through, .long)])
        case (nil, nil)?, nil: ""
        }
    }
}

struct DownloadView: Sendable {
    var days: DownloadDays
    var offersPDF: Bool
}

/// `GET /record/download`: of which days, and in which form, the record can be taken away.
func downloadPage(_ view: DownloadView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.days.wrong.map { FieldError($0, t("download.not-a-day")) }
    func choice(_ id: String, _ title: HTML, _ help: HTML, _ button: HTML) -> HTML {
        Form(to: "/record/download/\(id)", formKey: frame.formKey, style: "card stack-s", """
            <h2>\(title)</h2><p>\(help)</p><p><button class="btn btn-plain">\(button)</button></p>\
            \(each: view.days.fields, { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" })
            """).html
    }
    func day(_ name: String, _ label: HTML, _ value: String) -> Field {
        Field(name, label, hint: t("access.day-hint"), value: value, autocomplete: "off", width: .short, maximumLength: 40).marked(errors, t)
    }
    return frame.page(title: t("download.title"), """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/record">\(t("record.title"))</a></p><h1>\(t("download.title"))</h1>\
        <p class="lead">\(t("download.lead"))</p>\
        <form class="card stack-s" action="/record/download" method="get" novalidate><h2>\(t("download.days"))</h2>\
        <p>\(t("download.days-help"))</p>\(when: !errors.isEmpty, ErrorSummary(errors, t).html)<div class="cluster">\
        \(day("from", t("download.from"), view.days.from).html)\(day("through", t("download.through"), view.days.through).html)</div>\
        <p><button class="btn btn-plain">\(t("download.choose-days"))</button></p></form>\
        \(when: view.days.chosen != nil, Note(.ok, announcement: .status, "<p>\(view.days.words(t))</p>").html)\
        \(choice("html", t("download.html"), t("download.html-help"), t("download.html-button")))\
        \(view.offersPDF ? choice("pdf", t("download.pdf"), t("download.pdf-help"), t("pdf.get")) : "<p class=\"plain\">\(t("pdf.not-here"))</p>")\
        \(choice("json", t("download.json"), t("download.json-help"), t("download.json-button")))\
        \(Note(.warn, "<p>\(t("download.careful"))</p>"))\
        <p class="plain">\(t("download.written-down")) <a class="target" href="/looked?all=1">\(t("nav.looked"))</a></p></div>
        """)
}

/// How the file begins that is read and printed: it stands by itself, so it brings the little style it needs.
func downloadBeginning(_ patient: PatientSummary, _ days: DownloadDays, asOf: Moment, in frame: Frame) -> HTML {
    let t = frame.t
    let title = t("download.of", ["name": patient.name])
    let born = patient.birthDate.flatMap { Day($0) }.map { t("download.born", ["date": t.date($0, .long)]) }
    let site = [frame.site.name, frame.site.address, frame.site.phone].compactMap(\.self).joined(separator: ", ")
    return """
        <!doctype html>
        <html lang="\(t.language.tag)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title)</title>
        <style>body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem} ol{list-style:none;padding:0}
        li{border-top:1px solid;padding:.5rem 0;break-inside:avoid} p{margin:0} .tag{margin-left:.75rem}</style>
        </head>
        <body>
        <h1>\(title)</h1>
        <p>\(born)\(when: born != nil, " ")\(patient.mrn.map { t("download.number", ["number": $0]) })</p>
        <p>\(site). \(t("download.as-of", ["time": t.dateAndTime(asOf, .full)]))</p>\
        \(when: days.chosen != nil, "<p>\(days.words(t))</p>" as HTML)

        """
}
