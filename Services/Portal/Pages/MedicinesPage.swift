import Contracts
import Web

struct MedicinesView: Sendable {
    var medicines: Medicines
    /// The medicine whose renewal was asked for just now.
    var asked: ID<Resource>?
    var refusal: RenewalRefusal?
    var names: ClinicNames
}

/// `GET /medicines`: every medicine, how it is taken, and how to get more of it.
func medicinesPage(_ view: MedicinesView, in frame: Frame) -> HTML {
    let t = frame.t
    let lines = view.medicines.medicines
    let taken = lines.filter { $0.line.status == "active" || $0.line.status == "on-hold" }
    let before = lines.filter { $0.line.status != "active" && $0.line.status != "on-hold" }
    return frame.page(title: t("medicines.title"), hasErrors: view.refusal != nil, """
        <div class="stack-l"><div class="stack"><h1>\(t("medicines.title"))</h1>\
        \(when: view.asked != nil, Note(.ok, announcement: .status, "<p>\(t("medicines.asked"))</p>").html)\(refused(view, frame))</div>\
        \(section("taken", t("medicines.taken"), taken, of: lines.count, view, frame))\
        \(section("before", t("medicines.before"), before, of: lines.count, view, frame))</div>
        """)
}

private func refused(_ view: MedicinesView, _ frame: Frame) -> HTML? {
    let t = frame.t
    switch view.refusal {
    case nil: return nil
    case .notPossible(let why)?: return ErrorSummary(title: t("medicines.not-asked"), text: why.nextStep(frame) ?? "").html
    case .tooLong?: return ErrorSummary(title: t("medicines.not-asked"), text: t("medicines.too-long")).html
    case .notFound?, .idInUse?: return ErrorSummary(title: t("medicines.not-asked"), text: t("medicines.again")).html
    }
}

private func section(_ id: String, _ title: HTML, _ lines: [MedicineLine], of total: Int, _ view: MedicinesView, _ frame: Frame) -> HTML {
    let t = frame.t
    guard !lines.isEmpty else {
        let nothing: HTML = "<div class=\"empty\"><p>\(t("medicines.none"))</p></div>"
        return "<section class=\"stack-s\" aria-labelledby=\"\(id)\"><h2 id=\"\(id)\">\(title)</h2>\(nothing)</section>"
    }
    return """
        <section class="card stack-s" aria-labelledby="\(id)"><h2 id="\(id)">\(title) \(ShownOf(lines.count, of: total, t))</h2>\
        <ul class="rows">\(each: lines, { medicine($0, view, frame) })</ul></section>
        """
}

private func medicine(_ medicine: MedicineLine, _ view: MedicinesView, _ frame: Frame) -> HTML {
    let (t, line) = (frame.t, medicine.line)
    let words = Field("words-\(line.id)", t("medicines.words"), hint: t("medicines.words-hint"), autocomplete: "off", maximumLength: 500)
    let form = Form(to: "/medicines/\(line.id)/renew", formKey: frame.formKey, style: "stack-s", """
        \(words)<p><button class="btn btn-plain">\(t("medicines.send"))<span class="hide">: \(line.name)</span></button></p>
        """)
    let asking: HTML = """
        <details class="stack-s"><summary class="target">\(t("medicines.renew"))<span class="hide">: \(line.name)</span></summary>\(form)</details>
        """
    let facts = [
        t.dosage(line.parts, line.dosage), medicine.reason.map { t("medicines.for", ["reason": $0]) },
        medicine.prescriber.map { t("medicines.by", ["who": view.names.clinician($0, t)]) },
    ].compactMap { $0 }
    return """
        <li class="stack-s" data-fhir="\(line.type ?? "MedicationRequest")/\(line.id)"><div class="cluster apart"><h3>\(line.name)</h3>\
        \(line.status.map { Tag($0 == "active" ? .info : .plain, t.medicationStatus($0)) })</div>\
        \(each: facts, { "<p class=\"plain\">\($0)</p>" })\(medicine.renewal.nextStep(frame).map { "<p>\($0)</p>" as HTML })\
        \(when: medicine.renewal == .possible, asking)</li>
        """
}

extension Renewal {
    /// Why there is no button, and what to do instead; nil where there is one.
    func nextStep(_ frame: Frame) -> HTML? {
        let t = frame.t
        let call = frame.site.phone.map { " \(t("record.call", ["phone": $0]))" as HTML } ?? ""
        return switch self {
        case .possible: nil
        case .requested: t("renewal.requested")
        case .notOurs: t("renewal.not-ours")
        case .ended: "\(t("renewal.ended"))\(call)"
        case .onHold: "\(t("renewal.on-hold"))\(call)"
        case .tooOld: "\(t("renewal.too-old")) <a href=\"/visits/book\">\(t("renewal.book"))</a>"
        }
    }
}
