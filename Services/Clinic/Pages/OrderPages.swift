import Contracts
import Web

struct NewOrderView: Sendable {
    var chart: Chart
    var form: OrderForm
    var encounter: ID<Resource>?
    var favourites: [FavouriteOrder] = []
    var refusal: OrderRefusal?
    var now: Moment
}

/// `GET /patients/{id}/orders/new`: a test, an image, a referral.
func newOrderPage(_ view: NewOrderView, in frame: Frame) -> HTML {
    let t = frame.t
    let (patient, form) = (view.chart.patient.id, view.form)
    let errors: [FieldError] =
        if case .invalid(let problems)? = view.refusal { problems.map { FieldError($0.field, $0.fault.words(t)) } } else { [] }
    func field(_ name: String, _ label: HTML, _ hint: HTML? = nil, width: Field.Width = .full, atMost: Int = 200) -> HTML {
        Field(name, label, hint: hint, value: form[name], autocomplete: "off", width: width, maximumLength: atMost).marked(errors, t).html
    }
    let kinds = OrderKind.allCases.map { ($0.rawValue, t.orderKind($0)) }
    let priorities = OrderPriority.allCases.map { ($0.rawValue, t.priority($0)) }
    let systems: [(value: String, label: HTML)] = [("http://loinc.org", "LOINC"), ("http://snomed.info/sct", "SNOMED CT")]
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: t("order.new"), hasErrors: view.refusal != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(patient)">\(t("chart.back"))</a></p><h2>\(t("order.new"))</h2>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        \(when: view.refusal != nil && errors.isEmpty, ErrorSummary(title: t("entry.not-kept"), text: t("entry.not-kept-help")).html)\
        \(favouriteChoice(view.favourites, of: patient, in: view.encounter, t))\
        \(Form(to: "/patients/\(patient)/orders", formKey: frame.formKey, style: "card stack", """
            \(Select("kind", t("order.kind"), kinds, chosen: form["kind"]))\(field("what", t("order.what"), t("order.what-hint")))\
            <div class="cluster">\(Select("system", t("entry.system"), systems, chosen: form["system"]))\
            \(field("code", t("entry.code"), t("entry.code-hint"), width: .short, atMost: 60))</div>\
            \(field("reason", t("order.reason"), atMost: 500))\
            <div class="cluster">\(field("due", t("order.due"), t("order.due-hint"), width: .short, atMost: 10))\
            \(Select("priority", t("order.priority"), priorities, chosen: form["priority"]))</div>\
            \(view.encounter.map { "<input type=\"hidden\" name=\"encounter\" value=\"\($0)\">" as HTML })\
            <p class="cluster"><button class="btn">\(t("order.sign"))</button>\
            <button class="btn btn-plain" name="draft" value="yes">\(t("order.keep-draft"))</button></p>
            """))</div>
        """)
}

struct OrdersView: Sendable {
    var chart: Chart
    var orders: Orders
    var mayOrder: Bool
    var now: Moment
}

/// `GET /patients/{id}/orders`: every order, with what came of it.
func ordersPage(_ view: OrdersView, in frame: Frame) -> HTML {
    let t = frame.t
    let (patient, lines) = (view.chart.patient.id, view.orders.orders)
    let new: HTML = "<a class=\"target\" href=\"/patients/\(patient)/orders/new\">\(t("order.new"))</a>"
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: t("order.title"),
        """
        <div class="stack"><p><a class="crumb" href="/patients/\(patient)">\(t("chart.back"))</a></p>\
        <section class="panel" aria-labelledby="orders"><header><h2 id="orders">\(t("order.title"))</h2>\(ShownOf(lines.count, of: lines.count, t))\
        \(when: view.mayOrder, new)</header>\(orderRows(lines, of: patient, t))</section></div>
        """)
}

func orderRows(_ lines: [OrderLine], of patient: ID<Patient>, _ t: Wording) -> HTML {
    guard !lines.isEmpty else { return "<p class=\"plain\">\(t("order.none"))</p>" }
    return """
        <ul class="rows">\(each: lines, { line in
            """
            <li data-fhir="ServiceRequest/\(line.order)"><div class="cluster apart">\
            <a class="target" href="/patients/\(patient)/orders/\(line.order)">\(line.what.text)</a>\(line.tag(t))</div>\
            <p class="plain">\(line.kind.map { "\(t.orderKind($0)). " as HTML })\(t.due(line))</p></li>
            """
        })</ul>
        """
}

struct OrderView: Sendable {
    var chart: Chart
    var order: OrderLine
    var mayOrder: Bool
    var refusal: OrderRefusal?
    /// What was posted and not done.
    var typed: (status: String, reason: String)?
    var names: ClinicNames
    /// Kinds of visit that patients book by an order.
    var kinds: [VisitService] = []
    /// They have just been let.
    var isTicketed = false
    /// A visit is booked by it, or it is over.
    var isOver = false
    var now: Moment
}

/// `GET /patients/{id}/orders/{order}`: one order, what came of it, and where it may go from here.
func orderPage(_ view: OrderView, in frame: Frame) -> HTML {
    let t = frame.t
    let (patient, order) = (view.chart.patient.id, view.order)
    let requester = order.requester.map { "<span translate=\"no\">\(view.names.clinician($0, t))</span>" as HTML }
    var facts: [(name: HTML, value: HTML)] = [
        (t("chart.state"), order.tag(t)), (t("order.kind"), order.kind.map { t.orderKind($0) } ?? t("chart.not-written")),
        (t("order.due"), order.due.flatMap { Day(dateTime: $0) }.map { t.date($0, .full) } ?? t("chart.not-written")),
        (t("order.priority"), order.priority.map { t.priority($0) } ?? t("chart.not-written")),
        (t("order.reason"), order.reason.map { HTML(text: $0) } ?? t("chart.not-written")),
        (t("order.ordered-by"), requester ?? t("chart.not-written")),
        (t("chart.written"), order.authored.flatMap { Day(dateTime: $0) }.map { t.date($0, .full) } ?? t("chart.not-written")),
    ]
    if let why = order.statusReason { facts.append((t("order.status-reason"), HTML(text: why))) }
    var errors: [FieldError] = []
    switch view.refusal {
    case .invalid(let problems)?: errors = problems.map { FieldError($0.field, $0.fault.words(t)) }
    case .changedMeanwhile?, .illegal?: errors = [FieldError("", t("entry.changed-meanwhile"))]
    case .notFound?, .idInUse?, nil: break
    }
    let results: HTML = """
        <ul class="rows">\(each: order.results, { result in
            let shown = view.chart.results.first { $0.id == result }
            let name: HTML = shown.map { "\($0.display): \($0.shownValue(t))" } ?? t("order.earlier-result")
            return """
                <li data-fhir="Observation/\(result)"><a class="target" href="/patients/\(patient)/results/\(result)/versions">\(name)</a></li>
                """
        })</ul>
        """
    let enter = Action(t("result.enter"), to: "/patients/\(patient)/results/new?order=\(order.order)", .plain)
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: HTML(text: order.what.text), hasErrors: !errors.isEmpty || view.isOver,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(patient)/orders">\(t("order.title"))</a></p><h2>\(order.what.text)</h2>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        \(when: view.isOver, ErrorSummary(title: t("ticket.over"), text: t("ticket.over-help")).html)\
        \(view.isTicketed ? Note(.ok, announcement: .status, "<p>\(t("ticket.issued"))</p>") : nil)\
        <section class="card" aria-label="\(order.what.text)" data-fhir="ServiceRequest/\(order.order)">\(Facts(facts))</section>\
        <section class="panel" aria-labelledby="results"><header><h2 id="results">\(t("chart.results"))</h2></header>\
        \(order.results.isEmpty ? "<p class=\"plain\">\(t("order.no-result"))</p>" : results)\
        \(when: ["active", "on-hold", "completed"].contains(order.status), "<p>\(enter)</p>")</section>\
        \(view.mayOrder && order.status == "active" ? ticket(view, frame) : nil)\
        \(view.mayOrder ? change(view, errors, frame) : nil)\
        \(when: view.mayOrder && order.kind != nil, Form(
            to: "/patients/\(patient)/orders/\(order.order)/favourite", formKey: frame.formKey, style: "no-print",
            "<button class=\"btn btn-link\">\(t("favourites.keep-order"))</button>").html)</div>
        """)
}

/// Lets the patient book by the order; nothing where the clinic has no such kind of visit.
private func ticket(_ view: OrderView, _ frame: Frame) -> HTML? {
    let t = frame.t
    guard let first = view.kinds.first else { return nil }
    let kinds = view.kinds.map { (value: $0.code, label: HTML(text: view.names.service($0.code, t).plainText)) }
    return Form(
        to: "/patients/\(view.chart.patient.id)/orders/\(view.order.order)/ticket", formKey: frame.formKey, style: "card stack no-print", """
            <h3>\(t("ticket.title"))</h3><p class="plain">\(t("ticket.help"))</p>\
            \(Select("service", t("ticket.what"), kinds, chosen: first.code, areNames: true))\
            <p><button class="btn btn-plain">\(t("ticket.issue"))</button></p>
            """
    ).html
}

private func change(_ view: OrderView, _ errors: [FieldError], _ frame: Frame) -> HTML? {
    let (t, order) = (frame.t, view.order)
    let next: [(value: String, label: HTML)] =
        switch order.status {
        case "draft": [("active", t("order.send")), ("entered-in-error", t("entry.retracted"))]
        case "active": [("on-hold", t("order.hold")), ("revoked", t("order.revoke")), ("completed", t("order.complete"))]
        case "on-hold": [("active", t("order.resume")), ("revoked", t("order.revoke")), ("completed", t("order.complete"))]
        default: []
        }
    guard let first = next.first?.value else { return nil }
    let why = Field("reason", t("order.why"), .lines, value: view.typed?.reason ?? "", autocomplete: "off", maximumLength: 500)
    return Form(to: "/patients/\(view.chart.patient.id)/orders/\(order.order)", formKey: frame.formKey, style: "card stack no-print", """
        <h3>\(t("order.change"))</h3>\(Select("status", t("order.what-now"), next, chosen: view.typed?.status ?? first))\
        \(why.marked(errors, t))\
        <input type="hidden" name="version" value="\(order.version)"><p><button class="btn btn-plain">\(t("entry.save"))</button></p>
        """
    ).html
}
