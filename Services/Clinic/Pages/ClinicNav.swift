import Web

/// The places of the workspace.
enum ClinicPlace: Sendable {
    case day, patients, worklist, messages, shared, billing, brokenGlass, privacy, settings, security

    /// - Parameters:
    ///   - reviews: whether they look after who opened closed charts, and answer for the clinic's privacy.
    ///   - treats: whether charts are theirs to read, and what waits in them theirs to answer; and what others share with them.
    ///   - answers: whether patients write to them.
    ///   - bills: whether bills are theirs to write.
    static func nav(_ current: ClinicPlace?, reviews: Bool, treats: Bool, answers: Bool, bills: Bool, _ t: Wording) -> [NavEntry] {
        let theirs =
            treats
            ? [
                NavEntry("/worklist", t("nav.worklist"), .done, isCurrent: current == .worklist, accessKey: "w"),
                NavEntry("/shared", t("nav.shared"), .record, isCurrent: current == .shared),
            ] : []
        let office = bills ? [NavEntry("/billing", t("nav.billing"), .record, isCurrent: current == .billing)] : []
        let always =
            [
                NavEntry("/", t("nav.day"), .calendar, isCurrent: current == .day),
                NavEntry("/patients", t("nav.patients"), .person, isCurrent: current == .patients),
            ] + theirs
            + (answers ? [NavEntry("/messages", t("nav.messages"), .message, isCurrent: current == .messages, accessKey: "m")] : [])
            + office + [NavEntry("/security", t("nav.security"), .info, isCurrent: current == .security)]
        guard reviews else { return always }
        return always + [
            NavEntry("/broken-glass", t("nav.broken-glass"), .warning, isCurrent: current == .brokenGlass),
            NavEntry("/privacy", t("nav.privacy"), .record, isCurrent: current == .privacy),
            NavEntry("/settings", t("nav.settings"), .record, isCurrent: current == .settings),
        ]
    }
}

extension Frame {
    /// The frame for signed-in staff.
    func signedIn(
        at place: ClinicPlace?, as name: String, reviews: Bool = false, treats: Bool = false, answers: Bool = false, bills: Bool = false
    ) -> Frame {
        var frame = self
        frame.signedIn = name
        frame.nav = ClinicPlace.nav(place, reviews: reviews, treats: treats, answers: answers, bills: bills, t)
        // Searching posts, so that names of patients stay out of addresses and logs.
        frame.find = """
            <search class="find">\(Form(to: "/patients", formKey: formKey, style: "no-print", """
                <label class="hide" for="find">\(t("find.label"))</label>\
                <input id="find" name="q" type="search" accesskey="f" autocomplete="off" maxlength="100" placeholder="\(t("find.placeholder"))">
                """))</search>
            """
        return frame
    }
}
