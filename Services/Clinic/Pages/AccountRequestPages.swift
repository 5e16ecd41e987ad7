import Contracts
import Web

struct AccountRequestsView: Sendable {
    /// What has just been done with one.
    enum Done: String, Sendable { case invited, closed, gone }

    var found: AccountRequests
    var done: Done?
    var now: Moment
}

/// `GET /account-requests`: who asked for an account and could not be found in the records.
func accountRequestsPage(_ view: AccountRequestsView, in frame: Frame) -> HTML {
    let t = frame.t
    let note = view.done.map { done in
        switch done {
        case .invited: Note(.ok, announcement: .status, "<p>\(t("requests.invited"))</p>").html
        case .closed: Note(.ok, announcement: .status, "<p>\(t("requests.closed"))</p>").html
        case .gone: Note(.warn, announcement: .status, "<p>\(t("requests.gone"))</p>").html
        }
    }
    let list: HTML = """
        <ul class="rows">\(each: view.found.requests, { line in
            let name = "\(line.details.given) \(line.details.family)"
            return """
                <li><p class="strong"><a class="target" translate="no" href="/account-requests/\(line.id)">\(name)</a></p>\
                <p class="plain">\(t("requests.asked", ["time": t.nearDateAndTime(Moment(line.asked, in: view.now.zone), from: view.now)]))</p></li>
                """
        })</ul>
        """
    return frame.page(title: t("requests.title"), """
        <div class="stack"><h1>\(t("requests.title"))</h1><p class="lead">\(t("requests.lead"))</p>\(note)\
        <section class="card stack" aria-labelledby="waiting"><h2 id="waiting">\(t("requests.waiting")) \
        \(ShownOf(view.found.requests.count, of: view.found.total, t))</h2>\
        \(view.found.requests.isEmpty ? Empty(t("requests.none"), t("requests.none-help")).html : list)</section></div>
        """)
}

/// Why no account comes of a request. Codes on the wire.
enum ClosingReason: String, Sendable, CaseIterable {
    case notAPatient = "not-a-patient"
    case duplicate
    /// Nobody who could be meant asked for it.
    case notGenuine = "not-genuine"
    /// By phone, or at the desk.
    case handled
}

struct AccountRequestView: Sendable {
    var line: AccountRequestLine
    /// Whose chart it could be.
    var candidates: [PatientSummary]
    /// The patient that was chosen has an account.
    var isActive = false
    var isReasonMissing = false
    var now: Moment
}

/// `GET /account-requests/{id}`: what was typed, beside the patients it could be.
func accountRequestPage(_ view: AccountRequestView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.isReasonMissing ? [FieldError("reason", t("requests.reason-missing"))] : []
    return frame.page(title: t("requests.one"), hasErrors: !errors.isEmpty, """
        <div class="wrap-narrow stack"><h1>\(t("requests.one"))</h1>\
        \(when: view.isActive, Note(.warn, announcement: .status, "<p>\(t("requests.active"))</p>").html)\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\(typed(view, t))\(candidates(view, frame))\(close(view, frame))\
        <p>\(Action(t("requests.title"), to: "/account-requests", .plain))</p></div>
        """)
}

private func typed(_ view: AccountRequestView, _ t: Wording) -> HTML {
    let details = view.line.details
    func said(_ text: String) -> HTML { "<span translate=\"no\">\(text)</span>" }
    let birth = Day(details.birthDate).map { t.date($0, .short) } ?? said(details.birthDate)
    return """
        <section class="card stack-s" aria-labelledby="typed"><h2 id="typed">\(t("requests.typed"))</h2>\
        \(Facts([
            (t("patient.name"), said("\(details.given) \(details.family)")), (t("patient.born"), birth),
            (t("requests.email"), said(details.email)),
            (t("patient.phone"), details.phone.map(said) ?? t("patient.not-known")),
            (t("requests.when"), t.nearDateAndTime(Moment(view.line.asked, in: view.now.zone), from: view.now)),
        ]))<p class="plain">\(t("requests.unchecked"))</p></section>
        """
}

private func candidates(_ view: AccountRequestView, _ frame: Frame) -> HTML {
    let t = frame.t
    let list: HTML = """
        <ul class="rows">\(each: view.candidates, { patient in
            let name: HTML = "<span translate=\"no\">\(patient.given) \(patient.family)</span>"
            return """
                <li class="stack-s"><p><span class="strong" translate="no">\(patient.family), \(patient.given)</span>, \
                \(born(patient, view.now.day, t))</p>\
                \(Form(to: "/account-requests/\(view.line.id)/link", formKey: frame.formKey, style: "stack-s", """
                    <input type="hidden" name="patient" value="\(patient.id)">\
                    <p><button class="btn btn-plain">\(t("requests.link", ["name": name]))</button></p>
                    """))</li>
                """
        })</ul>
        """
    return """
        <section class="card stack" aria-labelledby="candidates"><h2 id="candidates">\(t("requests.candidates"))</h2>\
        <p class="plain">\(t("requests.candidates-help"))</p>\
        \(view.candidates.isEmpty ? "<p>\(t("requests.no-candidates"))</p>" : list)</section>
        """
}

private func close(_ view: AccountRequestView, _ frame: Frame) -> HTML {
    let t = frame.t
    func words(_ reason: ClosingReason) -> HTML {
        switch reason {
        case .notAPatient: t("requests.reason.not-a-patient")
        case .duplicate: t("requests.reason.duplicate")
        case .notGenuine: t("requests.reason.not-genuine")
        case .handled: t("requests.reason.handled")
        }
    }
    return Form(to: "/account-requests/\(view.line.id)/close", formKey: frame.formKey, style: "card stack", """
        <fieldset id="reason" class="stack-s"><legend><h2>\(t("requests.close"))</h2></legend>\
        \(each: ClosingReason.allCases, { "\(Choice(name: "reason", value: $0.rawValue, words($0)))" })</fieldset>\
        <p><button class="btn btn-plain">\(t("requests.close-button"))</button></p>
        """).html
}
