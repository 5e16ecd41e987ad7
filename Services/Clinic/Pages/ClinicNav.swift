import Web

/// The places of the workspace.
enum ClinicPlace: Sendable {
    case day, patients

    static func nav(_ current: ClinicPlace?, _ t: Wording) -> [NavEntry] {
        [
            NavEntry("/", t("nav.day"), .calendar, isCurrent: current == .day),
            NavEntry("/patients", t("nav.patients"), .person, isCurrent: current == .patients),
        ]
    }
}

extension Frame {
    /// The frame for signed-in staff.
    func signedIn(at place: ClinicPlace?, as name: String) -> Frame {
        var frame = self
        frame.signedIn = name
        frame.nav = ClinicPlace.nav(place, t)
        // Searching posts, so that names of patients stay out of addresses and logs.
        frame.find = """
            <search class="find">\(Form(to: "/patients", formKey: formKey, style: "no-print", """
                <label class="hide" for="find">\(t("find.label"))</label>\
                <input id="find" name="q" type="search" autocomplete="off" maxlength="100" placeholder="\(t("find.placeholder"))">
                """))</search>
            """
        return frame
    }
}
