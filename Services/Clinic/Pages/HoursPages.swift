import Contracts
import Web

struct HoursListView: Sendable {
    var found: HoursOfAll
    var directory: Directory
    var wasKept: Bool
    var now: Moment
}

/// `GET /settings/hours`: who sees patients where, in which zone and until when.
func hoursListPage(_ view: HoursListView, in frame: Frame) -> HTML {
    let t = frame.t
    let names = ClinicNames(view.directory)
    let rows: [[HTML]] = view.found.hours.map { line in
        let until = Day(line.hours.until).map { t.date($0, .short) } ?? HTML(text: line.hours.until)
        let path = "/settings/hours/\(line.practitioner)/\(line.location)"
        return [
            "<a class=\"target\" href=\"\(path)\" translate=\"no\">\(names.clinician(line.practitioner, t))</a>",
            "<span translate=\"no\">\(names.place(line.location, t))</span>", "<span translate=\"no\">\(line.hours.zone)</span>", until,
        ]
    }
    let table = CardTable(
        caption: t("hours.title"), hidesCaption: true,
        columns: [.init(t("hours.clinician")), .init(t("hours.place")), .init(t("hours.zone")), .init(t("hours.last-day"))], rows: rows)
    let known = Set(view.found.hours.map { "\($0.practitioner)/\($0.location)" })
    let others = view.directory.practitioners.flatMap { person in
        view.directory.locations.filter { !known.contains("\(person.id)/\($0.id)") }.map { (person, $0) }
    }.prefix(200)
    let without: HTML = """
        <section class="stack-s" aria-labelledby="without"><h2 id="without">\(t("hours.without"))</h2>\
        <ul class="rows panel">\(each: others, { person, place in
            """
            <li><a class="target" href="/settings/hours/\(person.id)/\(place.id)" translate="no">\(person.name), \(place.name)</a></li>
            """
        })</ul></section>
        """
    return frame.page(
        title: t("hours.title"),
        """
        <div class="stack-l"><div class="stack"><p><a class="crumb" href="/settings">\(t("settings.title"))</a></p>\
        <h1>\(t("hours.title")) \(ShownOf(rows.count, of: rows.count, t))</h1>\
        \(when: view.wasKept, Note(.ok, announcement: .status, "<p>\(t("hours.kept"))</p>").html)\
        \(rows.isEmpty ? Empty(t("hours.none"), t("hours.none-help")).html : table.html)</div>\(when: !others.isEmpty, without)</div>
        """)
}

struct HoursView: Sendable {
    var practitioner: ID<Practitioner>
    var location: ID<Location>
    /// 0 where there are none.
    var version: Int
    var form: HoursForm
    var services: [VisitService]
    var history: HoursHistory?
    var people: [ID<Account>: String]
    /// Fields that cannot be read.
    var problems: [String] = []
    var refusal: HoursRefusal?
    var names: ClinicNames
    var now: Moment
}

/// `GET /settings/hours/{practitioner}/{location}`: a week, what is offered in it, and what was before.
func hoursPage(_ view: HoursView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = fieldErrors(view, t)
    let path = "/settings/hours/\(view.practitioner)/\(view.location)"
    let summary: HTML? =
        switch view.refusal {
        case .changedMeanwhile?: ErrorSummary(title: t("settings.changed-meanwhile"), text: t("settings.changed-meanwhile-help")).html
        case .visitsOutside(let count, let first)?: outside(count, first, view, t)
        default: errors.isEmpty ? nil : ErrorSummary(errors, t).html
        }
    return frame.page(
        title: t("hours.one"), hasErrors: view.refusal != nil || !view.problems.isEmpty,
        """
        <div class="stack-l"><div class="form-page stack"><p><a class="crumb" href="/settings/hours">\(t("hours.title"))</a></p>\
        <h1>\(t("hours.one"))</h1><p class="lead" translate="no">\(view.names.clinician(view.practitioner, t)), \
        \(view.names.place(view.location, t))</p>\(summary)\(form(view, errors, path, frame))</div>\
        \(view.history.map { history($0, view, path, t) })</div>
        """)
}

private func form(_ view: HoursView, _ errors: [FieldError], _ path: String, _ frame: Frame) -> HTML {
    let t = frame.t
    let typed = view.form
    let zone = Field("zone", t("hours.zone"), hint: t("hours.zone-hint"), value: typed.zone, autocomplete: "off", width: .middle, maximumLength: 60)
    let days: HTML = """
        \(each: typed.days.indices, { index in
            Field("day-\(index + 1)", t.weekday(index + 1), value: typed.days[index], autocomplete: "off", width: .middle, maximumLength: 100)
                .marked(errors, t).html
        })
        """
    let services: HTML = """
        <fieldset class="stack-s" id="service"><legend>\(t("hours.services"))</legend>\
        \(errors.first { $0.field == "service" }.map { "<p class=\"error\">\($0.message)</p>" as HTML })\
        \(each: view.services, { service in
            let name: HTML = "<span translate=\"no\">\(service.name[t.language.tag] ?? service.name["en"] ?? service.code)</span>"
            return Choice(
                .checkbox, name: "service", value: service.code, name, detail: t("visit-types.length", ["minutes": service.minutes]),
                isChecked: typed.services.contains(service.code)
            ).html
        })</fieldset>
        """
    func short(_ name: String, _ label: HTML, _ value: String, hint: HTML? = nil, atMost length: Int = 20) -> HTML {
        Field(name, label, hint: hint, value: value, autocomplete: "off", width: .short, maximumLength: length).marked(errors, t).html
    }
    let outside: Int = if case .visitsOutside(let count, _)? = view.refusal { count } else { 0 }
    return Form(
        to: path, formKey: frame.formKey, style: "card stack",
        """
        \(zone.marked(errors, t))<p class="plain">\(t("hours.week-help"))</p>\(days)\(services)\
        \(short("from", t("hours.from"), typed.from, hint: t("hours.from-hint")))\(short("until", t("hours.last-day"), typed.until))\
        \(short("notice", t("hours.notice"), typed.notice, atMost: 5))\
        <input type="hidden" name="version" value="\(view.version)"><input type="hidden" name="outside" value="\(outside)">\
        <p><button class="btn">\(outside > 0 ? t("hours.save-anyway") : t("hours.save"))</button></p>
        """
    ).html
}

/// What is booked stays where it is: the administrator knows it before anything is saved.
private func outside(_ count: Int, _ first: [OutsideVisit], _ view: HoursView, _ t: Wording) -> HTML {
    Note(
        .warn, announcement: .alert,
        """
        <p class="strong">\(t("hours.outside", count: count))</p><p>\(t("hours.outside-help"))</p>\
        <ul class="rows">\(each: first, { visit in
            let when = Moment(visit.start).map { t.dateAndTime($0, .full) } ?? HTML(text: visit.start.local)
            return "<li>\(when), <span translate=\"no\">\(view.names.service(visit.service, t))</span></li>"
        })</ul><p class="plain">\(t("hours.outside-shown", ["shown": first.count, "total": count]))</p>
        """
    ).html
}

private func fieldErrors(_ view: HoursView, _ t: Wording) -> [FieldError] {
    switch view.refusal {
    case .unknownZone?: return [FieldError("zone", t("hours.zone-unknown"))]
    case .invalidHours?: return [FieldError("day-1", t("hours.day-wrong"))]
    case .invalidDays?: return [FieldError("until", t("hours.days-wrong"))]
    case .invalidServices?: return [FieldError("service", t("hours.service-missing"))]
    case .changedMeanwhile?, .visitsOutside?, nil: break
    }
    return view.problems.map { field in
        switch field {
        case "service": FieldError(field, t("hours.service-missing"))
        case "notice": FieldError(field, t("hours.notice-wrong"))
        case "from", "until": FieldError(field, t("hours.date-wrong"))
        default: FieldError(field, t("hours.day-wrong"))
        }
    }
}

private func history(_ history: HoursHistory, _ view: HoursView, _ path: String, _ t: Wording) -> HTML {
    func names(_ hours: Hours?) -> String { hours?.services.map { view.names.service($0, t).plainText }.joined(separator: ", ") ?? "" }
    let (before, after) = (history.before, history.after)
    let days = (1...7).map { weekday in
        SettingHistory.Difference(
            field: t.weekday(weekday), before: HoursForm.text(before?.weekly ?? [], of: weekday), after: HoursForm.text(after.weekly, of: weekday))
    }
    let fields: [SettingHistory.Difference] = [
        .init(field: t("hours.zone"), before: before?.zone ?? "", after: after.zone),
        .init(field: t("hours.services"), before: names(before), after: names(after)),
        .init(field: t("hours.from"), before: before?.from ?? "", after: after.from),
        .init(field: t("hours.last-day"), before: before?.until ?? "", after: after.until),
        .init(field: t("hours.notice"), before: before.map { "\($0.minimumNoticeMinutes)" } ?? "", after: "\(after.minimumNoticeMinutes)"),
    ]
    return SettingHistory(
        history.changes, of: history.total, shown: history.shown, fields + days, people: view.people, path: path, now: view.now, t
    ).html
}
