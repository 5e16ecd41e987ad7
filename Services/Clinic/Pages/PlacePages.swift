import Contracts
import Web

/// `GET /settings/places`: where the clinic sees patients.
func placesPage(_ places: [DirectoryLocation], wasKept: Bool, in frame: Frame) -> HTML {
    let t = frame.t
    let lines: HTML = """
        <ul class="rows panel">\(each: places, { place in
            let facts = [place.address, place.phone, place.zone].compactMap(\.self).joined(separator: " · ")
            return """
                <li><p><a class="target" href="/settings/places/\(place.id)" translate="no">\(place.name)</a></p>\
                <p class="plain" translate="no">\(facts)</p></li>
                """
        })</ul>
        """
    return frame.page(
        title: t("places.title"),
        """
        <div class="stack"><p><a class="crumb" href="/settings">\(t("settings.title"))</a></p>\
        <h1>\(t("places.title")) \(ShownOf(places.count, of: places.count, t))</h1>\
        \(when: wasKept, Note(.ok, announcement: .status, "<p>\(t("places.kept"))</p>").html)\
        \(places.isEmpty ? Empty(t("places.none"), t("places.none-help")).html : lines)</div>
        """)
}

struct PlacePageView: Sendable {
    /// What another zone does to hours and visits.
    struct Moved: Sendable {
        var zone: String
        /// Whose hours are by the new clocks from today on.
        var hours: [ID<Practitioner>]
        /// They keep their instants.
        var visits: VisitsAhead
        var names: ClinicNames

        /// What the form brings back, so that nothing is saved of which something else was told.
        var told: String { "\(zone) \(hours.count) \(visits.count)" }
    }

    var location: ID<Location>
    var version: Int
    /// As it is, or as it was typed.
    var content: PlaceContent
    var place: PlaceView
    var people: [ID<Account>: String]
    var names: ClinicNames
    var moved: Moved?
    var refusal: PlaceRefusal?
    var now: Moment
}

/// `GET /settings/places/{location}`: what is said of a place, and what was said before.
func placePage(_ view: PlacePageView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = fieldErrors(view.refusal, t)
    let path = "/settings/places/\(view.location)"
    let summary: HTML? =
        if case .changedMeanwhile? = view.refusal {
            ErrorSummary(title: t("settings.changed-meanwhile"), text: t("settings.changed-meanwhile-help")).html
        } else { errors.isEmpty ? view.moved.map { moves($0, t) } : ErrorSummary(errors, t).html }
    return frame.page(
        title: t("places.one"), hasErrors: view.refusal != nil || view.moved != nil,
        """
        <div class="stack-l"><div class="form-page stack"><p><a class="crumb" href="/settings/places">\(t("places.title"))</a></p>\
        <h1>\(t("places.one"))</h1><p class="lead" translate="no">\(view.place.content.name)</p>\(summary)\(form(view, errors, path, frame))</div>\
        \(history(view, path, t))</div>
        """)
}

private func form(_ view: PlacePageView, _ errors: [FieldError], _ path: String, _ frame: Frame) -> HTML {
    let (t, typed) = (frame.t, view.content)
    let zone = Field("zone", t("hours.zone"), hint: t("hours.zone-hint"), value: typed.zone, autocomplete: "off", width: .middle, maximumLength: 64)
    func field(_ name: String, _ label: HTML, _ value: String, _ width: Field.Width = .middle, atMost length: Int = 100) -> HTML {
        Field(name, label, value: value, autocomplete: "off", width: width, maximumLength: length).marked(errors, t).html
    }
    return Form(
        to: path, formKey: frame.formKey, style: "card stack",
        """
        \(field("name", t("places.name"), typed.name))\(field("line", t("places.line"), typed.line, .full, atMost: 200))\
        \(field("city", t("places.city"), typed.city))\(field("state", t("places.state"), typed.state, .short))\
        \(field("postalCode", t("places.postal-code"), typed.postalCode, .short, atMost: 20))\
        \(field("phone", t("places.phone"), typed.phone, atMost: 40))\(zone.marked(errors, t))\
        <input type="hidden" name="version" value="\(view.version)">\
        \(view.moved.map { "<input type=\"hidden\" name=\"told\" value=\"\($0.told)\">" as HTML })\
        <p><button class="btn">\(view.moved == nil ? t("places.save") : t("places.save-anyway"))</button></p>
        """
    ).html
}

/// Hours move and visits stay: the administrator knows it before anything is saved.
private func moves(_ moved: PlacePageView.Moved, _ t: Wording) -> HTML {
    let zone: HTML = "<span translate=\"no\">\(moved.zone)</span>"
    let people: HTML = "\(each: moved.hours, { "<li translate=\"no\">\(moved.names.clinician($0, t))</li>" })"
    let visits: HTML = """
        \(each: moved.visits.first, { visit in
            let when = Moment(visit.start).map { t.dateAndTime($0, .full) } ?? HTML(text: visit.start.local)
            return "<li>\(when), <span translate=\"no\">\(moved.names.service(visit.service, t))</span></li>"
        })
        """
    // Each named as what it is: of two literals alone a text would be made, and escaped.
    let hours: HTML =
        moved.hours.isEmpty ? "<p>\(t("places.no-hours"))</p>" : "<p>\(t("places.hours-move"))</p><ul class=\"rows\">\(people)</ul>"
    let staying: HTML =
        moved.visits.count == 0
        ? "<p>\(t("places.no-visits"))</p>"
        : """
        <p>\(t("places.visits-stay", count: moved.visits.count))</p><ul class="rows">\(visits)</ul>\
        <p class="plain">\(t("hours.outside-shown", ["shown": moved.visits.first.count, "total": moved.visits.count]))</p>
        """
    return Note(
        .warn, announcement: .alert, "<p class=\"strong\">\(t("places.moves", ["zone": zone]))</p>\(hours)\(staying)"
    ).html
}

private func fieldErrors(_ refusal: PlaceRefusal?, _ t: Wording) -> [FieldError] {
    guard case .invalid(let problems)? = refusal else { return [] }
    return problems.map { problem in
        switch (problem.field, problem.fault) {
        case ("zone", _): FieldError("zone", t("hours.zone-unknown"))
        case ("phone", .notPossible): FieldError("phone", t("places.phone-wrong"))
        default: FieldError(problem.field, problem.fault.words(t))
        }
    }
}

private func history(_ view: PlacePageView, _ path: String, _ t: Wording) -> HTML {
    let (before, after) = (view.place.before, view.place.after)
    let fields: [SettingHistory.Difference] = [
        .init(field: t("places.name"), before: before?.name ?? "", after: after.name),
        .init(field: t("places.line"), before: before?.line ?? "", after: after.line),
        .init(field: t("places.city"), before: before?.city ?? "", after: after.city),
        .init(field: t("places.state"), before: before?.state ?? "", after: after.state),
        .init(field: t("places.postal-code"), before: before?.postalCode ?? "", after: after.postalCode),
        .init(field: t("places.phone"), before: before?.phone ?? "", after: after.phone),
        .init(field: t("hours.zone"), before: before?.zone ?? "", after: after.zone),
    ]
    return SettingHistory(
        view.place.changes, of: view.place.total, shown: view.place.shown, fields, people: view.people, path: path, now: view.now, t
    ).html
}

extension PlaceContent {
    /// What was typed.
    init(_ form: FormData) {
        self.init(
            name: form.trimmed("name"), line: form.trimmed("line"), city: form.trimmed("city"), state: form.trimmed("state"),
            postalCode: form.trimmed("postalCode"), phone: form.trimmed("phone"), zone: form.trimmed("zone"))
    }
}
