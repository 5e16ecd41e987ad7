import Contracts
import Web

/// What was typed for a visit at a time that is not offered.
struct OverForm: Sendable {
    var service = ""
    /// `Practitioner/…`
    var with = ""
    /// `Location/…`
    var place = ""
    var day = ""
    var time = ""
    var reason = ""
    /// Of how many collisions the page said.
    var collisions = 0

    init(service: String?) { self.service = service ?? "" }

    init(_ form: FormData) {
        (service, with, place) = (form.trimmed("service"), form.trimmed("with"), form.trimmed("place"))
        (day, time, reason) = (form.trimmed("day"), form.trimmed("time"), form.trimmed("reason"))
        collisions = form.number("collisions") ?? 0
    }

    /// `2026-12-01T08:10`; what cannot be read is refused where it is looked at.
    var start: String { "\(Day(typed: day)?.iso ?? "")T\(time.count == 4 ? "0\(time)" : time)" }
}

struct OverView: Sendable {
    var patient: ID<Patient>
    var summary: PatientSummary?
    var services: [VisitService]
    var directory: Directory
    var names: ClinicNames
    var form: OverForm
    var refusal: BookOverRefusal?
    var now: Moment
}

/// `GET /patients/{id}/visits/over`: a time that is not offered, or that others have too, with the reason.
func overPage(_ view: OverView, in frame: Frame) -> HTML {
    let t = frame.t
    let form = view.form
    let errors = fieldErrors(view.refusal, t)
    let summary: HTML? =
        switch view.refusal {
        case nil: nil
        case .collides(let found): collisions(found, view, t)
        case .patientBusy(let other):
            ErrorSummary(title: t("visits.busy"), text: "<a href=\"/patients/\(view.patient)/visits/\(other)\">\(t("visits.busy-link"))</a>").html
        case .idInUse: ErrorSummary(title: t("visits.changed"), text: t("visits.changed-help")).html
        case .invalid: ErrorSummary(errors, t).html
        }
    let told: Int = if case .collides(let found)? = view.refusal { found.count } else { 0 }
    func field(_ name: String, _ label: HTML, _ value: String, hint: HTML, _ width: Field.Width = .short, atMost: Int = 10) -> HTML {
        Field(name, label, hint: hint, value: value, autocomplete: "off", width: width, maximumLength: atMost).marked(errors, t).html
    }
    let services = view.services.map { (value: $0.code, label: HTML(text: view.names.service($0.code, t).plainText)) }
    let people = view.directory.practitioners.map { (value: "Practitioner/\($0.id)", label: HTML(text: $0.name)) }
    let places = view.directory.locations.map { (value: "Location/\($0.id)", label: HTML(text: $0.name)) }
    let framed = view.summary.map { frame.with(banner: patientStrip($0, asOf: view.now, view.now, t)) } ?? frame
    return framed.page(
        title: t("over.title"), hasErrors: view.refusal != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(view.patient)/visits/new">\(t("visits.book"))</a></p>\
        \(heading(t("over.title"), view.summary))<p class="lead">\(t("over.lead"))</p>\(summary)\
        \(Form(to: "/patients/\(view.patient)/visits/over", formKey: frame.formKey, style: "card stack", """
            \(Select("service", t("visits.what"), services, chosen: form.service))\(Select("with", t("visits.whom"), people, chosen: form.with))\
            \(Select("place", t("visits.where"), places, chosen: form.place))\
            \(field("day", t("over.day"), form.day, hint: t("over.day-hint")))\
            \(field("time", t("over.time"), form.time, hint: t("over.time-hint"), atMost: 5))\
            \(field("reason", t("visits.reason"), form.reason, hint: t("visits.reason-hint"), .middle, atMost: 200))\
            <input type="hidden" name="collisions" value="\(told)">\
            <p><button class="btn">\(told > 0 ? t("over.book-anyway") : t("over.book"))</button></p>
            """))</div>
        """)
}

/// What it collides with is known before anything is booked.
private func collisions(_ found: [Collision], _ view: OverView, _ t: Wording) -> HTML {
    Note(
        .warn, announcement: .alert,
        """
        <p class="strong">\(t("over.collides", count: found.count))</p><p>\(t("over.collides-help"))</p>\
        <ul class="rows">\(each: found, { "<li>\(collision($0, view, t))</li>" as HTML })</ul>
        """
    ).html
}

private func collision(_ one: Collision, _ view: OverView, _ t: Wording) -> HTML {
    switch one.kind {
    case .visit:
        let time = one.start.flatMap { Moment($0) }.map { t.dateAndTime($0) } ?? HTML(text: one.start?.local ?? "")
        return "\(time), <span translate=\"no\">\(view.names.service(one.service ?? "", t))</span>"
    case .leave: return t("over.leave")
    case .holiday: return t("over.holiday")
    case .hours: return t("over.hours")
    }
}

private func fieldErrors(_ refusal: BookOverRefusal?, _ t: Wording) -> [FieldError] {
    guard case .invalid(let problems)? = refusal else { return [] }
    return problems.map { problem in
        switch problem.field {
        case "start": FieldError("time", t("over.start-wrong"))
        case "reason": FieldError("reason", t("visits.reason-missing"))
        case "location": FieldError("place", t("over.place-wrong"))
        default: FieldError(problem.field, problem.fault.words(t))
        }
    }
}
