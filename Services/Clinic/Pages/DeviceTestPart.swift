import Contracts
import Web

/// What the patient's device could do, and whether somebody should call them before the visit.
func deviceTest(_ kept: KeptDeviceTest, _ now: Moment, _ t: Wording) -> HTML {
    guard let test = kept.test, let at = kept.testedAt else { return "<p class=\"plain\">\(t("device.not-tried"))</p>" }
    let tag: Tag =
        switch test.way {
        case .video: Tag(.ok, t("device.video"))
        case .audio: Tag(.warn, t("device.audio"))
        case .phone: Tag(.bad, t("device.phone"))
        }
    let reasons = problems(of: test, t)
    let tried = t("device.tried", ["time": t.dateAndTime(Moment(at, in: now.zone), .full)])
    return """
        <div class="stack-s" data-device-test><p class="cluster">\(tag) \(tried)</p>\
        \(when: !reasons.isEmpty, "<ul>\(each: reasons, { "<li>\($0)</li>" })</ul>")\
        \(when: test.way != .video && !kept.state.isOver, "<p class=\"strong\">\(t("device.call-ahead"))</p>")</div>
        """
}

private func problems(of test: DeviceTest, _ t: Wording) -> [HTML] {
    var found: [HTML] = []
    switch test.camera {
    case .works: break
    case .missing: found.append(t("device.no-camera"))
    case .denied: found.append(t("device.camera-denied"))
    }
    switch test.microphone {
    case .works: break
    case .missing: found.append(t("device.no-microphone"))
    case .denied: found.append(t("device.microphone-denied"))
    }
    if test.speaker == .notHeard { found.append(t("device.not-heard")) }
    switch test.network {
    case .reached: break
    case .unreachable: found.append(t("device.unreachable"))
    case .untested: found.append(t("device.untested"))
    }
    return found
}
