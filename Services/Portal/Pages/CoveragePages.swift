import Contracts
import Web

struct CoverageForm: Sendable {
    private static let fields = ["payor", "subscriber", "group", "relationship", "phone"]

    var typed: [String: String] = [:]

    init() {}

    init(typed form: FormData) { for field in Self.fields { typed[field] = form.trimmed(field) } }

    func value(_ name: String) -> String { typed[name] ?? "" }
    private func filled(_ name: String) -> String? { value(name).isEmpty ? nil : value(name) }

    var details: CoverageDetails {
        CoverageDetails(
            payor: value("payor"), subscriberID: value("subscriber"), group: filled("group"),
            relationship: CoverageRelationship(rawValue: value("relationship")) ?? .themselves, phone: filled("phone"))
    }
}

struct CoveragesView: Sendable {
    var coverages: Coverages
    var form = CoverageForm()
    var refusal: CoverageRefusal?
    var now: Moment
}

/// `GET /coverage`: the insurances on file, and a form for one more.
func coveragesPage(_ view: CoveragesView, in frame: Frame) -> HTML {
    let (t, lines) = (frame.t, view.coverages.coverages)
    let errors = view.refusal.map { [coverageError($0, t)] } ?? []
    let list: HTML = """
        <section class="card stack-s" aria-labelledby="on-file"><h2 id="on-file">\(t("coverage.on-file")) \
        \(ShownOf(lines.count, of: lines.count, t))</h2><ul class="rows">\(each: lines, { line in
            let name: HTML = line.details.map { HTML(text: $0.payor) } ?? t("coverage.gone")
            return """
                <li class="cluster apart"><a class="target" href="/coverage/\(line.coverage)" translate="no">\(name)</a>\
                \(t.coverageState(line))</li>
                """
        })</ul></section>
        """
    return frame.page(
        title: t("coverage.title"), hasErrors: !errors.isEmpty,
        """
        <div class="form-page stack"><p><a class="crumb" href="/bills">\(t("bills.all"))</a></p><h1>\(t("coverage.title"))</h1>\
        <p class="lead">\(t("coverage.lead"))</p>\(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        \(lines.isEmpty ? Empty(t("coverage.none"), t("coverage.none-help")).html : list)\(form(view, errors, frame))</div>
        """)
}

private func coverageError(_ refusal: CoverageRefusal, _ t: Wording) -> FieldError {
    switch refusal {
    case .invalidPayor: FieldError("payor", t("coverage.payor-wrong"))
    case .invalidSubscriberID: FieldError("subscriber", t("coverage.subscriber-wrong"))
    case .invalidGroup: FieldError("group", t("coverage.group-wrong"))
    case .invalidPhone: FieldError("phone", t("coverage.phone-wrong"))
    case .tooMany: FieldError("", t("coverage.too-many"))
    case .idInUse: FieldError("", t("bill.again"))
    }
}

private func form(_ view: CoveragesView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let t = frame.t
    let relationships = CoverageRelationship.allCases.map { (value: $0.rawValue, label: t.coverageRelationship($0)) }
    func field(_ name: String, _ label: HTML, hint: HTML? = nil, width: Field.Width = .full, most: Int = 60) -> Field {
        Field(name, label, hint: hint, value: view.form.value(name), autocomplete: "off", width: width, maximumLength: most).marked(errors, t)
    }
    let chosen = view.form.value("relationship")
    return Form(
        to: "/coverage", formKey: frame.formKey, style: "card stack",
        """
        <h2>\(t("coverage.add"))</h2><p class="plain">\(t("coverage.add-help"))</p>\
        \(field("payor", t("coverage.payor"), hint: t("coverage.payor-hint"), most: 200))\
        \(field("subscriber", t("coverage.subscriber"), width: .middle))\(field("group", t("coverage.group"), width: .middle))\
        \(Select("relationship", t("coverage.relationship"), relationships, chosen: chosen.isEmpty ? "themselves" : chosen))\
        \(field("phone", t("coverage.phone"), hint: t("coverage.phone-hint"), width: .middle, most: 40))\
        <p><button class="btn">\(t("coverage.keep"))</button></p>
        """
    ).html
}

struct CoverageView: Sendable {
    var line: CoverageLine
    var wasKept = false
    /// Of which side.
    var problem: (isBack: Bool, problem: DocumentProblem)?
    var now: Moment
}

/// `GET /coverage/{id}`: what is on file of one insurance, and the two sides of its card.
func coveragePage(_ view: CoverageView, in frame: Frame) -> HTML {
    let (t, line) = (frame.t, view.line)
    let name: HTML = line.details.map { "<span translate=\"no\">\($0.payor)</span>" } ?? t("coverage.gone")
    let errors = view.problem.map { problem in
        problem.problem.errors(t).map { FieldError(problem.isBack ? "back" : "front", $0.message) }
    } ?? []
    return frame.page(
        title: t("coverage.title"), hasErrors: !errors.isEmpty,
        """
        <div class="form-page stack"><p><a class="crumb" href="/coverage">\(t("coverage.title"))</a></p><h1>\(name)</h1>\
        <p>\(t.coverageState(line))</p>\(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        \(when: view.wasKept, Note(.ok, announcement: .status, "<p>\(t("coverage.kept"))</p>").html)\
        \(line.details.map { "<section class=\"card\" aria-label=\"\(t("coverage.on-file"))\">\(t.coverageFacts($0))</section>" as HTML })\
        \(side(false, view, errors, frame))\(side(true, view, errors, frame))</div>
        """)
}

private func side(_ isBack: Bool, _ view: CoverageView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let (t, line) = (frame.t, view.line)
    let (name, document) = (isBack ? "back" : "front", isBack ? line.back : line.front)
    let title = isBack ? t("coverage.back") : t("coverage.front")
    let picture: HTML = document.map {
        "<p><a class=\"target\" href=\"/documents/\($0)/file\">\(isBack ? t("coverage.see-back") : t("coverage.see-front"))</a></p>"
    } ?? "<p class=\"plain\">\(t("coverage.no-picture"))</p>"
    let label = document == nil ? t("coverage.photograph") : t("coverage.photograph-again")
    let send = FileForm(
        to: "/coverage/\(line.coverage)/\(name)", formKey: frame.formKey, style: "stack-s",
        """
        \(FileChoice(name, label, hint: t("coverage.picture-hint"), accepts: ["image/jpeg", "image/png"]).marked(errors, t))\
        <p><button class="btn btn-plain">\(isBack ? t("coverage.send-back") : t("coverage.send-front"))</button></p>
        """)
    return """
        <section class="card stack-s" aria-labelledby="side-\(name)"><h2 id="side-\(name)">\(title)</h2>\(picture)\
        \(when: line.state == "stated", send.html)</section>
        """
}
