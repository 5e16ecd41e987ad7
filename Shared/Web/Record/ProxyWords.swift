public import Contracts
internal import Foundation

extension Wording {
    /// What somebody is to whom they act for, by its code.
    public func proxyRelationship(_ code: String) -> HTML {
        switch code {
        case "parent": self("proxy.parent")
        case "guardian": self("proxy.guardian")
        case "partner": self("proxy.partner")
        case "child": self("proxy.child")
        case "sibling": self("proxy.sibling")
        case "friend": self("proxy.friend")
        case "caregiver": self("proxy.caregiver")
        default: self("proxy.other")
        }
    }

    public func proxyLevel(_ level: ProxyLevel) -> HTML {
        switch level {
        case .full: self("proxy.full")
        case .limited: self("proxy.limited")
        }
    }

    /// How it stands, and why it ended.
    public func proxyState(_ line: ProxyLine) -> Tag {
        switch (line.state, line.reason) {
        case (.invited, _): Tag(.info, self("proxy.invited"))
        case (.granted, _): Tag(.acting, self("proxy.granted"))
        case (.expired, _): Tag(.plain, self("proxy.expired"))
        case (.withdrawn, "by-patient"): Tag(.plain, self("proxy.by-patient"))
        case (.withdrawn, "by-proxy"): Tag(.plain, self("proxy.by-proxy"))
        case (.withdrawn, "patient-deceased"): Tag(.plain, self("proxy.patient-deceased"))
        case (.withdrawn, let reason): Tag(.plain, self("proxy.by-clinic", ["reason": proxyReason(reason ?? "")]))
        }
    }

    /// Why staff ended it, by its code.
    public func proxyReason(_ code: String) -> HTML {
        switch code {
        case "court-order": self("proxy.court-order")
        case "custody": self("proxy.custody")
        case "asked": self("proxy.asked")
        default: self("proxy.mistake")
        }
    }

    /// Since when, and until when. - Parameter zone: the clinic's.
    public func proxyTime(_ line: ProxyLine, in zone: Zone) -> HTML {
        let since = self("proxy.since", ["day": date(Moment(line.granted, in: zone).day, .long)])
        guard let end = line.ended ?? line.ends else { return since }
        // A last day ends with the midnight after it.
        let day = date(Moment(end.addingTimeInterval(line.ended == nil ? -1 : 0), in: zone).day, .long)
        return "\(since) \(line.ended == nil ? self("proxy.until", ["day": day]) : self("proxy.ended", ["day": day]))"
    }
}

/// What is wrong with what was typed to let somebody act for a patient; in both gateways the same fields have the same names.
public func proxyErrors(_ refusal: GrantProxyRefusal?, _ t: Wording) -> [FieldError] {
    switch refusal {
    case nil: []
    case .nameMissing: [FieldError("name", t("proxy.name-missing"))]
    case .notAnAddress: [FieldError("email", t("proxy.not-an-address"))]
    case .unknownRelationship: [FieldError("relationship", t("proxy.relationship-missing"))]
    case .untilNotGood: [FieldError("last-day", t("proxy.until-not-good"))]
    case .oneself: [FieldError("email", t("proxy.oneself"))]
    case .alreadyGranted: [FieldError("email", t("proxy.already-granted"))]
    case .limitedAtMost: [FieldError("level", t("proxy.limited-at-most"))]
    case .birthDateMissing: [FieldError("", t("proxy.birth-date-missing"))]
    case .notOfAge: [FieldError("", t("proxy.not-of-age"))]
    case .ofAge: [FieldError("", t("proxy.of-age"))]
    case .tooMany: [FieldError("", t("proxy.too-many"))]
    }
}

/// What was typed to let somebody act for a patient.
public struct NewProxy: Sendable {
    public static let relationships = ["parent", "guardian", "partner", "child", "sibling", "friend", "caregiver", "other"]

    public var name = ""
    public var email = ""
    public var relationship = ""
    public var level = ProxyLevel.limited
    /// As typed.
    public var until = ""

    public init() {}

    public init(_ form: FormData) {
        (name, email) = (String(form.trimmed("name").prefix(200)), String(form.trimmed("email").prefix(254)))
        (relationship, until) = (String(form.trimmed("relationship").prefix(20)), String(form.trimmed("last-day").prefix(40)))
        level = form["level"].flatMap(ProxyLevel.init) ?? .limited
    }

    /// The fields of the form. - Parameter levels: what may be chosen.
    public func fields(_ errors: [FieldError], levels: [ProxyLevel], _ t: Wording) -> HTML {
        let levelError = errors.first { $0.field == "level" }?.message
        let choices = [(value: "", label: t("proxy.choose"))] + Self.relationships.map { (value: $0, label: t.proxyRelationship($0)) }
        return """
            \(Field("name", t("proxy.name"), value: name, autocomplete: "off", maximumLength: 100).marked(errors, t))\
            \(Field("email", t("proxy.email"), .email, hint: t("proxy.email-hint"), value: email, autocomplete: "off").marked(errors, t))\
            \(Select("relationship", t("proxy.relationship"), choices, chosen: relationship).marked(errors, t))\
            <fieldset class="stack-s" id="level"><legend>\(t("proxy.level"))</legend>\
            \(levelError.map { "<p class=\"error\">\($0)</p>" as HTML })\
            \(each: levels, { level in
                Choice(
                    name: "level", value: level.rawValue, t.proxyLevel(level),
                    detail: level == .full ? t("proxy.full-help") : t("proxy.limited-help"), isChecked: level == self.level
                ).html
            })</fieldset>\
            \(Field("last-day", t("proxy.last-day"), hint: t("proxy.last-day-hint"), value: until, autocomplete: "off", width: .short)
                .marked(errors, t))
            """
    }
}
