import Contracts
import Foundation
import Web

struct NewEncounterView: Sendable {
    var chart: Chart
    var reason = ""
    var kind = "AMB"
    /// The booked visit it is; empty where it is none.
    var appointment = ""
    var refusal: EncounterRefusal?
    var now: Moment
}

/// `GET /patients/{id}/encounters/new`: why the patient comes.
func newEncounterPage(_ view: NewEncounterView, in frame: Frame) -> HTML {
    let t = frame.t
    let patient = view.chart.patient.id
    let problems: [EntryProblem] = if case .invalid(let problems)? = view.refusal { problems } else { [] }
    let errors = problems.map { FieldError($0.field, $0.fault.words(t)) }
    var reason = Field("reason", t("encounter.reason"), hint: t("encounter.reason-hint"), value: view.reason, autocomplete: "off", maximumLength: 500)
    reason.isFirst = errors.isEmpty
    let kinds: [(value: String, label: HTML)] = [("AMB", t("encounter.here")), ("VR", t("encounter.virtual")), ("HH", t("encounter.at-home"))]
    func other(_ encounter: ID<Resource>, _ title: HTML) -> HTML {
        ErrorSummary(title: title, text: "<a href=\"/patients/\(patient)/encounters/\(encounter)\">\(t("encounter.go-on"))</a>").html
    }
    let open: HTML? =
        switch view.refusal {
        case .alreadyOpen(let encounter): other(encounter, t("encounter.already-open"))
        case .ofThisVisit(let encounter): other(encounter, t("encounter.of-this-visit"))
        default: nil
        }
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: t("encounter.new"), hasErrors: view.refusal != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(patient)">\(t("chart.back"))</a></p><h2>\(t("encounter.new"))</h2>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\(open)\
        \(Form(to: "/patients/\(patient)/encounters", formKey: frame.formKey, style: "card stack", """
            <input type="hidden" name="appointment" value="\(view.appointment)">\
            \(reason.marked(errors, t))\(Select("kind", t("encounter.kind"), kinds, chosen: view.kind).marked(errors, t))\
            <p><button class="btn">\(t("encounter.start"))</button></p>
            """))</div>
        """)
}

struct EncounterPageView: Sendable {
    enum Refusal: Sendable { case note(NoteRefusal), vitals(VitalsRefusal), noTemplate }

    var chart: Chart
    var encounter: EncounterView
    var maySign: Bool
    var offersPDF: Bool
    var refusal: Refusal?
    /// What was typed and not kept.
    var typed: NoteText?
    var readings: [String: String] = [:]
    var addendum = ""
    /// The addendum was ticked as a correction.
    var corrects = false
    var wasSigned = false
    /// It has been open for so long that other charts may have been looked at: whoever signs says once more whose it is.
    var asksWhose = false
    /// What the note may begin with.
    var templates: [NoteTemplateLine] = []
    var wasInserted = false
    /// Of who writes.
    var phrases: [Phrase] = []
    var names: ClinicNames
    var now: Moment
}

/// `GET /patients/{id}/encounters/{encounter}`: measure, write, sign; afterwards, what was signed and what was added.
func encounterPage(_ view: EncounterPageView, in frame: Frame) -> HTML {
    let t = frame.t
    let encounter = view.encounter
    let when = encounter.start.map { t.dateAndTime(Moment($0, in: view.now.zone), .weekday) }
    let state = "\(Tag(encounter.status == "in-progress" ? .warn : .plain, t.recordStatus(encounter.status)))" as HTML
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: t("encounter.title"), hasErrors: view.refusal != nil, script: mayWrite(view) ? .autosave : nil,
        """
        <div class="stack"><p class="no-print"><a class="crumb" href="/patients/\(encounter.patient.id)">\(t("chart.back"))</a></p>\
        \(when: view.wasSigned, Note(.ok, announcement: .status, "<p>\(t("encounter.was-signed"))</p>").html)\
        \(when: view.wasInserted, Note(.ok, announcement: .status, "<p>\(t("note.template-inserted"))</p>").html)\(refused(view, t))\
        \(when: view.asksWhose, whose(view, t))\
        <header class="stack-s"><h2>\(encounter.reason.map { HTML(text: $0) } ?? t("encounter.title"))</h2>\
        <p class="cluster plain">\(state)<span>\(when)</span><span>\(encounter.practitioner.map { view.names.clinician($0, t) })</span></p></header>\
        \(when: encounter.note != nil, PDFLink("\(path(of: view))/pdf", isThere: view.offersPDF, t).html)\
        <div class="sidebar"><div class="stack">\(note(view, frame))</div>\
        <div class="stack">\(vitals(view, frame))\(written(view, t))</div></div></div>
        """)
}

private func whose(_ view: EncounterPageView, _ t: Wording) -> HTML {
    let patient = view.encounter.patient
    return Note(.warn, announcement: .alert, "<p>\(t("note.whose", ["name": name(patient), "birth": born(patient, view.now.day, t)]))</p>").html
}

private func name(_ patient: PatientSummary) -> HTML { "<span translate=\"no\">\(patient.family), \(patient.given)</span>" }
private func path(of view: EncounterPageView) -> String { "/patients/\(view.encounter.patient.id)/encounters/\(view.encounter.encounter)" }

private func mayWrite(_ view: EncounterPageView) -> Bool { view.encounter.draft.map { $0.heldUntil == nil } ?? false }

private func refused(_ view: EncounterPageView, _ t: Wording) -> HTML? {
    switch view.refusal {
    case nil: return nil
    case .noTemplate?: return ErrorSummary([FieldError("template", t("note.template-missing"))], t).html
    case .vitals(.invalid(let problems))?: return ErrorSummary(problems.map { FieldError($0.field, $0.fault.words(t)) }, t).html
    case .note(.invalid(let problems))?: return ErrorSummary(problems.map { FieldError($0.field, $0.fault.words(t)) }, t).html
    case .note(.held(let practitioner, let until))?:
        let who = practitioner.map { view.names.clinician($0, t) } ?? t("encounter.somebody")
        return ErrorSummary(
            title: t("encounter.held", ["who": who]), text: t("encounter.held-help", ["time": t.clock(Moment(until, in: view.now.zone))])
        ).html
    case .note(.changedMeanwhile)?: return ErrorSummary(title: t("encounter.changed-meanwhile"), text: t("encounter.changed-meanwhile-help")).html
    case .note(.signed)?: return ErrorSummary(title: t("encounter.is-signed"), text: t("encounter.is-signed-help")).html
    case .note(.notSigned)?, .note(.notFound)?, .vitals(.notFound)?:
        return ErrorSummary(title: t("entry.not-kept"), text: t("entry.not-kept-help")).html
    }
}

// MARK: The note

private func note(_ view: EncounterPageView, _ frame: Frame) -> HTML {
    if let draft = view.encounter.draft { return mayWrite(view) ? editor(draft, view, frame) : held(draft, view, frame.t) }
    guard let note = view.encounter.note else { return "<p class=\"plain\">\(frame.t("encounter.no-note"))</p>" }
    return signed(note, view, frame)
}

private func editor(_ draft: NoteDraft, _ view: EncounterPageView, _ frame: Frame) -> HTML {
    let t = frame.t
    let path = path(of: view)
    let saved = draft.saved.map { t("note.saved", ["time": t.clock(Moment($0, in: view.now.zone))]) } ?? t("note.not-saved")
    let errors: [FieldError] =
        switch view.refusal {
        case .note(.invalid(let problems))?: problems.map { FieldError($0.field, $0.fault.words(t)) }
        case .noTemplate?: [FieldError("template", t("note.template-missing"))]
        default: []
        }
    let fields: HTML = """
        \(each: (view.typed ?? draft.text).labelled(t), { part in
            let hint = part.name == "instructions" ? t("note.instructions-hint") : nil
            var field = Field(part.name, part.label, .lines, hint: hint, value: part.text, autocomplete: "off", maximumLength: 20_000)
            field.isFirst = (draft.saved == nil || view.asksWhose) && errors.isEmpty && part.name == "history"
            return field.marked(errors, t).html
        })
        """
    let label = view.asksWhose ? t("note.sign-for", ["name": name(view.encounter.patient)]) : t("note.sign")
    let sign: HTML = "<button class=\"btn\" formaction=\"\(path)/sign\">\(label)</button>"
    let form = Form(
        to: "\(path)/draft", formKey: frame.formKey, style: "card stack editor",
        """
        <h3>\(t("note.title"))</h3>\(fields)<input type="hidden" name="revision" value="\(draft.revision)">\
        <input type="hidden" name="opened" value="\(Int(view.now.instant.timeIntervalSince1970))">\
        \(templateChoice(view.templates, reason: view.encounter.reason, path: path, errors, t))\
        <ul hidden>\(each: view.phrases, { "<li data-phrase=\"\($0.name)\">\($0.text)</li>" })</ul>\
        <p class="plain" role="status" data-autosave-status>\(saved)</p>\
        <p class="cluster">\(when: view.maySign, sign)<button class="btn btn-plain">\(t("note.save"))</button></p>\
        <p class="plain">\(t("note.phrases-help")) <a class="target" href="/favourites">\(t("favourites.title"))</a></p>
        """)
    return form.autosaving("\(path)/draft", taken: t("encounter.changed-meanwhile"), failed: t("note.failed"))
}

private func held(_ draft: NoteDraft, _ view: EncounterPageView, _ t: Wording) -> HTML {
    let who = draft.heldBy.map { view.names.clinician($0, t) } ?? t("encounter.somebody")
    return """
        <section class="card stack" aria-labelledby="note">\(Note(.warn, announcement: .status, "<p>\(t("encounter.held", ["who": who]))</p>"))\
        <h3 id="note">\(t("note.title"))</h3>\
        \(each: draft.text.labelled(t).filter { !$0.text.isEmpty }, { "<h4>\($0.label)</h4><p class=\"kept\">\($0.text)</p>" })</section>
        """
}

private func signed(_ note: SignedNote, _ view: EncounterPageView, _ frame: Frame) -> HTML {
    let t = frame.t
    let path = path(of: view)
    let who = note.signedBy.map { view.names.clinician($0, t) } ?? t("encounter.somebody")
    let when = t.dateAndTime(Moment(note.signed, in: view.now.zone), .short)
    let errors: [FieldError] =
        if case .note(.invalid(let problems))? = view.refusal { problems.map { FieldError($0.field, $0.fault.words(t)) } } else { [] }
    let more = Field("text", t("note.addendum"), .lines, value: view.addendum, autocomplete: "off", maximumLength: 20_000)
    let instructions: HTML? = view.encounter.instructions.map {
        "<section class=\"card stack-s\"><h3>\(t("note.instructions"))</h3><p class=\"kept\">\($0)</p></section>"
    }
    return """
        <article class="card stack" aria-labelledby="note" data-fhir="DocumentReference/\(note.document)"><h3 id="note">\(t("note.title"))</h3>\
        \(each: note.parts, { part($0, view, t) })\
        <p class="plain">\(t("note.signed-by", ["who": who, "time": when]))\(when: note.amended, " \(Tag(.info, t("note.amended")))")</p>\
        <p class="tiny soft" translate="no">SHA-256 \(note.digest)</p></article>\(instructions)\
        \(when: view.maySign, Form(to: "\(path)/addendum", formKey: frame.formKey, style: "card stack", """
            <h3>\(t("note.add"))</h3>\(more.marked(errors, t))\
            \(Choice(.checkbox, name: "corrects", value: "yes", t("note.corrects"), isChecked: view.corrects))\
            <input type="hidden" name="version" value="\(note.version)">\
            <p><button class="btn btn-plain">\(t("note.add-button"))</button></p>
            """).html)
        """
}

private func part(_ part: NotePart, _ view: EncounterPageView, _ t: Wording) -> HTML {
    let heading: HTML =
        switch part.heading {
        case .history: t("note.history")
        case .findings: t("note.findings")
        case .assessment: t("note.assessment")
        case .plan: t("note.plan")
        case .addendum: t("note.addendum-heading")
        case .correction: t("note.correction-heading")
        }
    let who = part.by.map { view.names.clinician($0, t) } ?? t("encounter.somebody")
    let when = part.at.map { t.dateAndTime(Moment($0, in: view.now.zone), .short) }
    let added = when.map { "<p class=\"plain\">\(t("note.signed-by", ["who": who, "time": $0]))</p>" as HTML }
    return "<h4>\(heading)</h4><p class=\"kept\">\(part.text)</p>\(added)"
}

// MARK: What was measured, and what else was written

private func vitals(_ view: EncounterPageView, _ frame: Frame) -> HTML {
    let t = frame.t
    let encounter = view.encounter
    let errors: [FieldError] =
        if case .vitals(.invalid(let problems))? = view.refusal { problems.map { FieldError($0.field, $0.fault.words(t)) } } else { [] }
    func field(_ name: String, _ label: HTML) -> HTML {
        Field(name, label, value: view.readings[name] ?? "", autocomplete: "off", width: .short, maximumLength: 8).marked(errors, t).html
    }
    let fields: HTML = """
        \(each: VitalSign.allCases, { sign in
            sign == .bloodPressure
                ? "\(field(sign.rawValue, t("vital.upper")))\(field("bloodPressure.second", t("vital.lower")))" : field(sign.rawValue, sign.words(t))
        })
        """
    let list: HTML = """
        <ul class="rows">\(each: encounter.vitals, { line in
            """
            <li data-fhir="Observation/\(line.id)"><p class="cluster apart"><span>\(line.display)</span>\
            <strong>\(line.shownValue(t))</strong></p></li>
            """
        })</ul>
        """
    let path = "\(path(of: view))/vitals"
    return """
        <section class="panel stack-s" aria-labelledby="vitals"><header><h3 id="vitals">\(t("section.vitals"))</h3></header>\
        \(encounter.vitals.isEmpty ? "<p class=\"plain\">\(t("vital.none"))</p>" : list)\
        \(when: encounter.status == "in-progress", Form(to: path, formKey: frame.formKey, style: "stack-s", """
            \(fields)<p><button class="btn btn-plain">\(t("vital.save"))</button></p>
            """).html)</section>
        """
}

private func written(_ view: EncounterPageView, _ t: Wording) -> HTML {
    let (encounter, patient) = (view.encounter, view.encounter.patient.id)
    let adding: HTML = """
        <p class="cluster">\(each: [EntryKind.problem, .allergy, .medication, .immunization, .procedure], { kind in
            """
            <a class="target" href="/patients/\(patient)/entries/new?kind=\(kind.rawValue)&encounter=\(encounter.encounter)">\
            \(t("entry.add")): \(kind.title(t))</a>
            """
        })</p>
        """
    let lines: HTML = """
        <ul class="rows">\(each: encounter.entries, { line in
            """
            <li data-fhir="\(line.type)/\(line.id)"><a class="target" href="/patients/\(patient)/entries/\(line.id)">\(line.heading(t))</a></li>
            """
        })</ul>
        """
    let nothing: HTML = "<p class=\"plain\">\(t("encounter.nothing-written"))</p>"
    return """
        <section class="panel stack-s" aria-labelledby="written"><header><h3 id="written">\(t("encounter.written"))</h3></header>\
        \(encounter.entries.isEmpty ? nothing : lines)\(when: encounter.status == "in-progress", adding)</section>
        """
}

extension VitalSign {
    func words(_ t: Wording) -> HTML {
        switch self {
        case .bloodPressure: t("vital.blood-pressure")
        case .heartRate: t("vital.heart-rate")
        case .respiratoryRate: t("vital.respiratory-rate")
        case .temperature: t("vital.temperature")
        case .oxygenSaturation: t("vital.oxygen-saturation")
        case .weight: t("vital.weight")
        case .height: t("vital.height")
        case .pain: t("vital.pain")
        }
    }
}
