import Contracts
import Web

struct RecordView: Sendable {
    var chart: Chart
    /// False for whoever sees a part of it only.
    var seesAll = true
    var now: Moment
}

/// `GET /record`: conditions, allergies, medicines, immunizations, and the last visits.
func recordPage(_ view: RecordView, in frame: Frame) -> HTML {
    let t = frame.t
    let chart = view.chart
    return frame.page(title: t("record.title"), """
        <div class="stack-l"><div class="stack"><h1>\(t("record.title"))</h1><p class="lead">\(t("record.lead"))</p>\
        <nav class="cluster" aria-label="\(t("record.parts"))"><a class="target" href="#conditions">\(t("record.conditions"))</a>\
        <a class="target" href="#allergies">\(t("record.allergies"))</a><a class="target" href="#medicines">\(t("record.medicines"))</a>\
        <a class="target" href="#immunizations">\(t("record.immunizations"))</a>\
        <a class="target" href="#encounters">\(t("record.encounters"))</a></nav>\
        <p class="cluster"><a class="target" href="/medicines">\(t("medicines.title"))</a>\
        <a class="target" href="/record/all">\(t("timeline.title"))</a>\
        <a class="target" href="/documents">\(t("documents.title"))</a>\
        \(when: view.seesAll, "<a class=\"target\" href=\"/record/access\">\(t("access.title"))</a>")\
        <a class="target" href="/details">\(t("details.title"))</a>\
        \(when: view.seesAll, "<a class=\"target\" href=\"/preferences\">\(t("preferences.title"))</a>")\
        <a class="target" href="/record/amendments">\(t("amend.title"))</a>\
        \(when: view.seesAll, "<a class=\"target\" href=\"/record/download\">\(t("download.title"))</a>")</p></div>\
        \(section("conditions", t("record.conditions"), conditions(chart.conditions, t), chart.conditions.count, of: chart.conditions.count,
            empty: t("record.no-conditions"), t))\
        \(section("allergies", t("record.allergies"), allergies(chart.allergies, t), chart.allergies.count, of: chart.allergies.count,
            empty: t("record.no-allergies"), t))\
        \(section("medicines", t("record.medicines"), medicines(chart.medications, t), chart.medications.count, of: chart.medications.count,
            empty: t("record.no-medicines"), t))\
        \(section("immunizations", t("record.immunizations"), immunizations(chart.immunizations, t), chart.immunizations.count,
            of: chart.immunizations.count, empty: t("record.no-immunizations"), t))\
        \(section("encounters", t("record.encounters"), encounters(chart.encounters, t), chart.encounters.count, of: chart.encounterCount,
            empty: t("record.no-encounters"), t))\
        <p class="plain">\(t("record.wrong"))\(frame.site.phone.map { " \(t("record.call", ["phone": $0]))" as HTML })</p></div>
        """)
}

private func section(_ id: String, _ title: HTML, _ list: HTML, _ shown: Int, of total: Int, empty: HTML, _ t: Wording) -> HTML {
    total == 0
        ? "<section class=\"stack-s\" aria-labelledby=\"\(id)\"><h2 id=\"\(id)\">\(title)</h2><div class=\"empty\"><p>\(empty)</p></div></section>"
        : "<section class=\"card stack-s\" aria-labelledby=\"\(id)\"><h2 id=\"\(id)\">\(title) \(ShownOf(shown, of: total, t))</h2>\(list)</section>"
}

private func conditions(_ lines: [ConditionLine], _ t: Wording) -> HTML {
    """
    <ul class="rows">\(each: lines, { line in
        """
        <li><div class="cluster apart"><span class="strong">\(line.display)</span>\
        \(line.clinicalStatus.map { Tag($0 == "active" ? .info : .plain, t.clinicalStatus($0)) })</div>\
        \(since(line.onset, until: line.abatement, t))\
        \(EducationTopic(code: line.code).map { "<p>\($0.link(line.display, t))</p>" as HTML })</li>
        """
    })</ul>
    """
}

private func since(_ onset: String?, until end: String?, _ t: Wording) -> HTML? {
    let from = onset.flatMap { Day(dateTime: $0) }.map { t("record.since", ["date": t.date($0, .short)]) }
    let until = end.flatMap { Day(dateTime: $0) }.map { t("record.until", ["date": t.date($0, .short)]) }
    let both = [from, until].compactMap { $0 }
    return both.isEmpty ? nil : "<p class=\"plain\">\(both.dropFirst().reduce(both.first ?? "") { "\($0) \($1)" })</p>"
}

private func allergies(_ lines: [AllergyLine], _ t: Wording) -> HTML {
    """
    <ul class="rows">\(each: lines, { line in
        """
        <li><div class="cluster apart"><span class="strong">\(line.substance)</span>\
        \(line.noKnown ? nil : line.criticality.map { t.criticality($0) })</div>\
        \(when: !line.reactions.isEmpty, "<p class=\"plain\">\(line.reactions.joined(separator: ", "))</p>")</li>
        """
    })</ul>
    """
}

private func medicines(_ lines: [MedicationLine], _ t: Wording) -> HTML {
    CardTable(
        caption: t("record.medicines"), hidesCaption: true,
        columns: [.init(t("record.medicine")), .init(t("record.dose")), .init(t("record.state")), .init(t("record.written"))],
        rows: lines.map { line in
            [
                HTML(text: line.name), t.dosage(line.parts, line.dosage) ?? t("record.no-dose"),
                line.status.map { "\(Tag($0 == "active" ? .info : .plain, t.medicationStatus($0)))" } ?? t("record.not-said"),
                line.authoredOn.flatMap { Day(dateTime: $0) }.map { t.date($0, .short) } ?? t("record.not-said"),
            ]
        }
    ).html
}

private func immunizations(_ lines: [ImmunizationLine], _ t: Wording) -> HTML {
    CardTable(
        caption: t("record.immunizations"), hidesCaption: true, columns: [.init(t("record.vaccine")), .init(t("record.given-on"))],
        rows: lines.map { line in
            [HTML(text: line.vaccine), line.date.flatMap { Day(dateTime: $0) }.map { t.date($0, .short) } ?? t("record.not-said")]
        }
    ).html
}

private func encounters(_ lines: [EncounterLine], _ t: Wording) -> HTML {
    """
    <ol class="line">\(each: lines, { line in
        """
        <li>\(line.start.flatMap { Day(dateTime: $0) }.map { "<p class=\"when\">\(t.date($0, .full))</p>" as HTML })\
        <p><a class="target" href="/record/visits/\(line.id)">\(t.encounterKind(line.display))</a></p>\
        \(line.reason.map { "<p class=\"plain\">\($0)</p>" as HTML })\(line.practitioner.map { "<p class=\"plain\">\($0)</p>" as HTML })</li>
        """
    })</ol>
    """
}
