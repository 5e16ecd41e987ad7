import Contracts
import Web

struct DetailsView: Sendable {
    /// What has just been done.
    enum Done: String, Sendable { case changed, asked, waits }

    var details: Details
    var done: Done?
    var now: Moment
}

/// `GET /details`: what is on file, a field a line, and what became of requests.
func detailsPage(_ view: DetailsView, in frame: Frame) -> HTML {
    let t = frame.t
    let note = view.done.map { done in
        switch done {
        case .changed: Note(.ok, announcement: .status, "<p>\(t("details.changed"))</p>")
        case .asked: Note(.ok, announcement: .status, "<p>\(t("details.asked"))</p>")
        case .waits: Note(.warn, announcement: .status, "<p>\(t("details.waits"))</p>")
        }
    }
    let fields: HTML = """
        <ul class="rows">\(each: DetailField.allCases, { field in
            """
            <li><div class="cluster apart"><h3>\(field.words(t))</h3>\
            <a class="target" href="/details/\(field.rawValue)">\(t("details.change"))<span class="hide">: \(field.words(t))</span></a></div>\
            <p>\(view.details.detail(field).words(t))</p>\
            \(when: field.needsStaff, "<p class=\"plain\">\(t("details.by-staff"))</p>")</li>
            """
        })</ul>
        """
    let requests = view.details.requests
    let asked: HTML = """
        <section class="card stack-s" aria-labelledby="asked"><h2 id="asked">\(t("details.requests")) \
        \(ShownOf(requests.count, of: requests.count, t))</h2><ul class="rows">\(each: requests, { request($0, view.now, t) })</ul></section>
        """
    return frame.page(title: t("details.title"), """
        <div class="stack-l"><div class="stack"><p><a class="crumb" href="/record">\(t("record.title"))</a></p>\
        <h1>\(t("details.title"))</h1><p class="lead">\(t("details.lead"))</p>\(note)</div>\
        <section class="card" aria-labelledby="fields"><h2 id="fields" class="hide">\(t("details.on-file"))</h2>\(fields)</section>\
        \(when: !requests.isEmpty, asked)</div>
        """)
}

private func request(_ request: DetailRequest, _ now: Moment, _ t: Wording) -> HTML {
    let state =
        switch request.status {
        case "completed": Tag(.ok, t("details.accepted"))
        case "rejected": Tag(.warn, t("details.refused"))
        default: Tag(.info, t("details.waiting"))
        }
    let decided = request.decided.map { t("details.decided", ["date": t.date(Moment($0, in: now.zone).day, .short)]) }
    return """
        <li data-fhir="Task/\(request.request)"><div class="cluster apart"><h3>\(request.after.field.words(t))</h3>\(state)</div>\
        <p>\(request.before.words(t)) → \(request.after.words(t))</p>\
        \(request.words.map { "<blockquote><p translate=\"no\">\($0)</p></blockquote>" as HTML })\
        <p class="plain">\(t("details.asked-on", ["date": t.date(Moment(request.asked, in: now.zone).day, .short)]))\
        \(decided.map { " \($0)" as HTML })</p></li>
        """
}

struct DetailFormView: Sendable {
    var field: DetailField
    /// What is on file, as the form was made from it.
    var before: Detail?
    var typed: Detail?
    var problems: [EntryProblem] = []
    var isChangedMeanwhile = false
}

/// `GET /details/{field}`: one field, as it is on file, to be changed.
func detailFormPage(_ view: DetailFormView, in frame: Frame) -> HTML {
    let (t, field) = (frame.t, view.field)
    let errors = view.problems.map { FieldError($0.field, words($0, t)) }
    let typed = Dictionary(uniqueKeysWithValues: view.typed?.members.map { ($0.name, $0.value) } ?? [])
    let hidden: HTML = """
        \(each: view.before?.members ?? [], { "<input type=\"hidden\" name=\"before-\($0.name)\" value=\"\($0.value)\">" })
        """
    let inputs: HTML = "\(each: field.members, { input($0, typed[$0] ?? "", errors, t) })"
    let changed = view.isChangedMeanwhile
        ? ErrorSummary(title: t("details.meanwhile"), text: t("details.meanwhile-help", ["now": view.before.words(t)])) : nil
    let form = Form(to: "/details/\(field.rawValue)", formKey: frame.formKey, style: "card stack", """
        \(inputs)\(hidden)<p class="cluster"><button class="btn btn-large">\(field.needsStaff ? t("details.ask") : t("details.save"))</button>\
        \(Action(t("details.leave"), to: "/details", .link))</p>
        """)
    return frame.page(title: field.words(t), hasErrors: !errors.isEmpty || view.isChangedMeanwhile, """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/details">\(t("details.title"))</a></p><h1>\(field.words(t))</h1>\
        <p class="lead">\(field.needsStaff ? t("details.form-by-staff") : t("details.form-at-once"))</p>\(changed)\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        <p>\(t("details.now", ["now": view.before.words(t)]))</p>\(form)</div>
        """)
}

private func input(_ member: String, _ value: String, _ errors: [FieldError], _ t: Wording) -> HTML {
    let field: Field
    switch member {
    case "number": field = Field(member, t("details.number"), hint: t("details.number-hint"), value: value, autocomplete: "tel", width: .middle)
    case "line": field = Field(member, t("details.line"), value: value, autocomplete: "street-address")
    case "city": field = Field(member, t("details.city"), value: value, autocomplete: "address-level2")
    case "state": field = Field(member, t("details.state"), value: value, autocomplete: "address-level1", width: .short)
    case "postalCode": field = Field(member, t("details.postal-code"), value: value, autocomplete: "postal-code", width: .short)
    case "address": field = Field(member, DetailField.email.words(t), .email, value: value, autocomplete: "email", maximumLength: 254)
    case "given": field = Field(member, t("register.given"), value: value, autocomplete: "given-name", maximumLength: 100)
    case "family": field = Field(member, t("register.family"), value: value, autocomplete: "family-name", maximumLength: 100)
    case "day":
        field = Field(member, t("activate.birth-date"), hint: t("activate.birth-date-hint"), value: value, autocomplete: "bday", width: .short)
    case "also":
        let spoken = value.split(separator: ",").map(String.init)
        let boxes = (Detail.languages + spoken.filter { !Detail.languages.contains($0) }).map {
            Choice(.checkbox, name: member, value: $0, t.language(named: $0), isChecked: spoken.contains($0))
        }
        return "<fieldset><legend>\(t("details.also"))</legend><div class=\"choices\">\(each: boxes, \.html)</div></fieldset>"
    case "interpreter":
        return Choice(.checkbox, name: member, value: "true", t("details.interpreter"), isChecked: value == "true").html
    default:
        let isListed = value.isEmpty || Detail.languages.contains(value)
        let options = (Detail.languages + (isListed ? [] : [value])).map { ($0, t.language(named: $0)) }
        let choice = Select(member, t("details.preferred"), options, chosen: value).marked(errors, t)
        return "\(choice)<p class=\"hint\">\(t("details.preferred-hint"))</p>"
    }
    return field.marked(errors, t).html
}

private func words(_ problem: EntryProblem, _ t: Wording) -> HTML {
    switch (problem.field, problem.fault) {
    case (_, .missing): t("details.missing")
    case (_, .tooLong): t("details.too-long")
    case ("number", _): t("details.number-wrong")
    case ("address", _): t("activate.username-not-an-address")
    case ("day", _): t("activate.birth-date-unreadable")
    default: t("details.wrong")
    }
}
