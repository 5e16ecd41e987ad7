import Access
import Contracts
import Foundation
import Web

/// A patient's visits, booked and changed for them.
struct PatientVisitView: Sendable {
    var patient: ID<Patient>
    /// Nil while records is away: then the page names nobody.
    var summary: PatientSummary?
    var visit: AppointmentLine
    var names: ClinicNames
    /// Whether booking is theirs.
    var mayBook: Bool
    var role: Role
    /// What has just been done.
    var done: Done?
    var problem: VisitProblem?
    /// Why a step was not taken.
    var notMarked: MarkRefusal?
    var now: Moment
    /// What the patient's device could do, where the visit takes place by video.
    var byVideo: KeptDeviceTest?

    /// Of a series that has just been booked: how many, and on which days the time was not free.
    var seriesBooked = 0
    var seriesMissed: [Day] = []
    /// Of one that has just been moved: how many stay where they are.
    var seriesKept = 0
    /// What is to come of the series it belongs to.
    var series: [AppointmentLine] = []

    enum Done: String, Sendable {
        case booked, moved, cancelled, marked, series
        case seriesMoved = "series-moved"
    }

    var isComing: Bool { visit.status == "booked" && visit.start.instant > now.instant }
}

/// Why a visit was not booked, moved or cancelled.
enum VisitProblem: Sendable {
    case nothingChosen
    case taken([Opening])
    case notOffered([Opening])
    /// A room or a device that it needs; the names of those there are.
    case resourceTaken([String], [Opening])
    /// The patient has another visit then.
    case patientBusy(ID<Appointment>)
    case changedMeanwhile
    /// It has begun, or is no longer booked.
    case tooLate
    /// How often a visit comes again is out of its range.
    case seriesWrong

    /// What is free instead.
    var alternatives: [Opening]? {
        switch self {
        case .taken(let near), .notOffered(let near), .resourceTaken(_, let near): near.isEmpty ? nil : near
        default: nil
        }
    }
}

/// `GET /patients/{id}/visits/{visit}`: one visit, and what the desk does with it.
func patientVisitPage(_ view: PatientVisitView, in frame: Frame) -> HTML {
    let t = frame.t
    let path = "/patients/\(view.patient)/visits/\(view.visit.appointment)"
    let again = Action(t("visits.book-other"), to: "/patients/\(view.patient)/visits/new?service=\(view.visit.service)", .plain)
    let changes: HTML = """
        <p class="cluster">\(Action(t("visits.move"), to: "\(path)/move", .plain))</p>\
        \(Form(to: "\(path)/cancel", formKey: frame.formKey, style: "stack-s", """
            <p class="plain">\(t("visits.cancel-help"))</p><p><button class="btn btn-danger">\(t("visits.cancel"))</button></p>
            """))\
        \(when: view.visit.series != nil, cancelSeries(path, frame))
        """
    let done = view.done.map { done -> HTML in
        let words: HTML =
            switch done {
            case .booked: t("visits.is-booked")
            case .moved: t("visits.is-moved")
            case .cancelled: t("visits.is-cancelled")
            case .marked: t("visits.is-marked")
            case .series: series(view, t)
            case .seriesMoved:
                """
                \(t("series.moved", count: view.seriesBooked))\
                \(when: view.seriesKept > 0, " \(t("series.kept", count: view.seriesKept))" as HTML)
                """
            }
        return Note(.ok, announcement: .status, "<p>\(words)</p>").html
    }
    return framed(frame, view.summary, view.now).page(
        title: t("visits.one"), hasErrors: view.problem != nil || view.notMarked != nil,
        """
        <div class="form-page stack">\(crumb(view.patient, t))\(heading(t("visits.one"), view.summary))\
        \(view.problem.map { problem($0, of: view.patient, t) })\(view.notMarked.map { markProblem($0, t) })\(done)\
        <div class="card stack"><p class="cluster">\(t.visitStatus(view.visit.status))\(overTag(view.visit, t))</p>\
        \(facts(view.visit, view.names, t))\
        \(view.byVideo.map { byVideo($0, view, path, t) })</div>\
        \(when: view.series.count > 1, seriesList(view, t))\(when: view.mayBook && view.isComing, changes)\
        \(when: view.mayBook && !view.isComing, "<p>\(again)</p>")\
        \(each: corrections(view), { correction($0, view, path, frame) })</div>
        """)
}

/// The way to the call for who sees charts, and for everybody whether the patient is to be called ahead.
private func byVideo(_ kept: KeptDeviceTest, _ view: PatientVisitView, _ path: String, _ t: Wording) -> HTML {
    let readsCharts = view.role == .clinician || view.role == .nurse
    let open: HTML = "<p>\(Action(t("calls.open"), to: "\(path)/call", .plain))</p>"
    return "\(deviceTest(kept, view.now, t))\(when: readsCharts, open)"
}

private func series(_ view: PatientVisitView, _ t: Wording) -> HTML {
    let missed: HTML = "\(each: view.seriesMissed.enumerated(), { "\(when: $0.offset > 0, ", ")\(t.date($0.element, .short))" as HTML })"
    return """
        \(t("series.booked", count: view.seriesBooked))\(when: !view.seriesMissed.isEmpty, " \(t("series.missed", ["days": missed]))")
        """
}

/// Says of a visit that it was booked over others.
func overTag(_ visit: AppointmentLine, _ t: Wording) -> Tag? { visit.isOverride == true ? Tag(.warn, t("over.tag")) : nil }

/// Steps that say why: what was said of the visit was wrong.
private func corrections(_ view: PatientVisitView) -> [String] {
    let fromHere = view.role == .administrator ? ["entered-in-error"] : []
    switch view.visit.status {
    case "noshow" where view.mayBook: return ["arrived"] + fromHere
    case "cancelled" where view.mayBook && view.visit.start.instant > view.now.instant: return ["booked"] + fromHere
    case "pending", "entered-in-error": return []
    default: return fromHere
    }
}

private func correction(_ status: String, _ view: PatientVisitView, _ path: String, _ frame: Frame) -> HTML {
    let t = frame.t
    let (title, button): (HTML, HTML) =
        switch status {
        case "arrived": (t("visits.came"), t("visits.came-button"))
        case "booked": (t("visits.again"), t("visits.again-button"))
        default: (t("visits.error"), t("visits.error-button"))
        }
    let errors = view.notMarked == .reasonMissing ? [FieldError("reason", t("visits.reason-missing"))] : []
    let reason = Field("reason", t("visits.reason"), hint: t("visits.reason-hint"), autocomplete: "off", width: .middle, maximumLength: 200)
    return """
        <section class="stack-s" aria-labelledby="correct"><h3 id="correct">\(title)</h3>\
        \(Form(to: "\(path)/mark", formKey: frame.formKey, style: "card stack", """
            \(reason.marked(errors, t))<input type="hidden" name="status" value="\(status)">\
            <input type="hidden" name="version" value="\(view.visit.version)"><p><button class="btn btn-plain">\(button)</button></p>
            """))</section>
        """
}

/// Why a step was not taken, on the visit's page and on the board.
func markProblem(_ refusal: MarkRefusal, _ t: Wording) -> ErrorSummary {
    switch refusal {
    case .reasonMissing: ErrorSummary([FieldError("reason", t("visits.reason-missing"))], t)
    case .changedMeanwhile, .notFound: ErrorSummary(title: t("visits.changed"), text: t("visits.changed-help"))
    case .illegal: ErrorSummary(title: t("visits.no-step"), text: t("visits.changed-help"))
    case .notYours: ErrorSummary(title: t("visits.not-yours"), text: t("visits.not-yours-help"))
    case .notNow: ErrorSummary(title: t("visits.not-now"), text: t("visits.not-now-help"))
    case .timeTaken: ErrorSummary(title: t("visits.taken"), text: t("visits.taken-help"))
    }
}

/// Choosing a time for a patient: for a new visit, or for one that is there.
struct PatientTimesView: Sendable {
    var patient: ID<Patient>
    var summary: PatientSummary?
    var services: [VisitService]
    var clinicians: [DirectoryPractitioner]
    var names: ClinicNames
    var service: String
    /// Nil for whoever is free.
    var clinician: ID<Practitioner>?
    /// The visit that is to be at another time; nil for a new one.
    var moving: AppointmentLine?
    var openings: [Opening] = []
    /// The local day the next "later days" begins with; nil when there are no more.
    var nextDay: String?
    var problem: VisitProblem?
    /// The form that was refused, as it was posted: its time, how often it comes again, how much of a series it is for.
    var posted: FormData?
    var now: Moment

    /// The day of the time that was posted, where the first so many days do not reach it: it has to be there to be chosen again.
    func postedDay(after days: Int) -> Day? {
        guard let slot = posted?["slot"].flatMap({ ChosenSlot($0) }) else { return nil }
        let day = Moment(slot.start, in: now.zone).day
        guard let number = day.daysSince1970, let today = now.day.daysSince1970, number - today >= days else { return nil }
        return day
    }

    var path: String { "/patients/\(patient)/visits/" + (moving.map { "\($0.appointment)/move" } ?? "new") }
}

/// `GET /patients/{id}/visits/new`, `GET /patients/{id}/visits/{visit}/move`.
func patientTimesPage(_ view: PatientTimesView, in frame: Frame) -> HTML {
    let t = frame.t
    let title = view.moving == nil ? t("visits.book") : t("visits.move")
    let services = view.services.map { (value: $0.code, label: HTML(text: view.names.service($0.code, t).plainText)) }
    let people = [(value: "anyone", label: t("visits.anyone"))] + view.clinicians.map { (value: "Practitioner/\($0.id)", label: HTML(text: $0.name)) }
    let with = view.clinician.map { "Practitioner/\($0)" } ?? "anyone"
    // Choosing changes nothing, so this form reads.
    let choice: HTML = """
        <form class="toolbar" action="\(view.path)" method="get">\
        \(when: view.moving == nil, Select("service", t("visits.what"), services, chosen: view.service).html)\
        \(Select("with", t("visits.whom"), people, chosen: with))<button class="btn btn-plain">\(t("visits.show-times"))</button></form>
        """
    let over = "/patients/\(view.patient)/visits/over?service=\(view.service)"
    let now = view.moving.map { "<p class=\"lead\">\(t("visits.move-lead", ["time": when($0.start, t)]))</p>" as HTML }
    return framed(frame, view.summary, view.now).page(
        title: title, hasErrors: view.problem != nil,
        """
        <div class="form-page stack">\(crumb(view.patient, t))\(heading(title, view.summary))\(now)\
        \(view.problem.map { problem($0, of: view.patient, t) })\(choice)\(timesForm(view, frame))\
        \(when: view.moving == nil, "<p>\(Action(t("over.title"), to: over, .link))</p>")</div>
        """)
}

/// The free times, and what books one of them.
func timesForm(_ view: PatientTimesView, _ frame: Frame) -> HTML {
    let t = frame.t
    let alternatives = view.problem?.alternatives
    let offered = alternatives ?? view.openings
    let later = alternatives == nil ? view.nextDay : nil
    let with = view.clinician.map { "Practitioner/\($0)" } ?? "anyone"
    let way = later.map { Action(t("visits.later"), to: "\(view.path)?service=\(view.service)&with=\(with)&from=\($0)", .plain) }
    guard let first = offered.first, let zone = Zone(first.start.zone) else {
        return "\(Empty(t("visits.no-times"), t("visits.no-times-help")))\(way.map { "<p>\($0)</p>" as HTML })"
    }
    // One zone a list, and whoever is free: one button a time.
    var seen: Set<String> = []
    let slots = offered.filter { $0.start.zone == first.start.zone }
        .filter { alternatives != nil || view.clinician != nil || seen.insert($0.start.local).inserted }
        .map { opening in
            SlotPicker.Slot(
                id: slotValue(opening), starts: Moment(opening.start.instant, in: zone),
                clinician: alternatives == nil ? nil : view.names.clinician(opening.practitioner, t))
        }
    let chosen = slots.first { $0.id == view.posted?["slot"] } ?? slots.first
    let target = view.moving.map { "/patients/\(view.patient)/visits/\($0.appointment)/move" } ?? "/patients/\(view.patient)/visits"
    return Form(
        to: target, formKey: frame.formKey, style: "stack",
        """
        \(view.moving.map { "<input type=\"hidden\" name=\"version\" value=\"\($0.version)\">" as HTML })\
        <input type="hidden" name="service" value="\(view.service)"><input type="hidden" name="with" value="\(with)">\
        <fieldset class="stack-s"><legend>\(t("visits.when"))</legend><p class="hint">\(t("visits.zone", ["zone": t.zone(zone)]))</p>\
        <div class="card">\(SlotPicker(slots, name: "slot", chosen: chosen?.id, t))</div>\
        <div class="cluster apart">\(ShownOf(slots.count, of: slots.count, t))\(way)</div></fieldset>\
        \(when: view.moving == nil, again(view, t))\(when: view.moving?.series != nil, scopes(view.posted, t))\
        <p><button class="btn btn-large" accesskey="s">\(view.moving == nil ? t("visits.book-now") : t("visits.move-now"))</button></p>
        """
    ).html
}

/// How often a visit comes again.
private func again(_ view: PatientTimesView, _ t: Wording) -> HTML {
    let errors: [FieldError] = if case .seriesWrong? = view.problem { [FieldError("count", t("series.wrong"))] } else { [] }
    let count = Field(
        "count", t("series.count"), hint: t("series.count-hint"), value: view.posted?["count"] ?? "6", autocomplete: "off", width: .short,
        maximumLength: 2)
    let weeks = [("0", t("series.once")), ("1", t("series.weekly")), ("2", t("series.fortnightly")), ("4", t("series.four-weekly"))]
    return """
        <div class="cluster">\(Select("weeks", t("series.again"), weeks.map { (value: $0.0, label: $0.1) }, chosen: view.posted?["weeks"] ?? "0"))\
        \(count.marked(errors, t))</div>
        """
}

private func problem(_ problem: VisitProblem, of patient: ID<Patient>, _ t: Wording) -> ErrorSummary {
    switch problem {
    case .nothingChosen: ErrorSummary(title: t("visits.nothing-chosen"), text: t("visits.choose-below"))
    case .taken: ErrorSummary(title: t("visits.taken"), text: t("visits.choose-below"))
    case .resourceTaken(let names, _):
        ErrorSummary(
            title: t("visits.resource-taken"),
            text: "<span translate=\"no\">\(names.joined(separator: ", "))</span>. \(t("visits.choose-below"))")
    case .notOffered: ErrorSummary(title: t("visits.not-offered"), text: t("visits.choose-below"))
    case .patientBusy(let other):
        ErrorSummary(
            title: t("visits.busy"), text: "<a href=\"/patients/\(patient)/visits/\(other)\">\(t("visits.busy-link"))</a>")
    case .changedMeanwhile: ErrorSummary(title: t("visits.changed"), text: t("visits.changed-help"))
    case .tooLate: ErrorSummary(title: t("visits.too-late"), text: t("visits.too-late-help"))
    case .seriesWrong: ErrorSummary([FieldError("count", t("series.wrong"))], t)
    }
}

func framed(_ frame: Frame, _ patient: PatientSummary?, _ now: Moment) -> Frame {
    patient.map { frame.with(banner: patientStrip($0, asOf: now, now, frame.t)) } ?? frame
}

/// With a banner above it, which names the patient, the page's title is the second heading.
func heading(_ title: HTML, _ banner: PatientSummary?) -> HTML { banner == nil ? "<h1>\(title)</h1>" : "<h2>\(title)</h2>" }

func crumb(_ patient: ID<Patient>, _ t: Wording) -> HTML {
    "<p><a class=\"crumb\" href=\"/patients/\(patient)\">\(t("visits.back"))</a></p>"
}

private func when(_ start: ZonedTime, _ t: Wording) -> HTML {
    Moment(start).map { t.dateAndTime($0, .full) } ?? "\(start.local) \(start.zone)"
}

private func facts(_ visit: AppointmentLine, _ names: ClinicNames, _ t: Wording) -> Facts {
    Facts([
        (t("visits.when"), when(visit.start, t)), (t("visits.what"), "<span translate=\"no\">\(names.service(visit.service, t))</span>"),
        (t("visits.whom"), "<span translate=\"no\">\(names.clinician(visit.practitioner, t))</span>"),
        (t("visits.where"), "<span translate=\"no\">\(names.place(visit.location, t))</span>"),
    ])
}
