import Access
import Contracts
import Web

struct AccessView: Sendable {
    var consent: ConsentView
    /// As they are, or as they would be.
    var lines: [ConsentLine]
    var clinicians: [DirectoryPractitioner]
    var names: ClinicNames
    var proxies: Available<Proxies> = .missing
    /// Whoever looks is the patient.
    var isOwn = true
    var now: Moment
    var newProxy = NewProxy()
    var proxyRefusal: GrantProxyRefusal?
    /// The e-mail was not typed twice alike.
    var emailsDiffer = false
    var proxyDone: ProxyDone?
    var new = NewConsentLine()
    var problems: [NewConsentLine.Problem] = []
    var isSaved = false
    var changedMeanwhile = false

    enum ProxyDone: String, Sendable { case invited, granted, withdrawn }
}

/// `GET /record/access`: who can see the record now, what the patient said about it, and a form to say more.
func accessPage(_ view: AccessView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.problems.map { problem in
        switch problem {
        case .nobodyChosen: FieldError("who", t("access.who-missing"))
        case .fromUnreadable: FieldError("from", t("access.day-unreadable"))
        case .untilUnreadable: FieldError("until", t("access.day-unreadable"))
        case .wrongOrder: FieldError("until", t("access.days-in-wrong-order"))
        }
    }
    let ofProxy = view.emailsDiffer ? [FieldError("email-again", t("proxy.emails-differ"))] : proxyErrors(view.proxyRefusal, t)
    let all = errors + ofProxy
    let form = Form(
        to: "/record/access/check", formKey: frame.formKey, style: "card stack",
        """
        \(said(view, t))\(more(view, errors, t))<p><button class="btn">\(t("access.check"))</button></p>\
        <p class="plain">\(t("access.check-help"))</p>
        """)
    return frame.page(
        title: t("access.title"), hasErrors: !all.isEmpty,
        """
        <div class="stack-l"><div class="stack"><p><a class="crumb" href="/record">\(t("access.back"))</a></p><h1>\(t("access.title"))</h1>\
        <p class="lead">\(t("access.lead"))</p>\(all.isEmpty ? nil : ErrorSummary(all, t))\
        \(when: view.isSaved, Note(.ok, announcement: .status, "<p>\(t("access.saved"))</p>").html)</div>\
        <section class="card stack-s" aria-labelledby="readers"><h2 id="readers">\(t("access.readers"))</h2>\
        \(readers(view, t))<p class="plain">\(t("access.others"))</p></section>\
        \(proxiesSection(view, ofProxy, frame))\
        <section class="stack" aria-labelledby="wishes"><h2 id="wishes">\(t("access.wishes"))</h2>\(form)</section></div>
        """)
}

/// `POST /record/access/check`: who would lose what, before anything is saved.
func accessCheckPage(_ view: AccessView, in frame: Frame) -> HTML {
    let t = frame.t
    let changes = view.consent.readers.filter { $0.wouldSeeRecord != $0.seesRecord || $0.wouldBeWithheld != $0.withheld }
    let list: HTML =
        changes.isEmpty
        ? "<p>\(t("access.nobody-changes"))</p>"
        : """
        <ul class="rows">\(each: changes, { reader in
            """
            <li><p class="strong">\(view.names.clinician(reader.practitioner, t))</p>\
            <p class="plain">\(t("access.now", ["what": sight(reader.seesRecord, reader.withheld, t)]))</p>\
            <p>\(t("access.then", ["what": sight(reader.wouldSeeRecord ?? false, reader.wouldBeWithheld ?? [], t)]))</p></li>
            """
        })</ul>
        """
    let form = Form(
        to: "/record/access", formKey: frame.formKey, style: "stack",
        """
        <input type="hidden" name="version" value="\(view.consent.version)">\
        \(each: view.lines, { "<input type=\"hidden\" name=\"line\" value=\"\($0.form)\">" })\
        <p class="cluster"><button class="btn btn-large">\(t("access.save"))</button>\(Action(t("access.leave"), to: "/record/access", .link))</p>
        """)
    let lines: HTML =
        view.lines.isEmpty
        ? "<p class=\"plain\">\(t("access.nothing-said"))</p>"
        : "<ul class=\"rows\">\(each: view.lines, { "<li>\(words($0, view, t))</li>" })</ul>"
    return frame.page(
        title: t("access.check-title"), hasErrors: view.changedMeanwhile,
        """
        <div class="stack-l"><div class="stack"><h1>\(t("access.check-title"))</h1><p class="lead">\(t("access.check-lead"))</p>\
        \(view.changedMeanwhile ? ErrorSummary(title: t("access.changed"), text: t("access.changed-help")) : nil)</div>\
        <section class="card stack-s" aria-labelledby="changes"><h2 id="changes">\(t("access.changes"))</h2>\(list)</section>\
        <section class="card stack-s" aria-labelledby="lines"><h2 id="lines">\(t("access.would-be-said"))</h2>\(lines)</section>\
        \(Note(.plain, "<p>\(t("access.emergency"))</p>"))\(form)</div>
        """)
}

private func readers(_ view: AccessView, _ t: Wording) -> HTML {
    guard !view.consent.readers.isEmpty else { return "<p class=\"plain\">\(t("access.no-readers"))</p>" }
    return """
        <ul class="rows">\(each: view.consent.readers, { reader in
            """
            <li><div class="cluster apart"><span class="strong">\(view.names.clinician(reader.practitioner, t))</span>\
            \(why(reader.why, t))</div><p class="plain">\(sight(reader.seesRecord, reader.withheld, t))</p></li>
            """
        })</ul>
        """
}

private func why(_ code: String, _ t: Wording) -> Tag {
    switch code {
    case "team": Tag(.info, t("access.on-team"))
    case "visit": Tag(.info, t("access.has-visit"))
    default: Tag(.plain, t("access.permitted"))
    }
}

private func sight(_ sees: Bool, _ withheld: [String], _ t: Wording) -> HTML {
    guard sees else { return t("access.sees-nothing") }
    guard let first = withheld.first else { return t("access.sees-all") }
    let kinds = withheld.dropFirst().reduce(kindWords(first, t)) { "\($0), \(kindWords($1, t))" }
    return t("access.sees-all-but", ["kinds": kinds])
}

private func kindWords(_ code: String, _ t: Wording) -> HTML {
    switch code {
    case "BH": t("access.kind-bh")
    case "SUD": t("access.kind-sud")
    case "SEX": t("access.kind-sex")
    case "HIV": t("access.kind-hiv")
    case "SDV": t("access.kind-sdv")
    case "GDIS": t("access.kind-gdis")
    default: t("access.kind-everything")
    }
}

private func whoWords(_ line: ConsentLine, _ view: AccessView, _ t: Wording) -> HTML {
    if let practitioner = line.practitioner { return view.names.clinician(practitioner, t) }
    return switch line.role {
    case "clinician": t("access.clinicians")
    case "nurse": t("access.nurses")
    default: t("access.everybody")
    }
}

private func words(_ line: ConsentLine, _ view: AccessView, _ t: Wording) -> HTML {
    let (who, what) = (whoWords(line, view, t), kindWords(line.kind ?? "", t))
    let said = line.permits ? t("access.may-see", ["who": who, "what": what]) : t("access.may-not-see", ["who": who, "what": what])
    let from = line.from.flatMap { Day($0) }.map { t("access.from-day", ["day": t.date($0, .short)]) }
    let until = line.until.flatMap { Day($0) }.map { t("access.until-day", ["day": t.date($0, .short)]) }
    return "\(said)\(from.map { " \($0)" as HTML })\(until.map { " \($0)" as HTML })"
}

private func said(_ view: AccessView, _ t: Wording) -> HTML {
    guard !view.lines.isEmpty else { return "<p>\(t("access.nothing-said"))</p>" }
    return """
        <fieldset class="stack-s"><legend>\(t("access.said"))</legend>\(each: view.lines, { line in
            """
            <input type="hidden" name="line" value="\(line.form)">\
            \(Choice(.checkbox, name: "remove", value: line.form, words(line, view, t), detail: t("access.remove")))
            """
        })</fieldset>
        """
}

private func more(_ view: AccessView, _ errors: [FieldError], _ t: Wording) -> HTML {
    let new = view.new
    func option(_ value: String, _ words: HTML, _ chosen: String) -> HTML {
        "<option value=\"\(value)\"\(when: value == chosen, " selected")>\(words)</option>"
    }
    let from = Field("from", t("access.from"), hint: t("access.day-hint"), value: new.from, autocomplete: "off", width: .short)
    let until = Field("until", t("access.until"), hint: t("access.day-hint"), value: new.until, autocomplete: "off", width: .short)
    let whoError = errors.first { $0.field == "who" }?.message
    return """
        <fieldset class="stack-s"><legend>\(t("access.more"))</legend>\
        \(Choice(name: "effect", value: "deny", t("access.deny"), isChecked: new.permits == false))\
        \(Choice(name: "effect", value: "permit", t("access.permit"), isChecked: new.permits == true))\
        <div class="field\(when: whoError != nil, " field-bad")"><label for="who">\(t("access.who"))</label>\
        \(whoError.map { "<p class=\"error\" id=\"who-error\">\($0)</p>" as HTML })\
        <select id="who" name="who">\(option("everybody", t("access.everybody"), new.who))\(option("clinician", t("access.clinicians"), new.who))\
        \(option("nurse", t("access.nurses"), new.who))\
        \(each: view.clinicians, { option($0.id.description, HTML(text: $0.name), new.who) })</select></div>\
        <div class="field"><label for="kind">\(t("access.what"))</label><select id="kind" name="kind">\
        \(option("", t("access.kind-everything"), new.kind))\
        \(each: Sensitivity.kinds.map(\.code), { option($0, kindWords($0, t), new.kind) })</select></div>\
        \(from.marked(errors, t))\(until.marked(errors, t))</fieldset>
        """
}
