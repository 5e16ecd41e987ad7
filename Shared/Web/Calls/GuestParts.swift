public import Contracts

extension Wording {
    public func guestKind(_ kind: GuestKind) -> HTML {
        switch kind {
        case .interpreter: self("guests.interpreter")
        case .family: self("guests.family")
        case .other: self("guests.other")
        }
    }

    fileprivate func guestState(_ state: GuestState) -> Tag {
        switch state {
        case .invited: Tag(.plain, self("guests.invited"))
        case .waiting: Tag(.warn, self("guests.waits"))
        case .admitted: Tag(.ok, self("guests.admitted"))
        case .left: Tag(.plain, self("guests.left"))
        case .removed: Tag(.plain, self("guests.removed"))
        }
    }
}

/// Who was asked into a visit beside the two, and what can be done about each.
public struct GuestList: Part {
    public let html: HTML

    /// - Parameters:
    ///   - path: of the call's page.
    ///   - letsIn: whether they are asked who may come in.
    ///   - asks: whether there is a way to ask somebody in.
    public init(_ call: CallView, at path: String, letsIn: Bool, asks: Bool = true, in frame: Frame) {
        let t = frame.t
        let guests = call.guests ?? []
        let waiting = guests.filter { $0.state == .waiting }.count
        func button(_ step: String, _ guest: CallGuest, _ words: HTML, _ style: String) -> HTML {
            Form(
                to: "\(path)/guests/\(guest.guest)/\(step)", formKey: frame.formKey, style: "",
                "<button class=\"btn \(style)\">\(words)</button>"
            ).html
        }
        let rows: HTML = """
            <ul class="rows">\(each: guests, { guest in
                let name: HTML = "<span translate=\"no\">\(guest.name)</span>"
                let lets = letsIn && call.state.isOpen && guest.state == .waiting
                return """
                    <li><div class="cluster apart"><p><span class="strong">\(name)</span> (\(t.guestKind(guest.kind)))</p>\
                    \(t.guestState(guest.state))</div><div class="cluster">\
                    \(when: lets, button("admit", guest, t("guests.admit", ["name": name]), ""))\
                    \(button("remove", guest, t("guests.remove", ["name": name]), "btn-plain"))</div></li>
                    """ as HTML
            })</ul>
            """
        let ask: HTML = "<p><a class=\"btn btn-plain\" href=\"\(path)/guests\" target=\"_blank\" rel=\"noopener\">\(t("guests.ask"))</a></p>"
        let said: HTML = waiting > 0 ? t("guests.waiting", count: waiting) : ""
        html = """
            <section class="card stack-s" data-guests data-said="\(said)" aria-labelledby="guests"><h2 id="guests">\(t("guests.title"))</h2>\
            \(guests.isEmpty ? "<p class=\"plain\">\(t("guests.none"))</p>" : rows)\
            \(when: asks, ask)</section>
            """
    }
}

/// Asking somebody in: their name, why, and once the link.
public struct GuestForm: Part {
    public let html: HTML

    /// - Parameters:
    ///   - path: of the call's page.
    ///   - link: one that was made just now; shown this once.
    public init(to path: String, link: (url: String, name: String)?, refusal: GuestRefusal?, in frame: Frame) {
        let t = frame.t
        let errors = refusal == .noName ? [FieldError("name", t("guests.no-name"))] : []
        let other: HTML? =
            switch refusal {
            case nil, .noName?: nil
            case .tooMany?: ErrorSummary(title: t("guests.too-many"), text: t("guests.too-many-help")).html
            default: ErrorSummary(title: t("guests.not-now"), text: t("guests.not-now-help")).html
            }
        let made = link.map { link in
            Note(.ok, announcement: .status, """
                <p class="strong">\(t("guests.made", ["name": "<span translate=\"no\">\(link.name)</span>" as HTML]))</p>\
                <p><code translate="no">\(link.url)</code></p><p>\(t("guests.made-help"))</p>
                """)
        }
        let secret = BrowserSecret().text
        let name = Field("name", t("guests.name"), hint: t("guests.name-hint"), autocomplete: "off", maximumLength: 80).marked(errors, t)
        let kinds = GuestKind.allCases.map { (value: $0.rawValue, label: t.guestKind($0)) }
        html = """
            \(other)\(made)\(Form(to: "\(path)/guests", formKey: frame.formKey, style: "card stack", """
                \(when: !errors.isEmpty, ErrorSummary(errors, t).html)<h2>\(t("guests.ask"))</h2>\(name)\
                \(Select("kind", t("guests.kind"), kinds, chosen: GuestKind.interpreter.rawValue))\
                <p class="plain">\(t("guests.help"))</p><input type="hidden" name="secret" value="\(secret)">\
                <p><button class="btn btn-large">\(t("guests.make"))</button></p>
                """))
            """
    }
}
