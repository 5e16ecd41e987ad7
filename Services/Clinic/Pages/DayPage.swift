import Contracts
import Web

struct DayView: Sendable {
    var day: Day
    var appointments: Available<DayOfAppointments>
    /// By patient; who is missing here may not be known, or records does not answer.
    var patients: [ID<Patient>: PatientSummary]
    var names: ClinicNames
    var now: Moment
}

/// `GET /`: the bookings of a day, a list for each clinician.
func dayPage(_ view: DayView, in frame: Frame) -> HTML {
    let t = frame.t
    let live = (view.appointments.value?.appointments ?? []).filter { $0.status != "cancelled" }
    let count = view.appointments.value.map { _ in t("day.count", count: live.count, ["time": t.time(view.now)]) }
    return frame.page(title: t.date(view.day, .weekday), """
        <div class="stack"><div class="cluster apart"><h1>\(t.date(view.day, .weekday).capitalized) <span class="of">\(count)</span></h1>\
        \(days(view, t))</div>\
        \(view.appointments.html(missing: t("day.missing"), { _ in
            live.isEmpty ? Empty(t("day.none"), t("day.none-help")).html : clinicians(live, view, t)
        }))</div>
        """)
}

private func days(_ view: DayView, _ t: Wording) -> HTML {
    guard let number = view.day.daysSince1970 else { return "" }
    func link(_ label: HTML, _ shift: Int) -> HTML { Action(label, to: "/?day=\(Day(daysSince1970: number + shift).iso)", .plain).html }
    let today = Action(t("day.today"), to: "/", .plain)
    return """
        <nav class="toolbar" aria-label="\(t("day.other-days"))">\(link(t("day.before"), -1))\(today)\(link(t("day.after"), 1))</nav>
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
        <div class="grid grid-wide">\(each: order, { clinician in
            let list = lists[clinician] ?? []
            return """
                <section class="panel" aria-labelledby="day-\(clinician)"><header>\
                <h2 id="day-\(clinician)">\(view.names.clinician(clinician, t))</h2>\
                \(ShownOf(list.count, of: list.count, t))</header>\(table(list, view, t))</section>
                """
        })</div>
        """
}

private func table(_ list: [AppointmentLine], _ view: DayView, _ t: Wording) -> HTML {
    CardTable(
        caption: t("day.bookings"), hidesCaption: true,
        columns: [.init(t("day.time")), .init(t("day.patient")), .init(t("day.visit")), .init(t("day.state"))],
        rows: list.map { visit in
            [
                Moment(visit.start).map { "<span class=\"nowrap num\">\(t.clock($0))</span>" } ?? HTML(text: visit.start.local),
                patient(visit, view, t), view.names.service(visit.service, t), "\(t.visitStatus(visit.status))",
            ]
        }
    ).html
}

private func patient(_ visit: AppointmentLine, _ view: DayView, _ t: Wording) -> HTML {
    guard let patient = view.patients[visit.patient] else { return t("day.patient-missing") }
    return """
        <a class="strong target" href="/patients/\(patient.id)">\(patient.family), \(patient.given)</a> \
        <span class="plain">\(born(patient, view.now.day, t))</span>
        """
}
