import Contracts
import Web

struct ProxiesView: Sendable {
    enum Done: String, Sendable { case invited, granted, withdrawn }

    static let reasons = ["court-order", "custody", "asked", "mistake"]

    var patient: PatientSummary
    var proxies: [ProxyLine]
    var now: Moment
    var new = NewProxy()
    var refusal: GrantProxyRefusal?
    /// One was to end without a reason.
    var reasonMissing: ID<Proxy>?
    var done: Done?

    /// Nil where the record does not say.
    var age: Int? { patient.birthDate.flatMap { Day($0) }?.years(until: now.day) }
}

/// `GET /patients/{id}/proxies`: who acts for the patient, and a form to let a child's parent in.
func proxiesPage(_ view: ProxiesView, in frame: Frame) -> HTML {
    let t = frame.t
    var errors = proxyErrors(view.refusal, t)
    if let proxy = view.reasonMissing { errors.append(FieldError("reason-\(proxy)", t("proxies.reason-missing"))) }
    let notice: HTML? =
        switch view.done {
        case .invited: t("proxies.invited")
        case .granted: t("proxies.granted")
        case .withdrawn: t("proxies.withdrawn")
        case nil: nil
        }
    return frame.with(banner: patientStrip(view.patient, asOf: view.now, view.now, t)).page(
        title: t("proxies.title"), hasErrors: !errors.isEmpty,
        """
        <div class="wrap-narrow stack"><h2>\(t("proxies.title"))</h2>\(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        \(notice.map { Note(.ok, announcement: .status, "<p>\($0)</p>") })\(list(view, errors, frame))\(form(view, errors, frame))\
        <p>\(Action(t("chart.back"), to: "/patients/\(view.patient.id)", .plain))</p></div>
        """)
}

private func list(_ view: ProxiesView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let t = frame.t
    guard !view.proxies.isEmpty else { return "<p class=\"plain\">\(t("proxies.none"))</p>" }
    return """
        <ul class="rows card">\(each: view.proxies, { line in
            """
            <li class="stack-s"><div class="cluster apart"><span class="strong" translate="no">\(line.name)</span>\(t.proxyState(line))</div>\
            <p class="plain">\(t.proxyRelationship(line.relationship)) · <span translate="no">\(line.email)</span> · \
            \(t.proxyLevel(line.level))<br>\(t.proxyTime(line, in: view.now.zone))</p>\
            \(when: !line.state.hasEnded, withdrawal(line, view, errors, frame))</li>
            """
        })</ul>
        """
}

private func withdrawal(_ line: ProxyLine, _ view: ProxiesView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let t = frame.t
    let name = "reason-\(line.proxy)"
    let choices = [(value: "", label: t("proxies.choose-reason"))] + ProxiesView.reasons.map { (value: $0, label: t.proxyReason($0)) }
    return Form(
        to: "/patients/\(view.patient.id)/proxies/end", formKey: frame.formKey, style: "cluster no-print",
        """
        <input type="hidden" name="proxy" value="\(line.proxy)">\(Select(name, t("proxies.reason"), choices, chosen: "").marked(errors, t))\
        <button class="btn btn-plain">\(t("proxies.withdraw"))<span class="hide" translate="no"> \(line.name)</span></button>
        """
    ).html
}

private func form(_ view: ProxiesView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let t = frame.t
    guard let age = view.age, age < 18 else { return Note(.plain, "<p>\(t("proxies.own-act"))</p>").html }
    let body = Form(
        to: "/patients/\(view.patient.id)/proxies", formKey: frame.formKey, style: "card stack",
        """
        <h3>\(t("proxies.new"))</h3><p class="plain">\(t("proxies.new-help"))</p>\
        \(view.new.fields(errors, levels: age < 12 ? [.full, .limited] : [.limited], t))\
        <p><button class="btn">\(t("proxies.let-in"))</button></p>
        """)
    return body.html
}
