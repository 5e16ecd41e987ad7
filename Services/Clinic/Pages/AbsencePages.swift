import Contracts
import Foundation
import Web

/// What was typed for an absence.
struct AbsenceForm: Sendable {
    enum Kind: String, Sendable { case leave, holiday }

    var kind: Kind
    /// A clinician or a place, by id.
    var who = ""
    var from = ""
    /// The last day away; empty for one day.
    var until = ""
    var note = ""

    init(_ kind: Kind, today: Day) { (self.kind, from) = (kind, today.iso) }

    init(_ form: FormData) {
        kind = form["kind"] == Kind.holiday.rawValue ? .holiday : .leave
        (who, from, until, note) = (form.trimmed("who"), form.trimmed("from"), form.trimmed("until"), form.trimmed("note"))
    }

    /// Nil where a day or a name cannot be read: `problems` says which.
    func absence(zone: String) -> Absence? {
        guard problems.isEmpty, let first = Day(typed: from) else { return nil }
        let id = who.split(separator: "/").last.map(String.init) ?? ""
        switch kind {
        case .holiday: return ID<Location>(id).map { .holiday(location: $0, day: first.iso) }
        case .leave:
            guard let practitioner = ID<Practitioner>(id), let last = until.isEmpty ? first : Day(typed: until), let end = last.daysSince1970
            else { return nil }
            let back = Day(daysSince1970: end + 1).iso
            return .leave(practitioner: practitioner, from: "\(first.iso)T00:00", until: "\(back)T00:00", zone: zone)
        }
    }

    var problems: [EntryProblem] {
        var problems: [EntryProblem] = []
        if Day(typed: from) == nil { problems.append(EntryProblem("from", .notPossible)) }
        if kind == .leave, !until.isEmpty, Day(typed: until) == nil { problems.append(EntryProblem("until", .notPossible)) }
        return problems
    }
}

struct AbsencesView: Sendable {
    var found: Absences
    var names: ClinicNames
    var isEnded: Bool
}

/// `GET /absences`: who is away, which places are closed, and what that leaves undone.
func absencesPage(_ view: AbsencesView, in frame: Frame) -> HTML {
    let t = frame.t
    let lines: HTML = """
        <ul class="rows panel">\(each: view.found.absences, { line in
            """
            <li><div class="cluster apart">\
            <a class="target strong" href="/absences/\(line.id.text)" translate="no">\(who(line.what, view.names, t))</a>\
            \(state(line.affected, t))</div><p class="plain">\(when(line.what, t)) <span translate="no">\(line.note)</span></p></li>
            """ as HTML
        })</ul>
        """
    return frame.page(
        title: t("absence.title"),
        """
        <div class="stack"><p><a class="crumb" href="/board">\(t("board.title"))</a></p>\
        <h1>\(t("absence.title")) \(ShownOf(view.found.absences.count, of: view.found.total, t))</h1>\
        \(when: view.isEnded, Note(.ok, announcement: .status, "<p>\(t("absence.ended"))</p>").html)\
        <p class="cluster">\(Action(t("absence.leave"), to: "/absences/new?kind=leave"))\
        \(Action(t("absence.holiday"), to: "/absences/new?kind=holiday", .plain))</p>\
        \(view.found.absences.isEmpty ? Empty(t("absence.none"), t("absence.none-help")).html : lines)</div>
        """)
}

struct NewAbsenceView: Sendable {
    var form: AbsenceForm
    var directory: Directory
    var problems: [EntryProblem] = []
    /// The place is closed that day already.
    var isKnown = false
}

/// `GET /absences/new?kind=leave`, `GET /absences/new?kind=holiday`.
func newAbsencePage(_ view: NewAbsenceView, in frame: Frame) -> HTML {
    let t = frame.t
    let (form, isLeave) = (view.form, view.form.kind == .leave)
    let errors = view.problems.map { problem in
        FieldError(problem.field == "day" ? "from" : problem.field, problem.field == "note" ? problem.fault.words(t) : t("absence.day-wrong"))
    }
    let summary: HTML? =
        view.isKnown
        ? ErrorSummary(title: t("absence.known"), text: t("absence.known-help")).html : errors.isEmpty ? nil : ErrorSummary(errors, t).html
    let choices: [(value: String, label: HTML)] =
        isLeave
        ? view.directory.practitioners.map { (value: "Practitioner/\($0.id)", label: HTML(text: $0.name)) }
        : view.directory.locations.map { (value: "Location/\($0.id)", label: HTML(text: $0.name)) }
    func field(_ name: String, _ label: HTML, _ value: String, hint: HTML? = nil, _ width: Field.Width = .short, atMost: Int = 10) -> HTML {
        Field(name, label, hint: hint, value: value, autocomplete: "off", width: width, maximumLength: atMost).marked(errors, t).html
    }
    let title: HTML = isLeave ? t("absence.leave") : t("absence.holiday")
    let until: HTML? = isLeave ? field("until", t("absence.until"), form.until, hint: t("absence.until-hint")) : nil
    return frame.page(
        title: title, hasErrors: summary != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/absences">\(t("absence.title"))</a></p><h1>\(title)</h1>\(summary)\
        \(Form(to: "/absences", formKey: frame.formKey, style: "card stack", """
            <input type="hidden" name="kind" value="\(form.kind.rawValue)">\
            \(Select("who", isLeave ? t("hours.clinician") : t("hours.place"), choices, chosen: form.who))\
            \(field("from", isLeave ? t("absence.from") : t("absence.day"), form.from))\(until)\
            \(field("note", isLeave ? t("absence.note") : t("absence.name"), form.note, .middle, atMost: 100))\
            <p class="plain">\(t("absence.keep-help"))</p><p><button class="btn">\(t("absence.save"))</button></p>
            """))</div>
        """)
}

struct AffectedView: Sendable {
    var found: AffectedVisits
    var patients: [ID<Patient>: PatientSummary]
    var names: ClinicNames
    var isNew: Bool
    /// Other times are looked for from now on.
    var isSought = false
    var now: Moment
}

/// `GET /absences/{absence}`: whose visits cannot be as they are. It is in order when nobody is left.
func affectedPage(_ view: AffectedView, in frame: Frame) -> HTML {
    let t = frame.t
    let absence = view.found.absence
    let offers = Dictionary((view.found.offers ?? []).map { ($0.visit, $0) }, uniquingKeysWith: { $1 })
    let isLeft = view.found.appointments.contains { offers[$0.appointment] == nil }
    let lines: HTML = """
        <ul class="rows panel">\(each: view.found.appointments, { visit in
            let who: HTML = view.patients[visit.patient].map { "<span translate=\"no\">\($0.family), \($0.given)</span>" } ?? t("day.patient-missing")
            let time = Moment(visit.start).map { t.dateAndTime($0) } ?? HTML(text: visit.start.local)
            return """
                <li><div class="cluster apart"><a class="target strong" href="/patients/\(visit.patient)/visits/\(visit.appointment)">\(who)</a>\
                <span>\(time)</span></div><p class="plain"><span translate="no">\(view.names.service(visit.service, t))</span></p>\
                \(offers[visit.appointment].map { otherTime($0, view, t) })</li>
                """
        })</ul>
        """
    let note =
        absence.affected == 0
        ? Note(.ok, announcement: view.isNew ? .status : .none, "<p class=\"strong\">\(t("absence.all-done"))</p>")
        : Note(
            .warn, announcement: view.isNew ? .status : .none,
            "<p class=\"strong\">\(t("absence.left", count: absence.affected))</p><p>\(t("absence.left-help"))</p>")
    return frame.page(
        title: t("absence.one"),
        """
        <div class="stack"><p><a class="crumb" href="/absences">\(t("absence.title"))</a></p><h1>\(t("absence.one"))</h1>\
        <p class="lead"><span translate="no">\(who(absence.what, view.names, t))</span>, \(when(absence.what, t))</p>\
        \(when: !absence.note.isEmpty, "<p translate=\"no\">\(absence.note)</p>")\(note)\
        \(when: view.isSought, Note(.ok, announcement: .status, "<p>\(t("absence.sought"))</p>").html)\
        \(when: absence.affected > 0 && isLeft, Form(to: "/absences/\(absence.id.text)/offer", formKey: frame.formKey, style: "stack-s", """
            <p class="plain">\(t("absence.offer-help"))</p><p><button class="btn">\(t("absence.offer"))</button></p>
            """).html)\
        \(when: absence.affected > 0, "\(ShownOf(view.found.appointments.count, of: absence.affected, t))\(lines)")\
        \(Form(to: "/absences/\(absence.id.text)/end", formKey: frame.formKey, style: "stack-s", """
            <p class="plain">\(t("absence.end-help"))</p><p><button class="btn btn-plain">\(t("absence.end"))</button></p>
            """))</div>
        """)
}

/// How it stands with the time that is offered in place of a visit.
private func otherTime(_ other: OtherTime, _ view: AffectedView, _ t: Wording) -> HTML {
    if let start = other.start.flatMap({ Moment($0) }), let until = other.until {
        let last = t.dateAndTime(Moment(until, in: view.now.zone))
        return "<p>\(Tag(.info, t("absence.offered", ["time": t.dateAndTime(start), "until": last])))</p>"
    }
    let state: HTML = other.isOpen ? t("absence.seeking") : t("absence.call-them")
    return "<p>\(Tag(other.isOpen ? .info : .warn, state))\(when: other.declined > 0, " \(t("absence.declined", count: other.declined))")</p>"
}

private func state(_ count: Int, _ t: Wording) -> Tag {
    count == 0 ? Tag(.ok, t("absence.in-order")) : Tag(.warn, t("absence.left", count: count))
}

private func who(_ what: Absence, _ names: ClinicNames, _ t: Wording) -> HTML {
    switch what {
    case .leave(let practitioner, _, _, _): names.clinician(practitioner, t)
    case .holiday(let location, _): names.place(location, t)
    }
}

/// "1 Dec 2026 to 4 Dec 2026": the days themselves, the last one with them.
private func when(_ what: Absence, _ t: Wording) -> HTML {
    func day(_ text: String) -> HTML { Day(text).map { t.date($0, .short) } ?? HTML(text: text) }
    switch what {
    case .holiday(_, let closed): return day(closed)
    case .leave(_, let from, let until, _):
        let back = Day(String(until.prefix(10)))
        let last = until.hasSuffix("T00:00") ? back?.daysSince1970.map { Day(daysSince1970: $0 - 1).iso } : back?.iso
        return t("absence.days", ["from": day(String(from.prefix(10))), "until": day(last ?? until)])
    }
}
