import Contracts
import Foundation
import Web

struct CalendarView: Sendable {
    /// Asked for, and the first that is shown.
    var day: Day
    var first: Day
    /// Whose week it is; nil for a day of everybody.
    var with: ID<Practitioner>?
    /// Whether rooms and devices stand beside each other instead of clinicians.
    var byRoom = false
    var place: ID<Location>?
    var found: CalendarDays
    /// Of what stands beside each other, from 1.
    var page = 1
    var patients: [ID<Patient>: PatientSummary]
    var clinicians: [DirectoryPractitioner]
    var places: [DirectoryLocation]
    var names: ClinicNames
    /// Whether moving visits is theirs.
    var mayBook: Bool
    var now: Moment

    static let beside = 12

    var mayDrag: Bool { mayBook && !byRoom }
}

/// What stands above each other: a day of a clinician, or of a room or device.
private struct Column {
    let title: HTML
    /// Of visits that are dragged into it; nil where they are not.
    var target: HTML?
    var hours: [Int: CalendarHour] = [:]
    let visits: [Int: [AppointmentLine]]
}

/// `GET /calendar`: the hours of a day below each other; clinicians, rooms and devices, or the days of one clinician's week beside each other.
func calendarPage(_ view: CalendarView, in frame: Frame) -> HTML {
    let t = frame.t
    let all = columns(view, t)
    let place = PageOfList(view.page, of: all.count, size: CalendarView.beside)
    let shown = Array(all.dropFirst((place.page - 1) * CalendarView.beside).prefix(CalendarView.beside))
    let title = view.with.map { t("calendar.week-of", ["clinician": view.names.clinician($0, t), "day": t.date(view.first, .long)]) }
        ?? t.date(view.day, .full).capitalized
    let named = t(view.byRoom ? "calendar.rooms" : "calendar.clinicians")
    let links = PageLinks(place, shown: shown.count, named: named, t) { "\(path(view, view.day))&page=\($0)" }
    let mayDrag = view.mayDrag && !shown.isEmpty
    let help: HTML = """
        <p class="plain no-print" role="status" data-fits="\(t("calendar.fits"))" data-taken="\(t("calendar.taken"))">\(t("calendar.help"))</p>
        """
    return frame.page(
        title: title, script: mayDrag ? .calendar : nil,
        """
        <div class="stack"><p><a class="crumb no-print" href="/board">\(t("board.title"))</a></p><h1 id="calendar">\(title)</h1>\
        \(choosing(view, t))\(when: view.with == nil, links.html)\
        \(when: !view.found.appointments.isEmpty && view.patients.isEmpty, Note(.warn, "<p>\(t("day.names-missing"))</p>").html)\
        \(shown.isEmpty ? nothing(view, t) : grid(shown, view, t))\
        \(when: mayDrag, help)</div>
        """)
}

private func nothing(_ view: CalendarView, _ t: Wording) -> HTML {
    view.byRoom ? Empty(t("calendar.no-rooms"), t("calendar.no-rooms-help")).html : Empty(t("calendar.none"), t("calendar.none-help")).html
}

private func columns(_ view: CalendarView, _ t: Wording) -> [Column] {
    if view.byRoom { return rooms(view, t) }
    if let with = view.with, let first = view.first.daysSince1970 {
        return (0..<7).map { later in
            let day = Day(daysSince1970: first + later)
            return column(of: with, day.iso, t.date(day, .shortWeekday).capitalized, view)
        }
    }
    let there = Set(view.found.hours.map(\.practitioner) + view.found.appointments.map(\.practitioner))
    let known = view.clinicians.map(\.id).filter { there.contains($0) }
    return (known + there.subtracting(known).sorted()).map { column(of: $0, view.day.iso, week($0, view, t), view) }
}

private func column(of practitioner: ID<Practitioner>, _ day: String, _ title: HTML, _ view: CalendarView) -> Column {
    let hours = view.found.hours.filter { $0.practitioner == practitioner && $0.day == day }
    let visits = view.found.appointments.filter { $0.practitioner == practitioner && $0.start.day == day }
    return Column(
        title: title, target: "with=Practitioner/\(practitioner)&amp;from=\(day)",
        hours: Dictionary(hours.map { ($0.hour, $0) }) { first, _ in first }, visits: Dictionary(grouping: visits) { $0.start.hour })
}

private func rooms(_ view: CalendarView, _ t: Wording) -> [Column] {
    (view.found.resources ?? []).map { room in
        let having = Set(room.appointments)
        return Column(
            title: """
                <span translate="no">\(room.name)</span> <span class="plain tiny" translate="no">\(view.names.place(room.location, t))</span>
                """,
            visits: Dictionary(grouping: view.found.appointments.filter { having.contains($0.appointment) }) { $0.start.hour })
    }
}

private func week(_ practitioner: ID<Practitioner>, _ view: CalendarView, _ t: Wording) -> HTML {
    """
    <a href="/calendar?day=\(view.day.iso)&amp;with=Practitioner/\(practitioner)" translate="no">\(view.names.clinician(practitioner, t))</a>
    """
}

private func grid(_ columns: [Column], _ view: CalendarView, _ t: Wording) -> HTML {
    let all = view.found.hours.map(\.hour) + view.found.appointments.map(\.start.hour)
    guard let first = all.min(), let last = all.max() else { return Empty(t("calendar.none"), t("calendar.none-help")).html }
    let rows: HTML = """
        \(each: Array(first...last), { hour in
            """
            <tr class="hour"><th scope="row">\(clock(hour, t))</th>\(each: columns, { column in
                cell(column, hour, view, t)
            })</tr>
            """ as HTML
        })
        """
    let heads: HTML = """
        \(each: columns, { column in
            "<th scope=\"col\"\(column.target.map { " data-to=\"\($0)\"" as HTML })>\(column.title)</th>" as HTML
        })
        """
    return """
        <div class="scroll" tabindex="0" role="region" aria-labelledby="calendar"><table class="day">\
        <caption class="hide">\(t("calendar.caption", ["zone": t.zone(view.now.zone)]))</caption>\
        <colgroup><col class="times">\(each: columns, { _ in "<col>" as HTML })</colgroup>\
        <thead><tr><th scope="col"><span class="hide">\(t("calendar.time"))</span></th>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>
        """
}

private func clock(_ hour: Int, _ t: Wording) -> HTML {
    let twelve = hour % 12 == 0 ? 12 : hour % 12
    return hour < 12 ? t("calendar.am", ["hour": twelve]) : t("calendar.pm", ["hour": twelve])
}

private func cell(_ column: Column, _ hour: Int, _ view: CalendarView, _ t: Wording) -> HTML {
    let (open, visits) = (column.hours[hour], column.visits[hour] ?? [])
    let free = open.map { " data-free=\"\($0.free)\"" as HTML }
    let room = open.flatMap { $0.free > 0 ? "<span class=\"plain tiny\">\(t("calendar.free", ["minutes": $0.free]))</span>" as HTML : nil }
    // A room has no hours of its own.
    let away: HTML? = open == nil && visits.isEmpty && !view.byRoom ? " class=\"is-away\"" : nil
    return "<td\(free)\(away)>\(each: visits, { box($0, view, t) })\(room)</td>"
}

private func box(_ visit: AppointmentLine, _ view: CalendarView, _ t: Wording) -> HTML {
    let who = view.patients[visit.patient].map { "<span translate=\"no\">\($0.family), \($0.given)</span>" as HTML } ?? t("day.patient-missing")
    let time = Moment(visit.start).map { t.clock($0) } ?? HTML(text: visit.start.local)
    let minutes = Int(visit.end.instant.timeIntervalSince(visit.start.instant) / 60)
    let (look, state): (String, HTML?) =
        switch visit.status {
        case "booked": ("", visit.isOverride == true ? t("over.tag") : nil)
        case "pending": (" is-held", t.visitStatus(visit.status).label)
        case "arrived": (" is-arrived", t.visitStatus(visit.status).label)
        case "checked-in": (" is-room", t.visitStatus(visit.status).label)
        case "noshow": (" is-missed", t.visitStatus(visit.status).label)
        default: (" is-done", t.visitStatus(visit.status).label)
        }
    let moves: HTML? = view.mayDrag && visit.status == "booked" ? " data-m=\"\(minutes)\"" : nil
    return """
        <a class="slot-box\(look)" href="/patients/\(visit.patient)/visits/\(visit.appointment)"\(moves)><b>\(time) \(who)</b>\
        \(state.map { "<span>\($0)</span>" as HTML })</a>
        """
}

/// Other days, a week of one clinician, a place.
private func choosing(_ view: CalendarView, _ t: Wording) -> HTML {
    guard let number = view.day.daysSince1970 else { return "" }
    let step = view.with == nil ? 1 : 7
    func link(_ label: HTML, _ key: HTML, _ shift: Int) -> HTML {
        "<a class=\"btn btn-plain\" href=\"\(path(view, Day(daysSince1970: number + shift)))\" accesskey=\"\(key)\">\(label)</a>"
    }
    let people =
        [(value: "", label: t("calendar.everybody")), (value: "rooms", label: t("calendar.by-room"))]
        + view.clinicians.map { (value: "Practitioner/\($0.id)", label: HTML(text: $0.name)) }
    let places = [(value: "", label: t("calendar.everywhere"))] + view.places.map { (value: "Location/\($0.id)", label: HTML(text: $0.name)) }
    return """
        <nav class="toolbar no-print" aria-label="\(t("day.other-days"))">\(link(t("calendar.before"), "b", -step))\
        <a class="btn btn-plain" href="\(path(view, view.now.day))" accesskey="t">\(t("day.today"))</a>\(link(t("calendar.after"), "a", step))</nav>\
        <form class="cluster no-print" action="/calendar" method="get"><input type="hidden" name="day" value="\(view.day.iso)">\
        \(Select("with", t("calendar.whose"), people, chosen: view.with.map { "Practitioner/\($0)" } ?? (view.byRoom ? "rooms" : "")))\
        \(Select("place", t("hours.place"), places, chosen: view.place.map { "Location/\($0)" } ?? ""))\
        <button class="btn btn-plain">\(t("calendar.show"))</button></form>
        """
}

private func path(_ view: CalendarView, _ day: Day) -> String {
    let with = view.with.map { "&with=Practitioner/\($0)" } ?? (view.byRoom ? "&with=rooms" : "")
    let place = view.place.map { "&place=Location/\($0)" } ?? ""
    return "/calendar?day=\(day.iso)\(with)\(place)"
}

extension ZonedTime {
    /// By the clocks of the place.
    fileprivate var hour: Int { Int(local.dropFirst(11).prefix(2)) ?? 0 }
}
