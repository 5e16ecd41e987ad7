import Contracts
import Foundation
import Web

struct WaitingRoomView: Sendable {
    var room: WaitingRoom
    /// Those whose names are known.
    var patients: [PatientSummary]
    var names: ClinicNames
    var now: Moment
}

/// `GET /calls`: who waits to be seen by video, and who is being seen.
func waitingRoomPage(_ view: WaitingRoomView, in frame: Frame) -> HTML {
    let t = frame.t
    let rows: HTML = """
        <ul class="rows">\(each: view.room.calls, { call in
            """
            <li><div class="cluster apart"><a class="target strong" translate="no" href="/patients/\(call.patient)/visits/\(call.appointment)/call">\
            \(view.patients.first { $0.id == call.patient }?.name ?? "\(call.patient)")</a>\
            <span class="cluster">\(when: call.isLate, late(call, t))<span class="tag">\(callState(call.state, t))</span></span></div>\
            <p class="plain">\(Moment(call.start).map { t.dateAndTime($0, .full) } ?? "\(call.start.local) \(call.start.zone)")</p></li>
            """
        })</ul>
        """
    return frame.page(title: t("calls.title"), """
        <div class="stack"><h1>\(t("calls.title")) \(ShownOf(view.room.calls.count, of: view.room.calls.count, t))</h1>\
        \(view.room.calls.isEmpty ? Empty(t("calls.none"), t("calls.none-help")).html : "<div class=\"card\">\(rows)</div>")</div>
        """)
}

/// In their words, and the state, which is called so in every language.
private func place(_ call: CallView, _ t: Wording) -> HTML? {
    call.place.map { place in
        let region: HTML? = call.region.map { $0 == .elsewhere ? t("calls.abroad") : "<span translate=\"no\">\($0.name)</span>" }
        return t("calls.place", ["place": "<span translate=\"no\">\(place)</span>\(region.map { ", \($0)" as HTML })" as HTML])
    }
}

/// Where the clinician may not see patients, by what is on file. It keeps nobody out.
private func unlicensed(_ call: CallView, _ t: Wording) -> HTML? {
    guard call.state == .waiting, call.lacksLicence == true, let region = call.region else { return nil }
    let words: HTML =
        region == .elsewhere
        ? t("calls.no-licence-abroad") : t("calls.no-licence", ["region": "<span translate=\"no\">\(region.name)</span>" as HTML])
    return "<div data-no-licence>\(Note(.warn, "<p class=\"strong\">\(words)</p><p>\(t("calls.no-licence-help"))</p>"))</div>"
}

private func chosen(_ choice: LateChoice, _ t: Wording) -> HTML {
    let words: HTML = choice == .phone ? t("calls.chose-phone") : t("calls.chose-rebook")
    return "<p class=\"strong\">\(words)</p>"
}

/// By how many minutes whoever waits is kept waiting.
private func late(_ call: CallView, _ t: Wording) -> HTML {
    Tag(.warn, t("calls.late", count: Int(call.asOf.timeIntervalSince(call.start.instant) / 60))).html
}

func callState(_ state: CallState, _ t: Wording) -> HTML {
    switch state {
    case .scheduled: t("calls.scheduled")
    case .waiting: t("calls.waiting")
    case .admitted: t("calls.admitted")
    case .live: t("calls.live")
    case .reconnecting: t("calls.reconnecting")
    case .ended: t("calls.ended")
    case .cancelled: t("calls.cancelled")
    case .missedPatient: t("calls.missed-patient")
    case .missedClinician: t("calls.missed-clinician")
    }
}

struct ClinicCallView: Sendable {
    var call: CallView
    /// Nil while records is away: then the page names nobody.
    var summary: PatientSummary?
    /// What was pressed was no longer to be had.
    var hasChanged = false
    /// What they write beside it, once the patient was let in.
    var chat: CallChat?
    var names: ClinicNames
    var now: Moment
}

/// `GET /patients/{id}/visits/{visit}/call`: one visit by video.
func clinicCallPage(_ view: ClinicCallView, in frame: Frame) -> HTML {
    let (t, call) = (frame.t, view.call)
    let path = "/patients/\(call.patient)/visits/\(call.appointment)"
    let admit = Form(to: "\(path)/call/admit", formKey: frame.formKey, style: "", "<button class=\"btn btn-large\">\(t("calls.admit"))</button>")
    let end = Form(to: "\(path)/call/end", formKey: frame.formKey, style: "", "<button class=\"btn btn-danger\">\(t("calls.end"))</button>")
    let note = Action(t("calls.note"), to: "/patients/\(call.patient)/encounters/new?visit=\(call.appointment)&kind=VR", .plain)
    let isOpen = !call.state.isOver
    let name = view.summary.map { HTML(text: $0.name) } ?? t("calls.patient")
    let stage = CallStage(.clinician(call), ticket: "\(path)/call/ticket", patient: name, clinician: t("calls.you"), in: frame)
    let guests = GuestList(call, at: "\(path)/call", letsIn: true, in: frame)
    let chat = view.chat?.part(
        at: "\(path)/call", after: "/patients/\(call.patient)/messages/\(call.appointment)", isPatient: false, view.names, now: view.now, in: frame)
    return framed(frame, view.summary, view.now).page(
        title: t("calls.one"), hasErrors: view.hasChanged, script: isOpen ? .call : nil,
        """
        <div class="form-page stack">\(crumb(call.patient, t))\(heading(t("calls.one"), view.summary))\
        \(when: view.hasChanged, Note(.warn, announcement: .status, "<p>\(t("calls.changed"))</p>").html)\
        <div class="card stack-s"><p class="cluster"><span class="tag">\(callState(call.state, t))</span> \
        \(when: call.isLate, late(call, t))\(Moment(call.start).map { t.dateAndTime($0, .full) })</p>\
        \(call.lateChoice.map { chosen($0, t) })\
        <p>\(place(call, t))</p>\(unlicensed(call, t))\
        <div class="cluster">\(when: call.state == .waiting, admit.html)\(when: call.state.isUnderWay, end.html)\
        \(when: call.state.isOpen || call.state == .ended, note.html)</div></div>\
        \(when: isOpen, "\(stage)\(chat)\(guests)")</div>
        """)
}

struct ClinicGuestsView: Sendable {
    var call: CallView
    var summary: PatientSummary?
    /// One that was made just now.
    var link: (url: String, name: String)?
    var refusal: GuestRefusal?
    var now: Moment
}

/// `GET /patients/{id}/visits/{visit}/call/guests`: who was asked in beside the two, and asking somebody in.
func clinicGuestsPage(_ view: ClinicGuestsView, in frame: Frame) -> HTML {
    let (t, call) = (frame.t, view.call)
    let path = "/patients/\(call.patient)/visits/\(call.appointment)/call"
    return framed(frame, view.summary, view.now).page(title: t("guests.page"), hasErrors: view.refusal != nil, """
        <div class="form-page stack"><p><a class="crumb" href="\(path)">\(t("calls.one"))</a></p>\(heading(t("guests.page"), view.summary))\
        \(when: !call.state.isOver, GuestForm(to: path, link: view.link, refusal: view.refusal, in: frame).html)\
        \(GuestList(call, at: path, letsIn: true, asks: false, in: frame))</div>
        """)
}
