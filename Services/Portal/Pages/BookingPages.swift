import Contracts
import Foundation
import Web

/// What booking has found out so far.
struct BookingView: Sendable {
    var services: [VisitService]
    var clinicians: [DirectoryPractitioner]
    var names: ClinicNames
    /// Chosen in the first step.
    var service: String?
    var clinician: ID<Practitioner>?
    /// Free times, soonest first.
    var openings: [Opening] = []
    /// Whether later days have more.
    var hasMore = false
    /// The local day the next "later days" begins with.
    var nextDay: String?
    /// What went wrong on the way here.
    var problem: Problem?
    var now: Moment

    enum Problem: Sendable {
        case nothingChosen
        /// Someone else has it.
        case taken(ZonedTime, alternatives: [Opening])
        /// The ten minutes are over and someone else has it.
        case holdLapsed(ZonedTime, alternatives: [Opening])
        /// Not a time that is offered.
        case notOffered(alternatives: [Opening])
        /// The patient already has a visit then.
        case patientBusy(with: ID<Appointment>)
        case tooManyHolds
    }
}

/// `GET /visits/book`: what for, and with whom.
func chooseVisitPage(_ view: BookingView, in frame: Frame) -> HTML {
    let t = frame.t
    let services = view.services.enumerated().map { place, service in
        Choice(
            name: "service", value: service.code, view.names.service(service.code, t), detail: t("book.minutes", count: service.minutes),
            isChecked: view.service.map { $0 == service.code } ?? (place == 0))
    }
    let clinicians =
        [Choice(name: "with", value: "", t("book.anyone"), detail: t("book.anyone-help"), isChecked: view.clinician == nil)]
        + view.clinicians.map { clinician in
            Choice(
                name: "with", value: "\(clinician.id)", HTML(text: clinician.name), detail: clinician.specialty.map { HTML(text: $0) },
                isChecked: view.clinician == clinician.id)
        }
    guard !services.isEmpty else {
        return frame.page(title: t("book.title"), """
            <div class="stack"><h1>\(t("book.title"))</h1>\(Empty(t("book.closed"), t("book.closed-help")))</div>
            """)
    }
    // Choosing changes nothing, so this form reads: its address can be opened again.
    return frame.page(title: t("book.title"), """
        <form class="stack-l form-page" action="/visits/book/times" method="get">\(intro(t))<ol class="line steps">\
        <li data-n="1"><fieldset><legend>\(t("book.what"))</legend><div class="choices">\(each: services, \.html)</div></fieldset></li>\
        <li data-n="2"><div class="stack"><fieldset><legend>\(t("book.who"))</legend>\
        <div class="choices">\(each: clinicians, \.html)</div></fieldset>\
        <p class="cluster"><button class="btn btn-large">\(t("book.show-times"))</button>\(Action(t("book.leave"), to: "/", .link))</p></div></li>\
        </ol></form>
        """)
}

/// `GET /visits/book/times`: when. Also what a lost race shows, with status 409.
func chooseTimePage(_ view: BookingView, in frame: Frame) -> HTML {
    let t = frame.t
    let again: HTML = """
        <p class="cluster apart"><span>\(view.service.map { view.names.service($0, t) })\(t("book.with-whom", ["clinician": whom(view, t)]))</span>\
        <a class="target" href="/visits/book">\(t("book.change"))</a></p>
        """
    return frame.page(title: t("book.title"), hasErrors: view.problem != nil, """
        <div class="stack-l form-page">\(intro(t))\(problem(view, t))<ol class="line steps">\
        <li class="done" data-n="1"><h2>\(t("book.what-and-who"))</h2>\(again)</li>\
        <li data-n="2">\(times(view, frame))</li></ol></div>
        """)
}

private func intro(_ t: Wording) -> HTML {
    "<div class=\"stack-s\"><h1>\(t("book.title"))</h1><p class=\"lead\">\(t("book.lead"))</p></div>"
}

private func whom(_ view: BookingView, _ t: Wording) -> HTML {
    view.clinician.map { view.names.clinician($0, t) } ?? t("book.anyone")
}

private func problem(_ view: BookingView, _ t: Wording) -> ErrorSummary? {
    switch view.problem {
    case nil: nil
    case .nothingChosen: ErrorSummary(title: t("book.nothing-chosen"), text: t("book.nothing-chosen-help"))
    case .taken(let start, let alternatives):
        ErrorSummary(title: t("book.taken", ["time": fullTime(start, t)]), text: offer(alternatives, t))
    case .holdLapsed(let start, let alternatives):
        ErrorSummary(title: t("book.lapsed", ["time": fullTime(start, t)]), text: offer(alternatives, t))
    case .notOffered(let alternatives): ErrorSummary(title: t("book.not-offered"), text: offer(alternatives, t))
    case .patientBusy(let visit):
        ErrorSummary(title: t("book.busy"), text: "\(t("book.busy-help")) <a href=\"/visits/\(visit)\">\(t("book.busy-link"))</a>")
    case .tooManyHolds: ErrorSummary(title: t("book.too-many"), text: "\(t("book.too-many-help")) <a href=\"/visits\">\(t("visits.title"))</a>")
    }
}

private func offer(_ alternatives: [Opening], _ t: Wording) -> HTML {
    alternatives.isEmpty ? t("book.no-alternatives") : t("book.alternatives", count: alternatives.count)
}

private func times(_ view: BookingView, _ frame: Frame) -> HTML {
    let t = frame.t
    // Without an alternative close by, all free times are shown.
    let alternatives: [Opening]? =
        switch view.problem {
        case .taken(_, let near), .holdLapsed(_, let near), .notOffered(let near): near.isEmpty ? nil : near
        default: nil
        }
    let offered = alternatives ?? view.openings
    guard let first = offered.first, let zone = Zone(first.start.zone) else {
        let none = Empty(t("book.no-times"), t("book.no-times-help"), action: Action(t("book.change"), to: "/visits/book", .plain))
        return "<h2>\(t("book.when"))</h2>\(none)"
    }
    // One zone a list: a clinic in two zones shows the places apart.
    let sameZone = offered.filter { $0.start.zone == first.start.zone }
    // Whoever is free: one button a time. Offered instead of a lost time, each says with whom it is.
    var seen: Set<Date> = []
    let distinct = alternatives != nil || view.clinician != nil ? sameZone : sameZone.filter { seen.insert($0.start.instant).inserted }
    let slots = distinct.map { opening in
        SlotPicker.Slot(
            id: slotValue(opening), starts: Moment(opening.start.instant, in: zone),
            clinician: alternatives == nil ? nil : view.names.clinician(opening.practitioner, t))
    }
    let place = view.clinician == nil ? t("book.zone", ["zone": t.zone(zone)])
        : t("book.zone-and-place", ["zone": t.zone(zone), "place": view.names.place(first.location, t)])
    let later = view.nextDay.flatMap { day in view.hasMore && alternatives == nil ? laterPath(view, day) : nil }
    let shown = view.hasMore && alternatives == nil ? t("book.shown-more", count: slots.count) : t("book.shown", count: slots.count)
    let picker = SlotPicker(slots, name: "slot", chosen: alternatives == nil ? nil : slots.first?.id, t)
    return Form(to: "/visits/book/hold", formKey: frame.formKey, style: "stack", """
        <input type="hidden" name="service" value="\(view.service ?? "")">\
        <input type="hidden" name="with" value="\(view.clinician.map { "\($0)" } ?? "")">\
        <fieldset class="stack-s"><legend>\(alternatives == nil ? t("book.when") : t("book.when-instead"))</legend>\
        <p class="hint">\(place)</p><div class="card">\(picker)</div>\
        <div class="cluster apart"><p class="of">\(shown)</p>\(later.map { Action(t("book.later"), to: $0, .plain) })</div></fieldset>\
        <p class="cluster"><button class="btn btn-large">\(t("book.hold"))</button>\(Action(t("book.leave"), to: "/", .link))</p>\
        <p class="plain">\(t("book.hold-help"))</p>
        """).html
}

private func laterPath(_ view: BookingView, _ day: String) -> String {
    "/visits/book/times?service=\(view.service ?? "")&with=\(view.clinician.map { "\($0)" } ?? "")&from=\(day)"
}

/// The value of a time's radio button: everything the hold needs, nothing about the patient.
func slotValue(_ opening: Opening) -> String { slotValue(opening.practitioner, opening.location, opening.service, opening.start) }

/// The same of a time that is held.
func slotValue(_ visit: AppointmentLine) -> String { slotValue(visit.practitioner, visit.location, visit.service, visit.start) }

private func slotValue(_ practitioner: ID<Practitioner>, _ location: ID<Location>, _ service: String, _ start: ZonedTime) -> String {
    "\(practitioner)|\(location)|\(service)|\(Int(start.instant.timeIntervalSince1970))"
}

/// A chosen time, read back from its radio button.
struct ChosenSlot: Sendable, Equatable {
    var practitioner: ID<Practitioner>
    var location: ID<Location>
    var service: String
    var start: Date

    /// - Returns: nil for anything `slotValue` did not write.
    init?(_ value: String) {
        let parts = value.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let practitioner = ID<Practitioner>(parts[0]), let location = ID<Location>(parts[1]),
            (1...64).contains(parts[2].utf8.count), let seconds = Int(parts[3]), (0..<10_000_000_000).contains(seconds)
        else { return nil }
        self.practitioner = practitioner
        self.location = location
        service = parts[2]
        start = Date(timeIntervalSince1970: Double(seconds))
    }
}
