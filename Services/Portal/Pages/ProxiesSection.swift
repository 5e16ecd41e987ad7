import Contracts
import Web

/// On the page of who may see the record: who acts for the patient, and a form to let somebody in.
func proxiesSection(_ view: AccessView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let t = frame.t
    let notice: HTML? =
        switch view.proxyDone {
        case .invited: t("proxies.invited")
        case .granted: t("proxies.granted")
        case .withdrawn: t("proxies.withdrawn")
        case nil: nil
        }
    return """
        <section class="stack" aria-labelledby="proxies"><h2 id="proxies">\(t("proxies.title"))</h2>\
        \(notice.map { Note(.ok, announcement: .status, "<p>\($0)</p>") })\
        \(view.proxies.html(missing: t("proxies.missing"), { list($0.proxies, view, frame) }))\(form(view, errors, frame))</section>
        """
}

private func list(_ proxies: [ProxyLine], _ view: AccessView, _ frame: Frame) -> HTML {
    let t = frame.t
    guard !proxies.isEmpty else { return "<div class=\"card\">\(Empty(t("proxies.none"), t("proxies.none-help")))</div>" }
    return """
        <ul class="rows card">\(each: proxies, { line in
            """
            <li class="stack-s"><div class="cluster apart"><span class="strong" translate="no">\(line.name)</span>\(t.proxyState(line))</div>\
            <p class="plain">\(t.proxyRelationship(line.relationship)) · <span translate="no">\(line.email)</span> · \
            \(t.proxyLevel(line.level))<br>\(t.proxyTime(line, in: view.now.zone))</p>\
            \(when: !line.state.hasEnded && !line.ofChild && view.isOwn, withdrawal(line, frame))</li>
            """
        })</ul>
        """
}

private func withdrawal(_ line: ProxyLine, _ frame: Frame) -> HTML {
    let t = frame.t
    return Form(
        to: "/record/access/proxies/end", formKey: frame.formKey, style: "no-print",
        """
        <input type="hidden" name="proxy" value="\(line.proxy)"><button class="btn btn-plain">\(t("proxies.withdraw"))\
        <span class="hide" translate="no"> \(line.name)</span></button>
        """
    ).html
}

/// An adult's own act: nobody lets others in for them, and for a child the clinic does.
private func form(_ view: AccessView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let t = frame.t
    let isAdult = view.consent.patient.birthDate.flatMap { Day($0) }?.years(until: view.now.day) ?? 0 >= 18
    guard view.isOwn, isAdult else { return "<p class=\"plain\">\(t("proxies.at-the-desk"))</p>" }
    let again = Field("email-again", t("proxies.email-again"), .email, autocomplete: "off").marked(errors, t)
    let body = Form(
        to: "/record/access/proxies", formKey: frame.formKey, style: "card stack",
        """
        <h3>\(t("proxies.new"))</h3><p class="plain">\(t("proxies.new-help"))</p>\
        \(view.newProxy.fields(errors, levels: [.limited, .full], t))\(again)<p><button class="btn">\(t("proxies.let-in"))</button></p>
        """)
    return body.html
}
