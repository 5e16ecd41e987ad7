import Contracts
import Web

struct DeviceTestView: Sendable {
    var visit: ID<Appointment>
    var kept: KeptDeviceTest
    var now: Moment
}

/// `GET /visits/{id}/call/test`: what the visit needs, tried before it. Without a script it says what that is.
func deviceTestPage(_ view: DeviceTestView, in frame: Frame) -> HTML {
    let t = frame.t
    let path = "/visits/\(view.visit)"
    let last = view.kept.test.flatMap { test in
        view.kept.testedAt.map { t("device.last", ["time": t.dateAndTime(Moment($0, in: view.now.zone), .full), "way": callWay(test.way, t)]) }
    }
    return frame.page(title: t("device.title"), script: view.kept.state.isOver ? nil : .device, """
        <div class="stack-l form-page"><div class="stack-s"><p><a class="crumb" href="\(path)">\(t("video.back"))</a></p>\
        <h1>\(t("device.title"))</h1><p class="lead">\(t("device.lead"))</p>\(last.map { "<p class=\"plain\">\($0)</p>" as HTML })</div>\
        \(view.kept.state.isOver ? Note(.plain, "<p>\(t("device.over"))</p>").html : "\(needs(frame))\(stage(path, frame))")</div>
        """)
}

func callWay(_ way: CallWay, _ t: Wording) -> HTML {
    switch way {
    case .video: t("device.way-video")
    case .audio: t("device.way-audio")
    case .phone: t("device.way-phone")
    }
}

private func needs(_ frame: Frame) -> HTML {
    let t = frame.t
    let lines = [t("device.need-device"), t("device.need-browser"), t("device.need-network"), t("device.need-place")]
    return """
        <section class="card stack-s" aria-labelledby="needs"><h2 id="needs">\(t("device.needs"))</h2>\
        <ul class="stack-s">\(each: lines, { "<li>\($0)</li>" })</ul>\
        <noscript>\(Note(.warn, "<p>\(t("device.no-script"))</p><p>\(callUs(frame))</p>"))</noscript></section>
        """
}

private func stage(_ path: String, _ frame: Frame) -> HTML {
    let t = frame.t
    let words: [(String, HTML)] = [
        ("testing", t("device.testing")), ("told", t("device.told")), ("untold", t("device.untold")), ("heard", t("device.heard-you")),
        ("again", t("device.again")),
    ]
    return """
        <section class="stack" aria-labelledby="test" data-device\(each: words, { " data-\($0.0)=\"\($0.1)\"" })>\
        <h2 id="test">\(t("device.test"))</h2><div class="stack" hidden data-tools>\
        <p><button type="button" class="btn btn-large" data-begin>\(t("device.begin"))</button></p>\
        <p role="status" data-status></p><div class="stack" hidden data-parts>\(devices(t))\(speaker(t))</div>\(result(frame))</div>\
        \(ScriptForm("form", to: "\(path)/call/test", formKey: frame.formKey))</section>
        """
}

private func devices(_ t: Wording) -> HTML {
    func choice(_ name: String, _ label: HTML) -> HTML {
        "<div class=\"field middle\" hidden><label for=\"\(name)\">\(label)</label><select id=\"\(name)\" name=\"\(name)\"></select></div>"
    }
    return """
        <div class="card stack-s"><h3>\(t("device.camera"))</h3>\(choice("camera", t("device.which-camera")))\
        <video class="video" data-picture autoplay playsinline muted hidden aria-label="\(t("device.you"))"></video>\
        \(each: ["missing", "denied"], { reason("camera", $0, t) })</div>\
        <div class="card stack-s"><h3>\(t("device.microphone"))</h3>\(choice("microphone", t("device.which-microphone")))\
        <div data-meter hidden><label for="level">\(t("device.level"))</label><meter id="level" data-level min="0" max="1" value="0"></meter></div>\
        <p role="status" data-heard></p>\(each: ["missing", "denied"], { reason("microphone", $0, t) })</div>
        """
}

private func reason(_ device: String, _ state: String, _ t: Wording) -> HTML {
    let words: HTML =
        switch (device, state) {
        case ("camera", "missing"): t("device.no-camera")
        case ("camera", _): t("device.camera-denied")
        case (_, "missing"): t("device.no-microphone")
        default: t("device.microphone-denied")
        }
    return "<p hidden data-why=\"\(device) \(state)\">\(words)</p>"
}

private func speaker(_ t: Wording) -> HTML {
    """
    <div class="card stack-s"><h3>\(t("device.speaker"))</h3>\
    <p><button type="button" class="btn btn-plain" data-play>\(t("device.play"))</button></p>\
    <div class="stack-s" hidden data-answer role="group" aria-labelledby="hear"><p id="hear">\(t("device.did-you-hear"))</p><p class="cluster">\
    <button type="button" class="btn btn-plain" aria-pressed="false" data-speaker="heard">\(t("device.heard"))</button>\
    <button type="button" class="btn btn-plain" aria-pressed="false" data-speaker="notHeard">\(t("device.not-heard"))</button></p></div>\
    <p hidden data-why="speaker notHeard">\(t("device.turn-up"))</p></div>
    """
}

private func result(_ frame: Frame) -> HTML {
    let t = frame.t
    let ways: [(CallWay, String, Tone, HTML)] = [
        (.video, "video", .ok, t("device.video-help")), (.audio, "audio", .warn, t("device.audio-help")),
        (.phone, "phone", .warn, t("device.phone-help")),
    ]
    return """
        <section hidden data-result class="stack-s" role="status" aria-labelledby="result"><h3 id="result">\(t("device.result"))</h3>\
        \(each: ways, { way, name, tone, help in
            """
            <div hidden data-way="\(name)">\(Note(tone, "<p class=\"strong\">\(callWay(way, t))</p><p>\(help)</p>"))</div>
            """ as HTML
        })\
        <p hidden data-why="network unreachable">\(t("device.unreachable"))</p>\
        <p hidden data-why="network untested">\(t("device.untested"))</p><p>\(callUs(frame))</p></section>
        """
}
