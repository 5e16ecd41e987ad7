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
    /// Whether later days have more, as far as is known.
    var hasMore = false
    /// The local day the next "later days" begins with; nil where nothing is offered any more.
    var nextDay: String?
    /// The visit that is to be at another time; nil for a new one.
    var moving: AppointmentLine?
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
        /// The clinic books this kind of visit.
        case byClinicOnly
        /// One of this kind is to come, and may be only one.
        case oneIsOpen(ID<Appointment>)
    }

    /// Kinds of visit patients see.
    var offered: [VisitService] { services.filter { $0.rules?.mode != .off } }
    /// Whether the times are there to be seen only.
    var isByPhone: Bool { services.first { $0.code == service }?.rules?.mode == .view }
    /// Whether patients ask for it.
    var isByRequest: Bool { services.first { $0.code == service }?.rules?.isByRequest == true }
}

/// `GET /visits/book`: what for, and with whom.
func chooseVisitPage(_ view: BookingView, in frame: Frame) -> HTML {
    let t = frame.t
    let services = view.offered.enumerated().map { place, service in
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

/// `GET /visits/{id}/move`: when instead. Also what a lost race shows, with status 409.
func chooseNewTimePage(_ view: BookingView, moving visit: AppointmentLine, in frame: Frame) -> HTML {
    let t = frame.t
    let path = "/visits/\(visit.appointment)"
    let other =
        view.clinician == nil
        ? "<a class=\"target\" href=\"\(path)/move\">\(t("move.with-same", ["clinician": view.names.clinician(visit.practitioner, t)]))</a>" as HTML
        : "<a class=\"target\" href=\"\(path)/move?with=anyone\">\(t("move.with-anyone"))</a>"
    return frame.page(title: t("move.title"), hasErrors: view.problem != nil, """
        <div class="stack-l form-page"><div class="stack-s"><p><a class="crumb" href="\(path)">\(t("move.back"))</a></p>\
        <h1>\(t("move.title"))</h1><p class="lead">\(t("move.lead", ["time": fullTime(visit.start, t)]))</p></div>\(problem(view, t))\
        <p>\(visitLine(visit, view.names, t))</p><p>\(other)</p>\(times(view, frame))</div>
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
    case .byClinicOnly: ErrorSummary(title: t("book.by-phone"), text: t("book.by-phone-help"))
    case .oneIsOpen(let visit):
        ErrorSummary(title: t("book.one-open"), text: "\(t("book.one-open-help")) <a href=\"/visits/\(visit)\">\(t("book.busy-link"))</a>")
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
        let change = view.moving == nil ? Action(t("book.change"), to: "/visits/book", .plain) : nil
        let none = Empty(t("book.no-times"), t("book.no-times-help"), action: change)
        let later = view.nextDay.map { laterPath(view, $0) }.map { "<p>\(Action(t("book.later"), to: $0, .plain))</p>" as HTML }
        return "<h2>\(t("book.when"))</h2>\(none)\(later)\(when: view.moving == nil && (!view.isByPhone || view.isByRequest), nothingSuits(view, t))"
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
    let later = alternatives == nil ? view.nextDay.map { laterPath(view, $0) } : nil
    let shown = view.hasMore && alternatives == nil ? t("book.shown-more", count: slots.count) : t("book.shown", count: slots.count)
    guard view.moving != nil || !view.isByPhone else { return timesByPhone(slots, place, view, frame) }
    let picker = SlotPicker(slots, name: "slot", chosen: alternatives == nil ? nil : slots.first?.id, t)
    if let visit = view.moving {
        return Form(to: "/visits/\(visit.appointment)/move", formKey: frame.formKey, style: "stack", """
            <input type="hidden" name="version" value="\(visit.version)">\
            <input type="hidden" name="with" value="\(view.clinician == nil ? "anyone" : "")">\
            <fieldset class="stack-s"><legend>\(alternatives == nil ? t("book.when") : t("book.when-instead"))</legend>\
            <p class="hint">\(place)</p><div class="card">\(picker)</div>\
            <div class="cluster apart"><p class="of">\(shown)</p>\(later.map { Action(t("book.later"), to: $0, .plain) })</div></fieldset>\
            <p class="cluster"><button class="btn btn-large">\(t("move.button"))</button>\
            \(Action(t("move.keep"), to: "/visits/\(visit.appointment)", .link))</p>
            """).html
    }
    return Form(to: "/visits/book/hold", formKey: frame.formKey, style: "stack", """
        <input type="hidden" name="service" value="\(view.service ?? "")">\
        <input type="hidden" name="with" value="\(view.clinician.map { "\($0)" } ?? "")">\
        <fieldset class="stack-s"><legend>\(alternatives == nil ? t("book.when") : t("book.when-instead"))</legend>\
        <p class="hint">\(place)</p><div class="card">\(picker)</div>\
        <div class="cluster apart"><p class="of">\(shown)</p>\(later.map { Action(t("book.later"), to: $0, .plain) })</div></fieldset>\
        <p class="cluster"><button class="btn btn-large">\(t("book.hold"))</button>\(Action(t("book.leave"), to: "/", .link))</p>\
        <p class="plain">\(t("book.hold-help"))</p><p>\(t("waiting.nothing-suits"))</p>\(nothingSuits(view, t))
        """).html
}

private func nothingSuits(_ view: BookingView, _ t: Wording) -> HTML {
    nothingSuits(service: view.service ?? "", with: view.clinician.map { "\($0)" } ?? "", isByRequest: view.isByRequest, t)
}

/// Times of a kind of visit that the clinic books.
private func timesByPhone(_ slots: [SlotPicker.Slot], _ place: HTML, _ view: BookingView, _ frame: Frame) -> HTML {
    let t = frame.t
    // Whom the clinic books does not wait for a time to become free: they ask, or are called.
    let ways: HTML =
        view.isByRequest
        ? nothingSuits(view, t)
        : "<p>\(Action(t("waiting.call-button-open"), to: "/visits/call?service=\(view.service ?? "")", .plain))</p>"
    return """
        <div class="stack"><h2>\(view.isByRequest ? t("waiting.by-request") : t("book.by-phone"))</h2>\
        <p>\(view.isByRequest ? t("waiting.by-request-help") : callUs(frame))</p>\(ways)<p class="hint">\(place)</p>\
        <ul class="rows card">\(each: slots.prefix(20), { "<li>\(t.dateAndTime($0.starts, .full))</li>" as HTML })</ul>\
        <p class="of">\(t("book.shown", count: min(slots.count, 20)))</p></div>
        """
}

/// "Call 555 0100."
func callUs(_ frame: Frame) -> HTML {
    frame.site.phone.map { frame.t("cancel.too-late-call", ["phone": $0]) } ?? frame.t("cancel.too-late-help")
}

private func laterPath(_ view: BookingView, _ day: String) -> String {
    if let visit = view.moving { return "/visits/\(visit.appointment)/move?with=\(view.clinician == nil ? "anyone" : "")&from=\(day)" }
    return "/visits/book/times?service=\(view.service ?? "")&with=\(view.clinician.map { "\($0)" } ?? "")&from=\(day)"
}
