import Contracts
import Foundation
import Web

/// A prescription as it is typed.
struct PrescriptionForm: Sendable {
    static let names = [
        "medicine", "system", "code", "amount", "unit", "route", "frequency", "period", "asNeeded", "note", "quantity", "refills", "substitution",
        "reason", "override",
    ]
    private(set) var fields: [String: String]

    /// Empty, with what is usual.
    init() { fields = ["frequency": "1", "period": "1", "refills": "0", "substitution": "yes", "route": "by mouth"] }
    init(typed form: FormData) { fields = Dictionary(uniqueKeysWithValues: Self.names.map { ($0, form.trimmed($0)) }) }

    subscript(_ name: String) -> String { fields[name] ?? "" }
    private func optional(_ name: String) -> String? { self[name].isEmpty ? nil : self[name] }

    var medicine: CodedText { CodedText(self["medicine"], system: optional("code") == nil ? nil : optional("system"), code: optional("code")) }

    func command(for patient: ID<Patient>, in encounter: ID<Resource>?, key: UUID) -> Prescribe {
        Prescribe(
            patient: patient, prescription: ID(key), medicine: medicine,
            dosage: Dosage(
                amount: self["amount"], unit: self["unit"], route: self["route"], frequency: Int(self["frequency"]) ?? 0,
                period: Int(self["period"]) ?? 0, asNeeded: self["asNeeded"] == "yes", note: optional("note")),
            quantity: Int(self["quantity"]) ?? 0, refills: Int(self["refills"]) ?? -1, substitution: self["substitution"] == "yes",
            reason: optional("reason"), override: optional("override"), encounter: encounter, key: key)
    }
}

struct PrescribeView: Sendable {
    var chart: Chart
    var form: PrescriptionForm
    var encounter: ID<Resource>?
    var refusal: PrescriptionRefusal?
    var now: Moment
}

/// `GET /patients/{id}/prescriptions/new`: a medicine, how it is taken, and what the record says against it.
func prescribePage(_ view: PrescribeView, in frame: Frame) -> HTML {
    let t = frame.t
    let (patient, form) = (view.chart.patient.id, view.form)
    var errors: [FieldError] = []
    if case .invalid(let problems)? = view.refusal { errors = problems.map { FieldError($0.field, $0.fault.words(t)) } }
    var report: SafetyReport?
    if case .reasonNeeded(let found)? = view.refusal {
        report = found
        errors = [FieldError("override", t("rx.reason-needed"))]
    }
    func field(_ name: String, _ label: HTML, _ hint: HTML? = nil, width: Field.Width = .short, atMost: Int = 40) -> HTML {
        Field(name, label, hint: hint, value: form[name], autocomplete: "off", width: width, maximumLength: atMost).marked(errors, t).html
    }
    let override = Field("override", t("rx.override"), .lines, value: form["override"], autocomplete: "off", maximumLength: 500).marked(errors, t)
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: t("rx.title"), hasErrors: view.refusal != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(patient)">\(t("chart.back"))</a></p><h2>\(t("rx.title"))</h2>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\(report.map { safety($0, t) })\
        \(Form(to: "/patients/\(patient)/prescriptions", formKey: frame.formKey, style: "card stack", """
            \(field("medicine", t("chart.medicine"), t("rx.medicine-hint"), width: .full, atMost: 200))\
            <div class="cluster">\(field("amount", t("rx.amount")))\(field("unit", t("rx.unit"), t("rx.unit-hint")))\
            \(field("route", t("rx.route"), atMost: 60))</div>\
            <div class="cluster">\(field("frequency", t("rx.frequency")))\(field("period", t("rx.period")))</div>\
            \(Choice(.checkbox, name: "asNeeded", value: "yes", t("rx.as-needed"), isChecked: form["asNeeded"] == "yes"))\
            \(field("note", t("rx.note"), width: .full, atMost: 300))\
            <div class="cluster">\(field("quantity", t("rx.quantity")))\(field("refills", t("rx.refills")))</div>\
            \(Choice(.checkbox, name: "substitution", value: "yes", t("rx.substitution"), isChecked: form["substitution"] == "yes"))\
            \(field("reason", t("entry.reason"), width: .full, atMost: 500))\(when: report != nil || !form["override"].isEmpty, override.html)\
            \(view.encounter.map { "<input type=\"hidden\" name=\"encounter\" value=\"\($0)\">" as HTML })\
            <p><button class="btn">\(t("rx.sign"))</button></p>
            """))</div>
        """)
}

/// What was looked up, each kind with its state: ok, a warning, or not done.
func safety(_ report: SafetyReport, _ t: Wording) -> HTML {
    "<div class=\"stack-s\">\(each: report.checks, { check($0, t) })</div>"
}

private func check(_ check: SafetyCheck, _ t: Wording) -> HTML {
    // As its publisher calls it, in every language.
    func named(_ version: String) -> HTML { "<span translate=\"no\">\(version)</span>" }
    let name: HTML =
        switch check.kind {
        case .allergies: t("rx.check-allergies")
        case .interactions: t("rx.check-interactions")
        case .duplicates: t("rx.check-duplicates")
        }
    let (style, icon, state): (String, Icon, HTML) =
        switch check.state {
        case .ok: ("", .done, t("rx.check-ok"))
        case .warning: (" check-warn", .warning, t("rx.check-warning"))
        case .notDone: (" check-not", .notDone, t("rx.check-not-done"))
        }
    let findings: HTML = """
        \(each: check.findings, { finding in
            let why = finding.text.flatMap { $0[t.language.rawValue] ?? $0["en"] }
            let before = finding.overriddenBefore.map { " \(t("rx.overridden-before", ["reason": $0]))" as HTML }
            return "<p><strong>\(finding.name)</strong>\(why.map { ": \($0)" as HTML })\(before)</p>"
        })
        """
    let table = check.table.map { check.isSample == true ? t("rx.sample-table", ["version": named($0)]) : t("rx.table", ["version": named($0)]) }
    return """
        <div class="check\(style)">\(icon)<div><h3>\(name): \(state)</h3>\(findings)\(table.map { "<p class=\"tiny\">\($0)</p>" as HTML })</div></div>
        """
}

struct PrescriptionView: Sendable {
    var chart: Chart
    var medicine: MedicineLine
    var offersPDF: Bool
    var refusal: PrescriptionRefusal?
    /// What was posted and not done.
    var typed: (status: String, reason: String)?
    var names: ClinicNames
    var now: Moment
}

/// `GET /patients/{id}/prescriptions/{prescription}`: one prescription, to print, to hold, to stop.
func prescriptionPage(_ view: PrescriptionView, in frame: Frame) -> HTML {
    let t = frame.t
    let (patient, line) = (view.chart.patient.id, view.medicine.line)
    let facts: [(name: HTML, value: HTML)] = [
        (t("chart.dose"), t.dosage(line.parts, line.dosage) ?? t("chart.not-written")),
        (t("chart.state"), line.status.map { t.medicationStatus($0) } ?? t("chart.not-written")),
        (t("rx.refills"), view.medicine.refills.map { "\($0)" } ?? t("chart.not-written")),
        (t("entry.reason"), view.medicine.reason.map { HTML(text: $0) } ?? t("chart.not-written")),
        (t("rx.prescriber"), view.medicine.prescriber.map { view.names.clinician($0, t) } ?? t("chart.not-written")),
        (t("chart.written"), line.authoredOn.flatMap { Day(dateTime: $0) }.map { t.date($0, .full) } ?? t("chart.not-written")),
    ]
    var errors: [FieldError] = []
    switch view.refusal {
    case .invalid(let problems)?: errors = problems.map { FieldError($0.field, $0.fault.words(t)) }
    case .changedMeanwhile?, .illegal?: errors = [FieldError("", t("entry.changed-meanwhile"))]
    default: break
    }
    let next = ["active": ["on-hold", "stopped", "completed"], "on-hold": ["active", "stopped"]][line.status ?? ""] ?? []
    let reason = Field(
        "reason", t("rx.change-reason"), .lines, value: view.typed?.reason ?? "", autocomplete: "off", maximumLength: 500
    ).marked(errors, t)
    let chosen = view.typed?.status ?? next.first ?? ""
    let change = Form(to: "/patients/\(patient)/prescriptions/\(line.id)", formKey: frame.formKey, style: "card stack no-print", """
        <h3>\(t("rx.change"))</h3>\(Select("status", t("chart.state"), next.map { ($0, t.medicationStatus($0)) }, chosen: chosen))\
        \(reason)<input type="hidden" name="version" value="\(view.medicine.version)">\
        <p><button class="btn btn-plain">\(t("entry.save"))</button></p>
        """)
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: HTML(text: line.name), hasErrors: !errors.isEmpty,
        """
        <div class="form-page stack"><p class="no-print"><a class="crumb" href="/patients/\(patient)">\(t("chart.back"))</a></p><h2>\(line.name)</h2>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        <section class="card" aria-label="\(line.name)" data-fhir="\(line.type ?? "MedicationRequest")/\(line.id)">\(Facts(facts))</section>\
        \(PDFLink("/patients/\(patient)/prescriptions/\(line.id)/pdf", isThere: view.offersPDF, t))\
        \(when: !next.isEmpty && line.type == nil, change.html)</div>
        """)
}
