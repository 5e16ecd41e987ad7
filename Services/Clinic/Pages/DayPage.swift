import Contracts
import Web

struct DayView: Sendable {
    var day: Day
    var appointments: Available<DayOfAppointments>
    /// By patient; who is missing here may not be known, or records does not answer.
    var patients: [ID<Patient>: PatientSummary]
    var names: ClinicNames
    /// False while identity does not answer.
    var canSignInAndOut = true
    var clocksDiffer = false
    /// Those who see nobody by video are shown no way there.
    var seesCalls = false
    /// Nil where there is none for them, or what they have done is not known right now.
    var steps: FirstStepsView?
    var now: Moment

    /// Visits of people: who is for practice is shown, and not counted.
    func people(among visits: [AppointmentLine]) -> Int { visits.count { patients[$0.patient]?.practice != true } }
}

/// `GET /`: the bookings of a day, a list for each clinician.
func dayPage(_ view: DayView, in frame: Frame) -> HTML {
    let t = frame.t
    let live = (view.appointments.value?.appointments ?? []).filter { $0.status != "cancelled" }
    let count = view.appointments.value.map { _ in t("day.count", count: view.people(among: live), ["time": t.time(view.now)]) }
    return frame.page(
        title: t.date(view.day, .weekday),
        """
        <div class="stack"><div class="cluster apart"><h1>\(t.date(view.day, .weekday).capitalized) <span class="of">\(count)</span></h1>\
        \(days(view, t))</div>\(missingParts(live, view, t))\(view.steps.map { firstSteps($0, in: frame) })\
        \(view.appointments.html(missing: t("day.missing"), { _ in
            live.isEmpty ? Empty(t("day.none"), t("day.none-help")).html : clinicians(live, view, t)
        }))</div>
        """)
}

private func missingParts(_ live: [AppointmentLine], _ view: DayView, _ t: Wording) -> HTML {
    """
    \(when: !live.isEmpty && view.patients.isEmpty, Note(.warn, "<p>\(t("day.names-missing"))</p>").html)\
    \(when: !view.canSignInAndOut, Note.signInAway(t).html)\(when: view.clocksDiffer, Note.clocksDiffer(t).html)
    """
}

private func days(_ view: DayView, _ t: Wording) -> HTML {
    guard let number = view.day.daysSince1970 else { return "" }
    func link(_ label: HTML, _ key: HTML, _ path: String) -> HTML { "<a class=\"btn btn-plain\" href=\"\(path)\" accesskey=\"\(key)\">\(label)</a>" }
    func day(_ shift: Int) -> String { "/?day=\(Day(daysSince1970: number + shift).iso)" }
    return """
        <nav class="toolbar" aria-label="\(t("day.other-days"))">\(link(t("day.before"), "b", day(-1)))\
        \(link(t("day.today"), "t", "/"))\(link(t("day.after"), "a", day(1)))\(link(t("board.title"), "o", "/board"))\
        \(link(t("calendar.title"), "k", "/calendar"))\(when: view.seesCalls, link(t("calls.title"), "v", "/calls"))</nav>
        """
}

private func clinicians(_ appointments: [AppointmentLine], _ view: DayView, _ t: Wording) -> HTML {
    var order: [ID<Practitioner>] = []
    var lists: [ID<Practitioner>: [AppointmentLine]] = [:]
    for appointment in appointments {
        if lists[appointment.practitioner] == nil { order.append(appointment.practitioner) }
        lists[appointment.practitioner, default: []].append(appointment)
    }
    return """
        <div class="grid">\(each: order, { clinician in
            let list = lists[clinician] ?? []
            return """
                <section class="panel" aria-labelledby="day-\(clinician)"><header>\
                <h2 id="day-\(clinician)">\(view.names.clinician(clinician, t))</h2>\
                \(ShownOf(view.people(among: list), of: view.people(among: list), t))</header>\(bookings(list, view, t))</section>
                """
        })</div>
        """
}

private func bookings(_ list: [AppointmentLine], _ view: DayView, _ t: Wording) -> HTML {
    """
    <ol class="rows">\(each: list, { visit in
        let patient = view.patients[visit.patient]
        let who = patient.map { "<a class=\"strong target\" translate=\"no\" href=\"/patients/\($0.id)\">\($0.family), \($0.given)</a>" as HTML }
        let time = Moment(visit.start).map { t.clock($0) } ?? HTML(text: visit.start.local)
        let birth = patient.map { "<br>\(born($0, view.now.day, t))" as HTML }
        let practice = patient?.practice == true ? "<p>\(Tag(.warn, t("who.practice")))</p>" as HTML : nil
        return """
            <li><div class="cluster apart"><span class="num strong">\(time)</span>\(overTag(visit, t))\(t.visitStatus(visit.status))</div>\
            <p>\(who ?? t("day.patient-missing"))</p><p class="plain">\(view.names.service(visit.service, t))\(birth)</p>\
            \(practice)</li>
            """
    })</ol>
    """
}
