import Contracts
import Web

struct GuarantorView: Sendable {
    /// What is wrong with what was typed.
    enum Wrong: Sendable {
        /// No patient, or several, with that record number.
        case record
        case refused(GuarantorRefusal)
    }

    var patient: PatientSummary
    var guarantors: Guarantors
    var typed: [String: String] = [:]
    var wrong: Wrong?
    var isDone = false
    var now: Moment

    func value(_ name: String) -> String { typed[name] ?? "" }
}

/// `GET /patients/{id}/guarantor`: who pays a patient's bills, who did, and a form to say who will.
func guarantorPage(_ view: GuarantorView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.wrong.map { [error($0, t)] } ?? []
    let current = view.guarantors.history.first { $0.guarantor == view.guarantors.current }
    let now =
        current.flatMap(\.name).map { t("guarantor.now", ["name": "<span translate=\"no\">\($0)</span>" as HTML]) } ?? t("guarantor.now-patient")
    return frame.with(banner: patientStrip(view.patient, asOf: view.now, view.now, t)).page(
        title: t("guarantor.title"), hasErrors: !errors.isEmpty,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(view.patient.id)/bills">\(t("patient-bills.title"))</a></p>\
        <h2>\(t("guarantor.title"))</h2><p class="lead">\(now)</p>\(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        \(when: view.isDone, Note(.ok, announcement: .status, "<p>\(t("guarantor.kept"))</p>").html)\
        \(form(view, errors, frame))\(history(view, t))</div>
        """)
}

private func error(_ wrong: GuarantorView.Wrong, _ t: Wording) -> FieldError {
    switch wrong {
    case .record: FieldError("record", t("guarantor.no-record"))
    case .refused(.nobody): FieldError("relationship", t("guarantor.nobody"))
    case .refused(.themselves): FieldError("record", t("guarantor.themselves"))
    case .refused(.invalidName): FieldError("name", t("guarantor.invalid-name"))
    case .refused(.invalidDay): FieldError("from", t("guarantor.invalid-day"))
    case .refused(.idInUse): FieldError("", t("guarantor.again"))
    }
}

private func form(_ view: GuarantorView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let t = frame.t
    let relationships = GuarantorRelationship.allCases.map { (value: $0.rawValue, label: t.guarantorRelationship($0)) }
    let reasons = GuarantorReason.allCases.map { (value: $0.rawValue, label: t.guarantorReason($0)) }
    let day = view.typed["from"] ?? view.now.day.iso
    return Form(
        to: "/patients/\(view.patient.id)/guarantor", formKey: frame.formKey, style: "card stack",
        """
        <h3>\(t("guarantor.new"))</h3><p class="plain">\(t("guarantor.new-help"))</p>\
        \(Select("relationship", t("guarantor.who"), relationships, chosen: view.typed["relationship"] ?? "parent").marked(errors, t))\
        \(Field(
            "record", t("guarantor.record"), hint: t("guarantor.record-hint"), value: view.value("record"), autocomplete: "off", width: .short,
            maximumLength: 40).marked(errors, t))\
        \(Field("name", t("guarantor.name"), hint: t("guarantor.name-hint"), value: view.value("name"), autocomplete: "off").marked(errors, t))\
        \(Field("address", t("guarantor.address"), .lines, value: view.value("address"), autocomplete: "off", maximumLength: 500))\
        \(Select("reason", t("patient-bill.reason"), reasons, chosen: view.typed["reason"] ?? GuarantorReason.minor.rawValue))\
        \(Field("from", t("guarantor.from"), hint: t("over.day-hint"), value: day, autocomplete: "off", width: .short, maximumLength: 20)
            .marked(errors, t))\
        <p><button class="btn">\(t("guarantor.save"))</button></p>
        """
    ).html
}

private func history(_ view: GuarantorView, _ t: Wording) -> HTML {
    let lines = view.guarantors.history
    guard !lines.isEmpty else { return "" }
    return """
        <section class="stack-s" aria-labelledby="said"><h3 id="said">\(t("guarantor.history")) \
        \(ShownOf(lines.count, of: view.guarantors.total, t))</h3><ul class="rows panel">\(each: lines, { line in
            let who: HTML = line.name.map { "<span translate=\"no\">\($0)</span> · " } ?? ""
            let from = Day(line.from).map { t.date($0, .short) } ?? HTML(text: line.from)
            return """
                <li class="stack-s"><p class="cluster apart"><span>\(who)\(t.guarantorRelationship(line.relationship))</span>\
                <span>\(t("guarantor.since", ["date": from]))</span></p><p class="plain">\(t.guarantorReason(line.reason)) · \
                \(t("guarantor.said", ["time": t.dateAndTime(Moment(line.made, in: view.now.zone), .short)]))</p></li>
                """
        })</ul></section>
        """
}

extension Wording {
    fileprivate func guarantorRelationship(_ relationship: GuarantorRelationship) -> HTML {
        switch relationship {
        case .patient: self("guarantor.patient")
        case .parent: self("guarantor.parent")
        case .guardian: self("guarantor.guardian")
        case .spouse: self("guarantor.spouse")
        case .other: self("guarantor.other")
        }
    }

    fileprivate func guarantorReason(_ reason: GuarantorReason) -> HTML {
        switch reason {
        case .minor: self("guarantor.minor")
        case .agreement: self("guarantor.agreement")
        case .courtOrder: self("guarantor.court-order")
        case .ofAge: self("guarantor.of-age")
        case .atRequest: self("guarantor.at-request")
        case .correction: self("guarantor.correction")
        }
    }
}
