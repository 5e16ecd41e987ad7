import Contracts
import Foundation
import Web

/// Something a patient has to do.
enum HomeTask: Sendable {
    /// The waiting room of a visit by video is open, or they have been there.
    case joinCall(HomeView.Call)
    /// A time they wait for is kept for them.
    case answerOffer(WaitingOffer)
    /// A time is held and not booked yet.
    case finishBooking(AppointmentLine, until: Moment)
    /// A visit today or tomorrow.
    case prepareVisit(AppointmentLine)
    /// A result out of its range, or one the laboratory corrected.
    case readResult(ResultLine)
    /// What the clinic wrote and nobody has read.
    case readMessages(count: Int, thread: ID<MessageThread>?)
    /// A bill with something owed on it, and no payment on its way.
    case payBill(InvoiceSummary)
    /// What others wrote since the last look.
    case readNews(RecordNews)
}

struct HomeView: Sendable {
    var patient: PatientSummary
    var chart: Available<Chart>
    var visits: Available<Appointments>
    /// Now.
    var call: Call?
    /// The next visit, where it takes place by video and its waiting room is not open yet.
    var byVideo: ID<Appointment>?
    var news = Available<RecordNews>.missing
    var waiting = Available<Waitings>.missing
    /// Nil for who has no part in them.
    var threads: Available<Threads>?
    /// Nil where they are not theirs to see.
    var bills: Available<Bills>?
    var names: ClinicNames
    /// False while identity does not answer.
    var canSignInAndOut = true
    /// It is somebody else's.
    var isActing = false
    var clocksDiffer = false
    var now: Moment

    struct Call: Sendable {
        var visit: AppointmentLine
        /// They have joined: it is the way back.
        var goesOn: Bool
    }
}

extension HomeView {
    /// Whether the list of tasks may be short of some.
    var isIncomplete: Bool {
        chart.value == nil || visits.value == nil || threads.map { $0.value == nil } ?? false || bills.map { $0.value == nil } ?? false
    }

    /// Days a changed result stays on the list.
    private static var newForDays: Double { 30 }

    /// Seconds before a visit from which on it is something to do.
    static let soonFor = 36.0 * 3_600

    static let cardsAtMost = 5

    /// Soonest first, bills after visits, then what is new, results last.
    var tasks: [HomeTask] {
        let coming = visits.value?.coming ?? []
        let held = coming.compactMap { visit -> HomeTask? in
            guard visit.status == "pending", let until = visit.holdUntil, until > now.instant else { return nil }
            return .finishBooking(visit, until: Moment(until, in: now.zone))
        }
        let others = coming.filter { $0.appointment != call?.visit.appointment }
        let soon = others.filter { $0.status == "booked" && $0.start.instant.timeIntervalSince(now.instant) < Self.soonFor }
        let results = (chart.value?.results ?? []).filter { result in
            guard let at = result.at, now.instant.timeIntervalSince(at) < Self.newForDays * 86_400 else { return false }
            return result.corrected || result.category == "laboratory" && result.reading.map { $0 != .inside } ?? false
        }
        let news = news.value.flatMap { $0.total > 0 ? HomeTask.readNews($0) : nil }
        let offers = (waiting.value?.lines ?? []).compactMap(\.offer).filter { $0.until > now.instant }.map { HomeTask.answerOffer($0) }
        let unread = (threads?.value).flatMap { found in
            found.unread > 0 ? HomeTask.readMessages(count: found.unread, thread: found.only) : nil
        }
        let theirs = (bills?.value?.invoices ?? []).filter { $0.billedTo == nil } + (bills?.value?.others ?? [])
        let week = Moment(now.instant.addingTimeInterval(7 * 86_400), in: now.zone).day.iso
        let owed = theirs.filter { $0.isAsked(by: week) }.sorted { $0.askedBy < $1.askedBy }
        let urgent = (call.map { [.joinCall($0)] } ?? []) + offers + held
        let soonest = urgent + soon.map { .prepareVisit($0) } + owed.map { .payBill($0) }
        return soonest + [unread, news].compactMap(\.self) + results.map { .readResult($0) }
    }
}

/// `GET /`: what do I need to do?
func homePage(_ view: HomeView, in frame: Frame) -> HTML {
    let t = frame.t
    let tasks = view.tasks
    var entries = tasks.prefix(HomeView.cardsAtMost).map { taskEntry($0, view, t) }
    // One filled button: the first thing to do.
    for place in entries.indices { entries[place].action?.weight = place == 0 ? .filled : .plain }
    let name = view.patient.given.isEmpty ? view.patient.name : view.patient.given
    let title =
        !tasks.isEmpty
        ? view.isActing ? t("home.title-for", count: tasks.count, ["name": name]) : t("home.title", count: tasks.count, ["name": name])
        : view.isIncomplete
            ? t("home.incomplete", ["name": name]) : view.isActing ? t("home.nothing-for", ["name": name]) : t("home.nothing", ["name": name])
    let lead = entries.first.map { t("home.first", ["title": $0.title]) } ?? t("home.nothing-lead")
    let list: HTML = """
        <section class="card" aria-labelledby="to-do"><h2 id="to-do" class="hide">\(t("home.list"))</h2>\(TaskLine(entries))</section>\
        <p class="of">\(t("home.shown", ["shown": entries.count, "total": tasks.count]))</p>
        """
    // With a part away nobody can say that all is done.
    let nothing: HTML =
        view.isIncomplete ? "" : Empty(t("home.empty"), t("home.empty-help"), action: Action(t("visits.book"), to: "/visits/book")).html
    return frame.page(
        title: t("nav.home"),
        """
        <div class="sidebar"><div class="stack"><h1>\(title)</h1><p class="lead">\(lead)</p>\(missingParts(view, t))\
        \(entries.isEmpty ? nothing : list)</div>\
        <div class="stack-l"><section class="stack-s" aria-labelledby="want"><h2 id="want">\(t("home.want"))</h2><ul class="links card">\
        <li><a href="/visits/book">\(t("visits.book"))</a></li><li><a href="/record#medicines">\(t("home.see-medicines"))</a></li>\
        <li><a href="/results">\(t("home.see-results"))</a></li><li><a href="/record">\(t("home.see-record"))</a></li>\
        \(when: view.threads != nil, "<li><a href=\"/messages/new\">\(t("messages.new"))</a></li>")\
        <li><a href="/documents/new">\(t("documents.send"))</a></li>\
        \(when: view.bills != nil, "<li><a href=\"/bills\">\(t("home.see-bills"))</a></li>")</ul></section>\
        \(comingUp(view, t))</div></div>
        """)
}

private func missingParts(_ view: HomeView, _ t: Wording) -> HTML {
    """
    \(view.visits.html(missing: t("visits.missing"), { _ in "" }))\(view.chart.html(missing: t("record.missing"), { _ in "" }))\
    \(view.threads?.html(missing: t("messages.missing"), { _ in "" }))\
    \(view.bills?.html(missing: t("bills.missing"), { _ in "" }))\
    \(when: !view.canSignInAndOut, Note.signInAway(t).html)\(when: view.clocksDiffer, Note.clocksDiffer(t).html)
    """
}

private func taskEntry(_ task: HomeTask, _ view: HomeView, _ t: Wording) -> TaskEntry {
    switch task {
    case .joinCall(let call):
        TaskEntry(
            needsYouNow: true, when: visitTime(call.visit, from: view.now, t).capitalized,
            title: t("visit.with", [
                "service": view.names.service(call.visit.service, t), "clinician": view.names.clinician(call.visit.practitioner, t),
            ]), plain: t("home.call-help"),
            action: Action(call.goesOn ? t("video.return") : t("video.join"), to: "/visits/\(call.visit.appointment)/call"))
    case .answerOffer(let offer):
        TaskEntry(
            needsYouNow: true, when: t("home.until", ["time": t.time(Moment(offer.until, in: view.now.zone))]), title: t("waiting.home"),
            plain: fullTime(offer.start, t), action: Action(t("waiting.home-button"), to: "/visits/waiting"))
    case .finishBooking(let visit, let until):
        TaskEntry(
            needsYouNow: true, when: t("home.until", ["time": t.time(until)]), title: t("home.finish-booking"),
            plain: t("home.finish-booking-help", ["visit": visitLine(visit, view.names, t)]),
            action: Action(t("home.finish-booking-button"), to: "/visits/\(visit.appointment)"))
    case .prepareVisit(let visit) where visit.appointment == view.byVideo:
        TaskEntry(
            needsYouNow: true, when: visitTime(visit, from: view.now, t).capitalized,
            title: t("visit.with", ["service": view.names.service(visit.service, t), "clinician": view.names.clinician(visit.practitioner, t)]),
            plain: t("home.video-help"), action: Action(t("device.open"), to: "/visits/\(visit.appointment)/call/test"))
    case .prepareVisit(let visit):
        TaskEntry(
            needsYouNow: true, when: visitTime(visit, from: view.now, t).capitalized,
            title: t("visit.with", ["service": view.names.service(visit.service, t), "clinician": view.names.clinician(visit.practitioner, t)]),
            plain: t("home.visit-help", ["place": view.names.place(visit.location, t)]),
            action: Action(t("home.visit-button"), to: "/visits/\(visit.appointment)"))
    case .readMessages(let count, let thread):
        TaskEntry(
            needsYouNow: false, when: t("home.new"), title: t("home.messages", count: count), plain: t("home.messages-help"),
            action: Action(t("home.messages-button"), to: thread.map { "/messages/\($0)" } ?? "/messages"))
    case .payBill(let bill):
        TaskEntry(
            needsYouNow: bill.askedBy <= view.now.day.iso, when: t("home.bill-when", ["date": askedDay(bill, t)]),
            title: billTitle(bill, t), plain: t("home.bill-help", ["number": bill.number]),
            action: Action(t("home.bill-button"), to: "/bills/\(bill.invoice)"))
    case .readNews(let news):
        TaskEntry(
            needsYouNow: false, when: t("home.new"), title: t("home.news", count: news.total), plain: t("home.news-help"),
            action: Action(t("home.news-button"), to: "/record/new"))
    case .readResult(let result):
        TaskEntry(
            needsYouNow: false,
            when: result.at.map { t.date(Moment($0, in: view.now.zone).day, .weekday).capitalized } ?? t("home.new-result"),
            title: result.corrected ? t("home.result-corrected", ["test": result.display]) : t("home.result", ["test": result.display]),
            plain: result.reading.map { "\($0.tag(t).label)." } ?? t("home.result-help"),
            action: Action(t("home.result-button"), to: "/results/\(result.id)"))
    }
}

private func billTitle(_ bill: InvoiceSummary, _ t: Wording) -> HTML {
    let amount = t.money(Money(bill.asked, bill.total.currency))
    guard let billedTo = bill.billedTo else { return t("home.bill", ["amount": amount]) }
    return t("home.bill-for", ["amount": amount, "name": "<span translate=\"no\">\(billedTo.patientName)</span>" as HTML])
}

private func comingUp(_ view: HomeView, _ t: Wording) -> HTML {
    guard let visits = view.visits.value else { return "" }
    let booked = visits.coming.filter { $0.status != "pending" }
    guard !booked.isEmpty else {
        return "<section class=\"stack-s\"><h2>\(t("home.coming"))</h2>\(Empty(t("visits.none"), t("visits.none-help")))</section>"
    }
    let shown = booked.prefix(3)
    return """
        <section class="stack-s" aria-labelledby="next"><h2 id="next">\(t("home.coming")) \(ShownOf(shown.count, of: booked.count, t))</h2>\
        <ul class="rows card">\(each: shown, { visit in
            """
            <li><p class="strong"><a class="target" href="/visits/\(visit.appointment)">\(visitTime(visit, from: view.now, t).capitalized)</a></p>\
            <p class="plain">\(visitLine(visit, view.names, t))</p></li>
            """
        })</ul></section>
        """
}

extension Threads {
    /// The one thread with something new, where there is one alone.
    fileprivate var only: ID<MessageThread>? {
        let new = threads.filter { $0.unread > 0 }
        return unread == 1 ? new.first?.thread : nil
    }
}
