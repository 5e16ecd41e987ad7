import Access
import Contracts
import Foundation
import Web

struct BoardView: Sendable {
    var day: DayOfAppointments
    /// By patient; who is missing here may not be known, or records does not answer.
    var patients: [ID<Patient>: PatientSummary]
    var names: ClinicNames
    var role: Role
    /// Why a step was not taken.
    var refusal: MarkRefusal?
    var now: Moment
}

/// `GET /board`: today's visits in the order of their times, each with its next step. One form for all: three hundred visits are one page.
func boardPage(_ view: BoardView, in frame: Frame) -> HTML {
    let t = frame.t
    let visits = view.day.appointments.filter { !["pending", "cancelled", "entered-in-error"].contains($0.status) }
    func count(_ states: String...) -> Int { visits.count { states.contains($0.status) } }
    let counts = t(
        "board.counts",
        ["expected": count("booked"), "here": count("arrived", "checked-in"), "done": count("fulfilled"), "missing": count("noshow")])
    let isAtDesk = view.role == .frontDesk || view.role == .administrator
    let list: HTML = "<ol class=\"rows panel\">\(each: visits, { line($0, view, t) })</ol>"
    let form = Form(to: "/board", formKey: frame.formKey, style: "stack", list).html
    return frame.page(
        title: t("board.title"), hasErrors: view.refusal != nil,
        """
        <div class="stack"><p class="cluster"><a class="crumb" href="/">\(t("board.day"))</a>\
        \(when: isAtDesk, """
            <a class="target" href="/absences">\(t("absence.title"))</a><a class="target" href="/waiting">\(t("waiting.title"))</a>\
            <a class="target" href="/calendar/month">\(t("month.link"))</a>
            """)</p>\
        <h1>\(t("board.title")) \(ShownOf(visits.count, of: visits.count, t))</h1>\
        <p class="plain">\(counts) \(t("board.as-of", ["time": t.time(view.now)]))</p>\
        \(view.refusal.map { markProblem($0, t) })\
        \(when: !visits.isEmpty && view.patients.isEmpty, Note(.warn, "<p>\(t("day.names-missing"))</p>").html)\
        \(visits.isEmpty ? Empty(t("day.none"), t("day.none-help")).html : form)</div>
        """)
}

private func line(_ visit: AppointmentLine, _ view: BoardView, _ t: Wording) -> HTML {
    let who = view.patients[visit.patient].map { HTML(text: "\($0.family), \($0.given)") }
    let time = Moment(visit.start).map { t.clock($0) } ?? HTML(text: visit.start.local)
    let buttons: HTML = """
        \(each: steps(of: visit, view), { step in
            """
            <button class="btn btn-plain" name="mark" value="\(visit.onBoard)|\(visit.version)|\(step)" aria-describedby="v\(visit.onBoard)">\
            \(label(step, t))</button>
            """ as HTML
        })
        """
    return """
        <li class="cluster apart"><span id="v\(visit.onBoard)"\(when: who != nil, " translate=\"no\"")><b class="num">\(time)</b> \
        \(who ?? t("day.patient-missing"))</span>\(overTag(visit, t))\(t.visitStatus(visit.status))\(buttons)</li>
        """
}

extension AppointmentLine {
    /// The end of its id, which is chance alone: enough to tell the visits of a day apart, on a page that has hundreds of them.
    var onBoard: String { String(appointment.description.suffix(12)) }
}

/// The next steps, as this role takes them; scheduling decides.
private func steps(of visit: AppointmentLine, _ view: BoardView) -> [String] {
    guard view.role != .administrator else { return [] }
    let late = visit.start.instant.addingTimeInterval(30 * 60) <= view.now.instant
    return switch visit.status {
    case "booked": late ? ["arrived", "noshow"] : ["arrived"]
    case "arrived" where view.role == .frontDesk: ["checked-in"]
    case "arrived", "checked-in": view.role == .frontDesk ? [] : ["fulfilled"]
    default: []
    }
}

private func label(_ step: String, _ t: Wording) -> HTML {
    switch step {
    case "arrived": t("board.arrived")
    case "checked-in": t("board.checked-in")
    case "fulfilled": t("board.fulfilled")
    default: t("board.noshow")
    }
}
