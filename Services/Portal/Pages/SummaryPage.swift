import Contracts
import Web

struct SummaryView: Sendable {
    var encounter: EncounterView
    var coming: Available<Appointments>
    var offersPDF: Bool
    var names: ClinicNames
    var now: Moment
}

/// `GET /record/visits/{id}`: what was found and said at a visit, what to do now, and what comes next. Made to be printed.
func summaryPage(_ view: SummaryView, in frame: Frame) -> HTML {
    let t = frame.t
    let encounter = view.encounter
    let title = encounter.start.map { t("summary.title", ["date": t.date(Moment($0, in: view.now.zone).day, .full)]) } ?? t("summary.title-undated")
    let facts: [(name: HTML, value: HTML)] = [
        (t("summary.reason"), encounter.reason.map { HTML(text: $0) } ?? t("record.not-said")),
        (t("summary.with"), encounter.practitioner.map { view.names.clinician($0, t) } ?? t("record.not-said")),
    ]
    return frame.page(title: title, """
        <div class="stack-l"><div class="stack"><p><a class="crumb no-print" href="/record#encounters">\(t("summary.back"))</a></p><h1>\(title)</h1>\
        <section class="card" aria-label="\(t("summary.visit"))" data-fhir="Encounter/\(encounter.encounter)">\(Facts(facts))</section></div>\
        \(instructions(encounter, t))\(written(encounter, t))\(vitals(encounter, t))\(note(view, t))\(next(view, t))\
        \(PDFLink("/record/visits/\(encounter.encounter)/pdf", isThere: view.offersPDF, t))\
        <p class="no-print plain">\(t("summary.print"))</p>\
        <div class="no-print">\(amendLink(encounter.encounter, encounter.reason ?? "", t))</div></div>
        """)
}

extension RecordLine {
    /// Results and visits have a page of their own, with the way to say that something is wrong; of the others that way is all there is.
    var page: String? {
        isOwnWish ? nil : "\(["Observation": "/results", "Encounter": "/record/visits"][type] ?? "/record/amendments")/\(id)"
    }

    /// What the patient wrote or is: changed elsewhere.
    fileprivate var isOwnWish: Bool { type == "Task" || type == "Consent" || type == "Patient" }
}

private func section(_ id: String, _ title: HTML, _ body: HTML) -> HTML {
    "<section class=\"card stack-s\" aria-labelledby=\"\(id)\"><h2 id=\"\(id)\">\(title)</h2>\(body)</section>"
}

private func instructions(_ encounter: EncounterView, _ t: Wording) -> HTML {
    guard encounter.status != "in-progress" else { return section("instructions", t("summary.instructions"), "<p>\(t("summary.not-signed"))</p>") }
    let text = encounter.instructions.map { "<p class=\"kept\">\($0)</p>" as HTML }
    return section("instructions", t("summary.instructions"), text ?? "<p>\(t("summary.no-instructions"))</p>")
}

/// Problems, medicines, vaccines, orders: what changed in the record at this visit.
private func written(_ encounter: EncounterView, _ t: Wording) -> HTML? {
    guard !encounter.entries.isEmpty else { return nil }
    return section("written", t("summary.written"), RecordLines(encounter.entries, path: { _ in nil }, t).html)
}

private func vitals(_ encounter: EncounterView, _ t: Wording) -> HTML? {
    guard !encounter.vitals.isEmpty else { return nil }
    let list: HTML = """
        <ul class="rows">\(each: encounter.vitals, { line in
            """
            <li data-fhir="Observation/\(line.id)"><p class="cluster apart"><a class="target" href="/results/\(line.id)">\(line.display)</a>\
            <strong>\(line.shownValue(t))</strong></p></li>
            """
        })</ul>
        """
    return section("measured", t("summary.measured"), list)
}

private func note(_ view: SummaryView, _ t: Wording) -> HTML? {
    guard let note = view.encounter.note else { return nil }
    func heading(_ part: NotePart) -> HTML {
        switch part.heading {
        case .history: t("summary.history")
        case .findings: t("summary.findings")
        case .assessment: t("summary.assessment")
        case .plan: t("summary.plan")
        case .addendum: t("summary.addendum")
        case .correction: t("summary.correction")
        }
    }
    let who = note.signedBy.map { view.names.clinician($0, t) } ?? t("record.not-said")
    return section("note", t("summary.note"), """
        <div class="stack" data-fhir="DocumentReference/\(note.document)">\
        \(each: note.parts, { "<div><h3>\(heading($0))</h3><p class=\"kept\">\($0.text)</p></div>" })\
        <p class="plain">\(t("summary.signed", ["who": who, "time": t.dateAndTime(Moment(note.signed, in: view.now.zone), .full)]))</p></div>
        """)
}

private func next(_ view: SummaryView, _ t: Wording) -> HTML {
    let list = view.coming.html(missing: t("visits.missing")) { visits in
        guard !visits.coming.isEmpty else { return "<p>\(t("summary.no-visits"))</p>" }
        return """
            <ul class="rows">\(each: visits.coming, { visit in
                let when = Moment(visit.start).map { t.dateAndTime($0, .full) } ?? "\(visit.start.local) \(visit.start.zone)"
                return "<li><a class=\"target\" href=\"/visits/\(visit.appointment)\">\(when)</a></li>"
            })</ul>
            """
    }
    return section("next", t("summary.next"), list)
}

struct WholeRecordView: Sendable {
    var timeline: Timeline
    var section: RecordSection?
    /// Not the first page: it has no counts.
    var continues: Bool
}

/// `GET /record/all`: everything in the record, newest first, or one part of it.
func wholeRecordPage(_ view: WholeRecordView, in frame: Frame) -> HTML {
    let t = frame.t
    let timeline = view.timeline
    let title = view.section?.words(t) ?? t("timeline.title")
    let more: HTML? = timeline.next.map { next in
        let section = view.section.map { "&section=\($0.rawValue)" } ?? ""
        return "<p>\(Action(t("timeline.more"), to: "/record/all?after=\(next)\(section)", .plain))</p>"
    }
    let lines = RecordLines(timeline.lines, path: { $0.page }, t)
    let list: HTML = timeline.lines.isEmpty ? "<div class=\"empty\"><p>\(t("timeline.nothing"))</p></div>" : "<div class=\"card\">\(lines)</div>"
    return frame.page(title: title, """
        <div class="stack"><p><a class="crumb" href="/record">\(t("summary.back"))</a></p><h1>\(title)</h1>\
        \(when: !view.continues, RecordParts(timeline.counts, at: view.section, path: "/record/all", t).html)\
        \(list)\(more)</div>
        """)
}
