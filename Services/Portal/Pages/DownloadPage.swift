import Contracts
import Web

/// `GET /record/download`: in which form the record can be taken away.
func downloadPage(offersPDF: Bool, in frame: Frame) -> HTML {
    let t = frame.t
    func choice(_ id: String, _ title: HTML, _ help: HTML, _ button: HTML) -> HTML {
        Form(to: "/record/download/\(id)", formKey: frame.formKey, style: "card stack-s", """
            <h2>\(title)</h2><p>\(help)</p><p><button class="btn btn-plain">\(button)</button></p>
            """).html
    }
    return frame.page(title: t("download.title"), """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/record">\(t("record.title"))</a></p><h1>\(t("download.title"))</h1>\
        <p class="lead">\(t("download.lead"))</p>\
        \(choice("html", t("download.html"), t("download.html-help"), t("download.html-button")))\
        \(offersPDF ? choice("pdf", t("download.pdf"), t("download.pdf-help"), t("pdf.get")) : "<p class=\"plain\">\(t("pdf.not-here"))</p>")\
        \(choice("json", t("download.json"), t("download.json-help"), t("download.json-button")))\
        \(Note(.warn, "<p>\(t("download.careful"))</p>"))\
        <p class="plain">\(t("download.written-down")) <a class="target" href="/looked?all=1">\(t("nav.looked"))</a></p></div>
        """)
}

/// How the file begins that is read and printed: it stands by itself, so it brings the little style it needs.
func downloadBeginning(_ patient: PatientSummary, asOf: Moment, in frame: Frame) -> HTML {
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
        <p>\(site). \(t("download.as-of", ["time": t.dateAndTime(asOf, .full)]))</p>

        """
}
