import Contracts
import Web

struct ChartView: Sendable {
    var chart: Chart
    var visits: Available<Appointments>
    var names: ClinicNames
    /// Series worth a graph on the first page, blood pressure for instance.
    var trends: [ResultSeries] = []
    var mayInvite: Bool
    var mayPrescribe = false
    var orders: Available<Orders>
    var now: Moment
}

/// `GET /patients/{id}`: the chart, read-only.
func chartPage(_ view: ChartView, in frame: Frame) -> HTML {
    let t = frame.t
    let chart = view.chart
    return frame.with(banner: patientStrip(chart, view.now, t)).page(
        title: "\(chart.patient.family), \(chart.patient.given)",
        """
        <div class="chart-cols"><div>\(problems(chart, t))\(allergies(chart, t))\(immunizations(chart, t))\(history(chart, t))</div>\
        <div>\(medicines(chart, view.mayPrescribe, t))\(each: view.trends, { trend($0, view, t) })\(results(chart, view.now.zone, t))</div>\
        <div>\(visits(view, t))\(orders(view, t))\(encounters(chart, t))\
        <p class="cluster"><a class="target" href="/patients/\(chart.patient.id)/record">\(t("chart.whole-record"))</a>\
        <a class="target" href="/patients/\(chart.patient.id)/documents">\(t("section.documents"))</a>\
        <a class="target" href="/patients/\(chart.patient.id)/among-staff">\(t("among.title"))</a></p>\
        \(when: view.mayInvite, portalPanel(chart.patient.id, t))</div></div>
        """)
}

/// Who it is and what is dangerous, on every page of a chart.
func patientStrip(_ chart: Chart, _ now: Moment, _ t: Wording) -> PatientStrip {
    let dangers = chart.allergies.filter { !$0.noKnown && $0.clinicalStatus != "inactive" && $0.clinicalStatus != "resolved" }
    var warnings = dangers.prefix(4).map { Tag(.bad, t("chart.allergy-tag", ["substance": $0.substance])) }
    if dangers.count > 4 { warnings.append(Tag(.bad, t("chart.more-allergies", count: dangers.count - 4))) }
    if chart.withheld == true { warnings.append(Tag(.warn, t("chart.withheld"))) }
    if let until = chart.glassBrokenUntil {
        warnings.insert(Tag(.bad, t("chart.glass-broken", ["time": t.clock(Moment(until, in: now.zone))])), at: 0)
    }
    return patientStrip(chart.patient, warnings, asOf: Moment(chart.asOf, in: now.zone), now, t)
}

/// Who it is, on pages that show nothing of the record.
func patientStrip(_ patient: PatientSummary, _ warnings: [Tag] = [], asOf: Moment, _ now: Moment, _ t: Wording) -> PatientStrip {
    let facts: [(name: HTML, value: HTML)] = [
        (t("patient.born"), born(patient, now.day, t)), (t("patient.record-number"), patient.mrn.map { HTML(text: $0) } ?? t("patient.not-known")),
        (t("patient.sex"), patient.gender.map { t.gender($0) } ?? t("patient.not-known")),
        (t("patient.language"), spoken(patient, t)),
    ]
    var all = patient.deceased ? [Tag(.bad, t("patient.deceased"))] + warnings : warnings
    if patient.practice == true { all.insert(Tag(.warn, t("who.practice")), at: 0) }
    var strip = PatientStrip(name: "\(patient.family), \(patient.given)", facts: facts, warnings: all, asOf: asOf, t)
    strip.photo = patient.photoAddress
    return strip
}

extension PatientSummary {
    /// Where their photo is; nil where there is none.
    var photoAddress: String? { photo == true ? "/patients/\(id)/photo" : nil }
}

private func spoken(_ patient: PatientSummary, _ t: Wording) -> HTML {
    patient.language.map { t.languages($0, patient.alsoSpeaks, interpreter: patient.interpreter) } ?? t("patient.not-known")
}

private func panel(_ id: String, _ title: HTML, _ count: ShownOf?, _ body: HTML, adding: HTML? = nil) -> HTML {
    "<section class=\"panel\" aria-labelledby=\"\(id)\"><header><h2 id=\"\(id)\">\(title)</h2>\(count)\(adding)</header>\(body)</section>"
}

/// - Parameter resource: `Condition/…` of a line that is one.
private func rows<Line>(_ lines: [Line], empty: HTML, resource: (Line) -> String? = { _ in nil }, _ row: (Line) -> HTML) -> HTML {
    guard !lines.isEmpty else { return "<p class=\"plain\">\(empty)</p>" }
    return """
        <ul class="rows">\(each: lines, { line in
            "<li\(resource(line).map { " data-fhir=\"\($0)\"" as HTML })>\(row(line))</li>"
        })</ul>
        """
}

/// The way to a new entry. What it adds is in the name of the link, too.
private func add(_ kind: EntryKind, _ patient: ID<Patient>, _ t: Wording) -> HTML {
    """
    <a class="target" href="/patients/\(patient)/entries/new?kind=\(kind.rawValue)">\(t("entry.add"))\
    <span class="hide">: \(kind.title(t))</span></a>
    """
}

private func entryLink(_ id: ID<Resource>, _ patient: ID<Patient>, _ name: String) -> HTML {
    "<a class=\"target\" href=\"/patients/\(patient)/entries/\(id)\">\(name)</a>"
}

private func row(_ title: HTML, _ tag: Tag?, _ plain: HTML?) -> HTML {
    "<div class=\"cluster apart\"><span class=\"strong\">\(title)</span>\(tag)</div>\(plain.map { "<p class=\"plain\">\($0)</p>" as HTML })"
}

/// Lines of a list the first page shows; all of them are one link away.
private let linesShown = 30

private func all(_ section: RecordSection, _ shown: Int, of total: Int, _ patient: ID<Patient>, _ t: Wording) -> HTML? {
    shown == total ? nil : "<p><a class=\"target\" href=\"/patients/\(patient)/record?section=\(section.rawValue)\">\(t("chart.all"))</a></p>"
}

private func problems(_ chart: Chart, _ t: Wording) -> HTML {
    let lines = Array(chart.conditions.prefix(linesShown))
    let list = rows(lines, empty: t("chart.no-problems"), resource: { "Condition/\($0.id)" }) { line in
        let isActive = ["active", "recurrence", "relapse"].contains(line.clinicalStatus)
        let onset = line.onset.flatMap { Day(dateTime: $0) }.map { t("chart.since", ["date": t.date($0, .short)]) }
        let plain = [onset, line.code.map { HTML(text: $0) }].compactMap { $0 }
        return row(
            entryLink(line.id, chart.patient.id, line.display), line.clinicalStatus.map { Tag(isActive ? .info : .plain, t.clinicalStatus($0)) },
            plain.isEmpty ? nil : plain.dropFirst().reduce(plain.first ?? "") { "\($0) \($1)" })
    }
    return panel(
        "problems", t("chart.problems"), ShownOf(lines.count, of: chart.conditions.count, t),
        "\(list)\(all(.problems, lines.count, of: chart.conditions.count, chart.patient.id, t))", adding: add(.problem, chart.patient.id, t))
}

private func allergies(_ chart: Chart, _ t: Wording) -> HTML {
    let lines = chart.allergies
    // An empty list and "no known allergy" are different statements; only the second was asked.
    let list = rows(lines, empty: t("chart.no-allergies"), resource: { "AllergyIntolerance/\($0.id)" }) { line in
        row(
            entryLink(line.id, chart.patient.id, line.substance),
            line.noKnown ? Tag(.ok, t("chart.no-known-allergy")) : line.criticality.map { t.criticality($0) },
            line.reactions.isEmpty ? nil : HTML(text: line.reactions.joined(separator: ", ")))
    }
    let patient = chart.patient.id
    let none: HTML? =
        lines.isEmpty
        ? "<p><a class=\"target\" href=\"/patients/\(patient)/entries/new?kind=no-known-allergies\">\(t("entry.say-none"))</a></p>" : nil
    return panel(
        "allergies", t("chart.allergies"), ShownOf(lines.count, of: lines.count, t), "\(list)\(none)", adding: add(.allergy, patient, t))
}

/// Family and social history, and what was done.
private func history(_ chart: Chart, _ t: Wording) -> HTML {
    let (lines, patient) = (chart.history ?? [], chart.patient.id)
    let list = rows(lines, empty: t("chart.no-history"), resource: { "\($0.type)/\($0.id)" }) { line in
        let date = line.date.flatMap { Day(dateTime: $0) }.map { t.date($0, .short) }
        let details = line.details.isEmpty ? nil : HTML(text: line.details.joined(separator: " · "))
        let plain = [date, details].compactMap { $0 }
        return row(
            "<a class=\"target\" href=\"/patients/\(patient)/entries/\(line.id)\">\(line.heading(t))</a>", nil,
            plain.isEmpty ? nil : plain.dropFirst().reduce(plain.first ?? "") { "\($0) · \($1)" })
    }
    let adding: HTML = """
        <p class="cluster">\(each: [EntryKind.familyHistory, .socialHistory, .procedure], { kind in
            "<a class=\"target\" href=\"/patients/\(patient)/entries/new?kind=\(kind.rawValue)\">\(t("entry.add")): \(kind.title(t))</a>"
        })</p>
        """
    return panel("history", t("chart.history"), ShownOf(lines.count, of: lines.count, t), "\(list)\(adding)")
}

private func immunizations(_ chart: Chart, _ t: Wording) -> HTML {
    let lines = Array(chart.immunizations.prefix(linesShown))
    let list = rows(lines, empty: t("chart.no-immunizations"), resource: { "Immunization/\($0.id)" }) { line in
        row(
            entryLink(line.id, chart.patient.id, line.vaccine), line.status == "not-done" ? Tag(.warn, t("entry.not-given")) : nil,
            line.date.flatMap { Day(dateTime: $0) }.map { t.date($0, .short) })
    }
    return panel(
        "immunizations", t("chart.immunizations"), ShownOf(lines.count, of: chart.immunizations.count, t),
        "\(list)\(all(.immunizations, lines.count, of: chart.immunizations.count, chart.patient.id, t))",
        adding: add(.immunization, chart.patient.id, t))
}

private func medicines(_ chart: Chart, _ mayPrescribe: Bool, _ t: Wording) -> HTML {
    let prescribe: HTML? =
        mayPrescribe ? "<a class=\"target\" href=\"/patients/\(chart.patient.id)/prescriptions/new\">\(t("rx.prescribe"))</a>" : nil
    let lines = Array(chart.medications.prefix(linesShown))
    let table = CardTable(
        caption: t("chart.medicines"), hidesCaption: true,
        columns: [.init(t("chart.medicine")), .init(t("chart.dose")), .init(t("chart.state")), .init(t("chart.written"))],
        rows: lines.map { line in
            [
                medicineLink(line, chart.patient.id),
                t.dosage(line.parts, line.dosage) ?? t("chart.not-written"),
                line.status.map { "\(Tag($0 == "active" ? .info : .plain, t.medicationStatus($0)))" } ?? t("chart.not-written"),
                line.authoredOn.flatMap { Day(dateTime: $0) }.map { t.date($0, .short) } ?? t("chart.not-written"),
            ]
        })
    return panel(
        "medicines", t("chart.medicines"), ShownOf(lines.count, of: chart.medications.count, t),
        """
        <div class="check check-not">\(Icon.notDone)<div><h3>\(t("chart.interactions-not-checked"))</h3>\
        <p>\(t("chart.interactions-help"))</p></div></div>\
        \(lines.isEmpty ? "<p class=\"plain\">\(t("chart.no-medicines"))</p>" : table.html)\
        \(all(.medications, lines.count, of: chart.medications.count, chart.patient.id, t))
        """, adding: "\(prescribe)\(add(.medication, chart.patient.id, t))")
}

/// What was prescribed has a page of its own; what is taken besides is an entry.
private func medicineLink(_ line: MedicationLine, _ patient: ID<Patient>) -> HTML {
    let path = line.type == nil ? "/patients/\(patient)/prescriptions/\(line.id)" : "/patients/\(patient)/entries/\(line.id)"
    return "<a class=\"target\" href=\"\(path)\" data-fhir=\"\(line.type ?? "MedicationRequest")/\(line.id)\">\(line.name)</a>"
}

private func trend(_ series: ResultSeries, _ view: ChartView, _ t: Wording) -> HTML {
    let id = series.points.last.map { "\($0.id)" } ?? "none"
    let graphs = series.graphs(id: "trend-\(id)", in: view.now.zone, home: t("chart.from-patient"), t)
    return "\(each: graphs, { panel("trend-title-\(series.code)", HTML(text: series.display), nil, "\($0)") })"
}

/// Results the chart's first page shows; all are one link away.
private let resultsShown = 25

private func results(_ chart: Chart, _ zone: Zone, _ t: Wording) -> HTML {
    let shown = Array(chart.results.prefix(resultsShown))
    let link: HTML = "<p><a class=\"target\" href=\"/patients/\(chart.patient.id)/results\">\(t("chart.all-results"))</a></p>"
    let all = chart.results.count > shown.count ? link : ""
    let enter: HTML = "<a class=\"target\" href=\"/patients/\(chart.patient.id)/results/new\">\(t("result.enter"))</a>"
    return panel(
        "results", t("chart.results"), ShownOf(shown.count, of: chart.results.count, t),
        shown.isEmpty
            ? "<p class=\"plain\">\(t("chart.no-results"))</p>" : "\(resultTable(shown, of: chart.patient.id, zone, t))\(all)",
        adding: enter)
}

private func visits(_ view: ChartView, _ t: Wording) -> HTML {
    visitsPanel(view.visits, of: view.chart.patient.id, view.names, mayBook: true, showsMessages: false, view.now, t)
}

/// The visits to come, in the chart and at the desk.
/// - Parameter showsMessages: leads to what was written about each.
func visitsPanel(
    _ visits: Available<Appointments>, of patient: ID<Patient>, _ names: ClinicNames, mayBook: Bool, showsMessages: Bool, _ now: Moment,
    _ t: Wording
) -> HTML {
    visits.html(missing: t("chart.visits-missing")) { visits in
        let list = rows(visits.coming, empty: t("chart.no-visits")) { visit in
            let when = Moment(visit.start).map { t.nearDateAndTime($0, from: now).capitalized } ?? "\(visit.start.local) \(visit.start.zone)"
            return row(
                "<a class=\"target\" href=\"/patients/\(patient)/visits/\(visit.appointment)\">\(when)</a>", t.visitStatus(visit.status),
                visitWords(visit, names, showsMessages: showsMessages, t))
        }
        let new: HTML = """
            <a class="target" href="/patients/\(patient)/phone" accesskey="p">\(t("phone.title"))</a>\
            <a class="target" href="/patients/\(patient)/visits/new" accesskey="v">\(t("visits.book"))</a>
            """
        return panel(
            "visits", t("chart.visits"), ShownOf(visits.coming.count, of: visits.coming.count, t), list, adding: mayBook ? new : nil)
    }
}

private func visitWords(_ visit: AppointmentLine, _ names: ClinicNames, showsMessages: Bool, _ t: Wording) -> HTML {
    let words = t("chart.visit", ["service": names.service(visit.service, t), "clinician": names.clinician(visit.practitioner, t)])
    guard showsMessages else { return words }
    let path = "/patients/\(visit.patient)/visits/\(visit.appointment)/messages"
    return "\(words)<br><a class=\"target\" href=\"\(path)\">\(t("notices.title"))</a>"
}

/// What waits for a result; the others are one link away.
private func orders(_ view: ChartView, _ t: Wording) -> HTML {
    let patient = view.chart.patient.id
    return view.orders.html(missing: t("order.missing")) { orders in
        let open = orders.orders.filter { ["draft", "active", "on-hold"].contains($0.status) }
        let lines = Array(open.prefix(10))
        let all: HTML = "<p><a class=\"target\" href=\"/patients/\(patient)/orders\">\(t("order.all"))</a></p>"
        let new: HTML = "<a class=\"target\" href=\"/patients/\(patient)/orders/new\">\(t("order.new"))</a>"
        return panel(
            "orders", t("order.open"), ShownOf(lines.count, of: open.count, t), "\(orderRows(lines, of: patient, t))\(all)",
            adding: view.mayPrescribe ? new : nil)
    }
}

private func encounters(_ chart: Chart, _ t: Wording) -> HTML {
    let (lines, patient) = (chart.encounters, chart.patient.id)
    func item(_ line: EncounterLine) -> HTML {
        let when = line.start.flatMap { Day(dateTime: $0) }.map { "<p class=\"when\">\(t.date($0, .short))</p>" as HTML }
        let reason = line.reason.map { "<p class=\"plain\">\($0)</p>" as HTML }
        return """
            <li data-fhir="Encounter/\(line.id)">\(when)\
            <p><a class="target" href="/patients/\(patient)/encounters/\(line.id)">\(t.encounterKind(line.display))</a></p>\
            \(reason)</li>
            """
    }
    let list: HTML = lines.isEmpty ? "<p class=\"plain\">\(t("chart.no-encounters"))</p>" : "<ol class=\"line\">\(each: lines, item)</ol>"
    let new: HTML = "<a class=\"target\" href=\"/patients/\(patient)/encounters/new\" accesskey=\"n\">\(t("encounter.start"))</a>"
    return panel("encounters", t("chart.encounters"), ShownOf(lines.count, of: chart.encounterCount, t), list, adding: new)
}

/// The way to an account in the portal.
func portalPanel(_ patient: ID<Patient>, _ t: Wording) -> HTML {
    panel(
        "portal", t("chart.portal"), nil,
        """
        <p class="plain">\(t("chart.portal-help"))</p><p>\(Action(t("invite.title"), to: "/patients/\(patient)/invite", .plain))</p>\
        <p>\(Action(t("proxies.title"), to: "/patients/\(patient)/proxies", .plain))</p>\
        <p>\(Action(t("preferences.title"), to: "/patients/\(patient)/preferences", .plain))</p>\
        <p>\(Action(t("photo.title"), to: "/patients/\(patient)/photo/change", .plain))</p>
        """)
}
