import Contracts
import Web

struct FavouritesView: Sendable {
    var phrases: [Phrase]
    /// Nil for those who do not order.
    var orders: [FavouriteOrder]?
    /// As it was typed, where it was not kept.
    var typed = Phrase("", "")
    var refusal: FavouriteRefusal?
    var wasKept = false
}

/// `GET /favourites`: one's own phrases for notes, and the orders one often places.
func favouritesPage(_ view: FavouritesView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors: [FieldError] =
        switch view.refusal {
        case .invalid(let problems)?: problems.map { FieldError($0.field, $0.fault.words(t)) }
        case .tooMany?: [FieldError("name", t("favourites.too-many"))]
        case nil: []
        }
    let name = Field(
        "name", t("favourites.name"), hint: t("favourites.name-hint"), value: view.typed.name, autocomplete: "off", width: .short, maximumLength: 20)
    let text = Field("text", t("favourites.text"), .lines, value: view.typed.text, autocomplete: "off", maximumLength: 1_000)
    let phrases: HTML = """
        <ul class="rows">\(each: view.phrases, { phrase in
            """
            <li><div class="cluster apart"><strong translate="no">.\(phrase.name)</strong>\
            \(removal(to: "/favourites/phrases/remove", "phrase", phrase.name, named: HTML(text: phrase.name), frame))</div>\
            <p class="kept plain" translate="no">\(phrase.text)</p></li>
            """
        })</ul>
        """
    return frame.page(
        title: t("favourites.title"), hasErrors: !errors.isEmpty,
        """
        <div class="form-page stack"><h1>\(t("favourites.title"))</h1><p class="plain">\(t("favourites.help"))</p>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        \(when: view.wasKept, Note(.ok, announcement: .status, "<p>\(t("favourites.kept"))</p>").html)\
        <section class="panel" aria-labelledby="phrases"><header><h2 id="phrases">\(t("favourites.phrases"))</h2>\
        \(ShownOf(view.phrases.count, of: view.phrases.count, t))</header>\
        \(view.phrases.isEmpty ? "<p class=\"plain\">\(t("favourites.no-phrases"))</p>" : phrases)</section>\
        \(Form(to: "/favourites/phrases", formKey: frame.formKey, style: "card stack", """
            <h2>\(t("favourites.new"))</h2>\(name.marked(errors, t))\(text.marked(errors, t))\
            <p><button class="btn">\(t("favourites.save"))</button></p>
            """))\
        \(view.orders.map { orders($0, frame) })</div>
        """)
}

private func orders(_ orders: [FavouriteOrder], _ frame: Frame) -> HTML {
    let t = frame.t
    let rows: HTML = """
        <ul class="rows">\(each: orders, { order in
            let remove = removal(to: "/favourites/orders/remove", "favourite", order.address, named: HTML(text: order.what.text), frame)
            return """
                <li><div class="cluster apart"><strong translate="no">\(order.what.text)</strong>\(remove)</div>\
                <p class="plain">\(order.summary(t))</p></li>
                """
        })</ul>
        """
    return """
        <section class="panel" aria-labelledby="orders"><header><h2 id="orders">\(t("favourites.orders"))</h2>\
        \(ShownOf(orders.count, of: orders.count, t))</header>\
        \(orders.isEmpty ? "<p class=\"plain\">\(t("favourites.no-orders"))</p>" : rows)</section>
        """
}

private func removal(to path: String, _ field: HTML, _ value: String, named name: HTML, _ frame: Frame) -> HTML {
    Form(to: path, formKey: frame.formKey, style: "", """
        <input type="hidden" name="\(field)" value="\(value)">\
        <button class="btn btn-link">\(frame.t("favourites.remove"))<span class="hide">: <span translate="no">\(name)</span></span></button>
        """
    ).html
}

/// The orders somebody often places, each a way to the form with its words in it.
func favouriteChoice(_ favourites: [FavouriteOrder], of patient: ID<Patient>, in encounter: ID<Resource>?, _ t: Wording) -> HTML? {
    guard !favourites.isEmpty else { return nil }
    let rest = encounter.map { "&encounter=\($0)" } ?? ""
    return """
        <nav class="panel" aria-labelledby="usual"><header><h3 id="usual">\(t("favourites.orders"))</h3></header><ul class="rows">\
        \(each: favourites, { order in
            """
            <li><p class="cluster"><a class="target" href="/patients/\(patient)/orders/new?favourite=\(order.address)\(rest)" \
            translate="no">\(order.what.text)</a><span class="plain">\(order.summary(t))</span></p></li>
            """
        })</ul></nav>
        """
}

extension FavouriteOrder {
    /// As addresses name it.
    var address: String { favourite.map { "\($0)" } ?? "" }

    func summary(_ t: Wording) -> HTML {
        "\(t.orderKind(kind)). \(t.priority(priority)). \(t("favourites.days", count: days))"
    }

    /// What is often ordered, of an order that was placed; nil where it cannot be told what it was.
    init?(_ line: OrderLine) {
        guard let kind = line.kind else { return nil }
        let (written, due) = (line.authored.flatMap { Day(dateTime: $0) }?.daysSince1970, line.due.flatMap { Day(dateTime: $0) }?.daysSince1970)
        let days = if let written, let due { min(max(due - written, 0), 365) } else { 7 }
        self.init(kind: kind, what: line.what, priority: line.priority ?? .routine, days: days)
    }
}
