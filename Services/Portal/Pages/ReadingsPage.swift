import Contracts
import Web

struct ReadingsView: Sendable {
    var readings: HomeReadings
    var zone: Zone
    var isSaved = false
}

/// `GET /readings`: what can be measured at home, and what was.
func readingsPage(_ view: ReadingsView, in frame: Frame) -> HTML {
    let t = frame.t
    let lines = view.readings.readings
    let list: HTML = """
        <ul class="rows">\(each: lines, { line in
            """
            <li data-fhir="Observation/\(line.id)"><div class="cluster apart">\
            <a class="target" href="/results/\(line.id)">\(HomeMeasure(code: line.code).map { $0.words(t) } ?? HTML(text: line.display))</a>\
            <strong>\(line.shownValue(t))</strong></div>\
            \(line.at.map { "<p class=\"plain\">\(t.dateAndTime(Moment($0, in: view.zone), .full))</p>" as HTML })</li>
            """
        })</ul>
        """
    let saved: HTML = "<p>\(t("readings.saved"))</p>"
    return frame.page(title: t("readings.title"), """
        <div class="stack-l"><div class="stack"><p><a class="crumb" href="/results">\(t("results.all"))</a></p>\
        <h1>\(t("readings.title"))</h1><p class="lead">\(t("readings.lead"))</p>\
        \(when: view.isSaved, Note(.ok, announcement: .status, saved).html)</div>\
        <section class="stack-s" aria-labelledby="add"><h2 id="add">\(t("readings.add"))</h2><ul class="links card">\
        \(each: HomeMeasure.allCases, { "<li><a href=\"/readings/\($0.rawValue)\">\($0.words(t))</a></li>" })</ul></section>\
        <section class="stack-s" aria-labelledby="kept"><h2 id="kept">\(t("readings.kept")) \
        \(ShownOf(lines.count, of: view.readings.total, t))</h2>\
        \(lines.isEmpty ? Empty(t("readings.none"), t("readings.none-help")).html : "<div class=\"card\">\(list)</div>")</section>\
        <p class="plain">\(t("readings.not-watched"))</p></div>
        """)
}

struct ReadingFormView: Sendable {
    var measure: HomeMeasure
    var form: ReadingForm
    /// Where the patient lives.
    var now: Moment
    var problems: [EntryProblem] = []
}

/// `GET /readings/{measure}`: one value, in its unit, and when it was read.
func readingFormPage(_ view: ReadingFormView, in frame: Frame) -> HTML {
    let (t, form) = (frame.t, view.form)
    let errors = view.problems.map { FieldError($0.field == "local" ? "time" : $0.field, $0.words(view.measure, t)) }
    let isPressure = view.measure == .bloodPressure
    let value = Field(
        "value", isPressure ? t("readings.upper") : view.measure.words(t), value: form.value, autocomplete: "off", width: .short, maximumLength: 8)
    let second = Field("second", t("readings.lower"), value: form.second, autocomplete: "off", width: .short, maximumLength: 8)
    let units = view.measure.units
    let unit: HTML =
        units.count > 1
        ? Select("unit", t("readings.unit"), units.map { ($0, $0.unitWords(t)) }, chosen: form.unit).marked(errors, t).html
        : "<input type=\"hidden\" name=\"unit\" value=\"\(units.first)\"><p class=\"plain\">\(units.first?.unitWords(t))</p>"
    let day = Field("day", t("readings.day"), hint: t("readings.day-hint"), value: form.day, autocomplete: "off", width: .short, maximumLength: 40)
    let time = Field(
        "time", t("readings.time", ["zone": t.zone(view.now.zone)]), hint: t("readings.time-hint"), value: form.time, autocomplete: "off",
        width: .short, maximumLength: 12)
    let fields: HTML = """
        \(value.marked(errors, t))\(when: isPressure, second.marked(errors, t).html)\(unit)\(day.marked(errors, t))\(time.marked(errors, t))\
        <p class="cluster"><button class="btn btn-large">\(t("readings.save"))</button>\(Action(t("readings.leave"), to: "/readings", .link))</p>
        """
    return frame.page(title: view.measure.words(t), hasErrors: !errors.isEmpty, """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/readings">\(t("readings.title"))</a></p><h1>\(view.measure.words(t))</h1>\
        <p class="lead">\(t("readings.form-lead"))</p>\(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        \(Form(to: "/readings/\(view.measure.rawValue)", formKey: frame.formKey, style: "card stack", fields))\
        <p class="plain">\(t("readings.not-watched"))</p></div>
        """)
}

extension HomeMeasure {
    /// By the LOINC code results have.
    init?(code: String) {
        switch code {
        case "85354-9": self = .bloodPressure
        case "8867-4": self = .pulse
        case "29463-7": self = .weight
        case "2339-0", "15074-8": self = .glucose
        case "8310-5": self = .temperature
        default: return nil
        }
    }

    func words(_ t: Wording) -> HTML {
        switch self {
        case .bloodPressure: t("readings.blood-pressure")
        case .pulse: t("readings.pulse")
        case .weight: t("readings.weight")
        case .glucose: t("readings.glucose")
        case .temperature: t("readings.temperature")
        }
    }

    /// What a value may be, for whoever typed another.
    fileprivate func possible(_ t: Wording) -> HTML {
        switch self {
        case .bloodPressure: t("readings.possible-blood-pressure")
        case .pulse: t("readings.possible-pulse")
        case .weight: t("readings.possible-weight")
        case .glucose: t("readings.possible-glucose")
        case .temperature: t("readings.possible-temperature")
        }
    }
}

extension String {
    /// A UCUM code as people say it.
    fileprivate func unitWords(_ t: Wording) -> HTML {
        switch self {
        case "mm[Hg]": t("unit.mmhg")
        case "/min": t("unit.a-minute")
        case "kg": t("unit.kg")
        case "[lb_av]": t("unit.lb")
        case "mg/dL": t("unit.mg-dl")
        case "mmol/L": t("unit.mmol-l")
        case "Cel": t("unit.celsius")
        case "[degF]": t("unit.fahrenheit")
        default: HTML(text: self)
        }
    }
}

extension EntryProblem {
    fileprivate func words(_ measure: HomeMeasure, _ t: Wording) -> HTML {
        switch (field, fault) {
        case ("local", .inTheFuture): t("readings.to-come")
        case ("local", .notPossible): t("readings.too-old")
        case ("local", _): t("readings.time-unreadable")
        case ("unit", _): t("readings.unit-missing")
        case (_, .missing): t("readings.missing")
        case (_, .notANumber): t("readings.not-a-number")
        default: measure.possible(t)
        }
    }
}
