import Contracts
import Web

/// How much of a series a change is for.
enum SeriesScope: String, Sendable { case one, later, all }

/// What stands in the way of a series at its new times.
struct SeriesConflictsView: Sendable {
    var visit: PatientVisitView
    var scope: SeriesScope
    /// As the form says it.
    var slot: String
    var command: MoveSeries
    var conflicts: [SeriesConflict]
}

/// `POST /patients/{id}/visits/{visit}/move`, where some of a series cannot move: nothing has been moved yet.
func seriesConflictsPage(_ view: SeriesConflictsView, in frame: Frame) -> HTML {
    let t = frame.t
    let path = "/patients/\(view.visit.patient)/visits/\(view.visit.visit.appointment)/move"
    let staying = Set(view.command.leaving + view.conflicts.map(\.appointment)).map(\.description).sorted()
    let hidden: [(String, String)] =
        [
            ("slot", view.slot), ("scope", view.scope.rawValue), ("version", "\(view.command.version)"), ("service", view.visit.visit.service),
        ] + staying.map { ("leaving", $0) }
    let table = CardTable(
        caption: t("series.in-the-way"), hidesCaption: true, columns: [.init(t("series.now")), .init(t("series.would-be")), .init(t("series.why"))],
        rows: view.conflicts.map { conflict in
            [time(conflict.start, t), HTML(text: conflict.wanted.replacing("T", with: " ")), reason(conflict.reason, t)]
        })
    return framed(frame, view.visit.summary, view.visit.now).page(
        title: t("series.in-the-way"), hasErrors: true,
        """
        <div class="form-page stack">\(crumb(view.visit.patient, t))\(heading(t("series.in-the-way"), view.visit.summary))\
        \(ErrorSummary(title: t("series.nothing-moved"), text: t("series.nothing-moved-help", count: view.conflicts.count)))\(table)\
        \(Form(to: path, formKey: frame.formKey, style: "stack-s", """
            \(each: hidden, { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\($0.1)\">" as HTML })\
            <p><button class="btn">\(t("series.leave"))</button></p>
            """))<p>\(Action(t("series.choose-again"), to: path, .plain))</p></div>
        """)
}

/// Which of a series a new time is for. - Parameter posted: what the form said when it was refused.
func scopes(_ posted: FormData?, _ t: Wording) -> HTML {
    let (chosen, help) = (posted?["scope"].flatMap { SeriesScope(rawValue: $0) } ?? .one, t("series.later-help"))
    return """
        <fieldset class="stack-s"><legend>\(t("series.which"))</legend>\
        \(Choice(name: "scope", value: SeriesScope.one.rawValue, t("series.one"), isChecked: chosen == .one))\
        \(Choice(name: "scope", value: SeriesScope.later.rawValue, t("series.later"), detail: help, isChecked: chosen == .later))\
        \(Choice(name: "scope", value: SeriesScope.all.rawValue, t("series.all"), detail: help, isChecked: chosen == .all))</fieldset>
        """
}

/// The rest of a series is cancelled, or all of it.
func cancelSeries(_ path: String, _ frame: Frame) -> HTML {
    let t = frame.t
    let forms: [(SeriesScope, HTML, HTML)] = [
        (.later, t("series.rest-help"), t("series.cancel-rest")), (.all, t("series.all-help"), t("series.cancel-all")),
    ]
    let all = forms.map { scope, help, button -> HTML in
        Form(
            to: "\(path)/cancel-series", formKey: frame.formKey, style: "stack-s",
            """
            <input type="hidden" name="scope" value="\(scope.rawValue)"><p class="plain">\(help)</p>\
            <p><button class="btn btn-danger">\(button)</button></p>
            """
        ).html
    }
    return "\(each: all, { $0 })"
}

/// What is to come of the series a visit belongs to.
func seriesList(_ view: PatientVisitView, _ t: Wording) -> HTML {
    let rows = view.series.map { visit -> HTML in
        let tag = visit.isApart == true ? Tag(.plain, t("series.apart")) : nil
        let words = time(visit.start, t)
        let line: HTML = visit.appointment == view.visit.appointment
            ? "<strong>\(words)</strong>" : "<a class=\"target\" href=\"/patients/\(view.patient)/visits/\(visit.appointment)\">\(words)</a>"
        return "<li>\(line) \(tag)</li>"
    }
    return """
        <section class="card stack-s" aria-labelledby="series"><h3 id="series">\(t("series.title"))</h3>\
        <ul class="rows">\(each: rows, { $0 })</ul></section>
        """
}

private func time(_ start: ZonedTime, _ t: Wording) -> HTML {
    Moment(start).map { t.dateAndTime($0, .full) } ?? "\(start.local) \(start.zone)"
}

private func reason(_ reason: SeriesConflict.Reason, _ t: Wording) -> HTML {
    switch reason {
    case .notOffered: t("series.why.not-offered")
    case .taken: t("series.why.taken")
    case .patientBusy: t("series.why.busy")
    }
}
