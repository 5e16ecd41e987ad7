import Contracts
import Foundation
import Web

struct PhoneView: Sendable {
    var times: PatientTimesView
    var coming: [AppointmentLine]
    var waiting: Waitings
    /// Said of the waiting list: they are on it now, or were before.
    var joined: Joined?

    enum Joined: Sendable { case now, before }

    static let visitsShown = 3
}

/// `GET /patients/{id}/phone`: one screen for a call; booked by a press where the soonest time suits.
func phonePage(_ view: PhoneView, in frame: Frame) -> HTML {
    let t = frame.t
    let (times, patient) = (view.times, view.times.summary)
    let services = times.services.map { (value: $0.code, label: HTML(text: times.names.service($0.code, t).plainText)) }
    let people =
        [(value: "anyone", label: t("visits.anyone"))] + times.clinicians.map { (value: "Practitioner/\($0.id)", label: HTML(text: $0.name)) }
    // Choosing changes nothing, so this form reads.
    let choice: HTML = """
        <form class="toolbar" action="/patients/\(times.patient)/phone" method="get">\
        \(Select("service", t("visits.what"), services, chosen: times.service))\
        \(Select("with", t("visits.whom"), people, chosen: times.clinician.map { "Practitioner/\($0)" } ?? "anyone"))\
        <button class="btn btn-plain">\(t("visits.show-times"))</button></form>
        """
    let framed = patient.map { frame.with(banner: patientStrip($0, asOf: times.now, times.now, t)) } ?? frame
    return framed.page(
        title: t("phone.title"),
        """
        <div class="stack"><p><a class="crumb" href="/patients/\(times.patient)">\(t("visits.back"))</a></p>\(heading(t("phone.title"), patient))\
        \(joined(view, t))\
        <div class="chart-cols"><div>\(who(patient, times, t))\(coming(view, t))\(waiting(view, t))</div>\
        <div><section class="panel" aria-labelledby="book"><header><h2 id="book">\(t("visits.book"))</h2></header>\
        <p class="plain">\(t("phone.keys"))</p>\(choice)\(timesForm(times, frame))\(wait(times, frame))</section></div></div></div>
        """)
}

private func joined(_ view: PhoneView, _ t: Wording) -> Note? {
    switch view.joined {
    case .now: Note(.ok, announcement: .status, "<p>\(t("phone.waits"))</p>")
    case .before: Note(.warn, announcement: .alert, "<p>\(t("phone.waits-already"))</p>")
    case nil: nil
    }
}

/// For whom none of the times will do.
private func wait(_ times: PatientTimesView, _ frame: Frame) -> HTML {
    guard !times.service.isEmpty else { return "" }
    let (t, with) = (frame.t, times.clinician.map { "Practitioner/\($0)" } ?? "anyone")
    return """
        <p class="plain">\(t("phone.wait-help"))</p>\
        \(Form(to: "/patients/\(times.patient)/visits/wait", formKey: frame.formKey, style: "", """
            <input type="hidden" name="service" value="\(times.service)"><input type="hidden" name="with" value="\(with)">\
            <button class="btn btn-plain">\(t("phone.wait"))</button>
            """))
        """
}

/// What they are asked, with what is right.
private func who(_ patient: PatientSummary?, _ times: PatientTimesView, _ t: Wording) -> HTML {
    let facts = patient.map { patient in
        Facts([
            (t("patient.born"), born(patient, times.now.day, t)),
            (t("patient.phone"), patient.phone.map { "<span translate=\"no\">\($0)</span>" as HTML } ?? t("patient.not-known")),
            (t("patient.record-number"), patient.mrn.map { "<span translate=\"no\">\($0)</span>" as HTML } ?? t("patient.not-known")),
        ])
    }
    return """
        <section class="panel" aria-labelledby="who"><header><h2 id="who">\(t("phone.who"))</h2></header><p class="plain">\(t("phone.who-help"))</p>\
        \(facts?.html ?? "<p>\(t("day.names-missing"))</p>")</section>
        """
}

private func coming(_ view: PhoneView, _ t: Wording) -> HTML {
    let (shown, now) = (view.coming.prefix(PhoneView.visitsShown), view.times.now)
    let list: HTML = """
        <ul class="rows">\(each: shown, { visit in
            let when = Moment(visit.start).map { t.nearDateAndTime($0, from: now).capitalized } ?? "\(visit.start.local) \(visit.start.zone)"
            let path = "/patients/\(visit.patient)/visits/\(visit.appointment)"
            return """
                <li><div class="cluster apart"><a class="target" href="\(path)">\(when)</a>\
                <a class="target" href="\(path)/move">\(t("visits.move"))<span class="hide">: \(when)</span></a></div>\
                <p class="plain"><span translate="no">\(view.times.names.service(visit.service, t)), \
                \(view.times.names.clinician(visit.practitioner, t))</span></p></li>
                """ as HTML
        })</ul>
        """
    return """
        <section class="panel" aria-labelledby="next"><header><h2 id="next">\(t("phone.next"))</h2>\
        \(ShownOf(shown.count, of: view.coming.count, t))</header>\
        \(shown.isEmpty ? "<p class=\"plain\">\(t("chart.no-visits"))</p>" : list)</section>
        """
}

private func waiting(_ view: PhoneView, _ t: Wording) -> HTML {
    let lines = view.waiting.lines.filter { $0.answer == nil }
    let list: HTML = """
        <ul class="rows">\(each: lines, { line in
            let what: HTML =
                switch line.kind {
                case .call: t("waiting.calls")
                case .request: t("waiting.requests")
                case .list: t("waiting.list")
                }
            let service = line.service.map { ": <span translate=\"no\">\(view.times.names.service($0, t))</span>" as HTML }
            return "<li>\(what)\(service)</li>" as HTML
        })</ul>
        """
    return """
        <section class="panel" aria-labelledby="open"><header><h2 id="open">\(t("phone.open"))</h2>\
        \(ShownOf(lines.count, of: lines.count, t))</header>\
        \(lines.isEmpty ? "<p class=\"plain\">\(t("phone.nothing-open"))</p>" : list)</section>
        """
}
