import Web

/// The places of the portal. The first four and the menu are under the thumb on a phone.
enum PortalPlace: Sendable {
    case home, visits, results, record, looked, security

    static func nav(_ current: PortalPlace?, _ t: Wording) -> [NavEntry] {
        [
            NavEntry("/", t("nav.home"), .home, isCurrent: current == .home),
            NavEntry("/visits", t("nav.visits"), .calendar, isCurrent: current == .visits),
            NavEntry("/results", t("nav.results"), .results, isCurrent: current == .results),
            NavEntry("/record", t("nav.record"), .record, isCurrent: current == .record),
            NavEntry("/looked", t("nav.looked"), .person, isCurrent: current == .looked, isOnPhone: false),
            NavEntry("/security", t("nav.security"), .person, isCurrent: current == .security, isOnPhone: false),
        ]
    }
}

extension Frame {
    /// The frame for a signed-in patient.
    func signedIn(at place: PortalPlace?, as name: String, _ banner: WhoBanner?) -> Frame {
        var frame = self
        frame.signedIn = name
        frame.nav = PortalPlace.nav(place, t)
        frame.banner = banner?.html
        return frame
    }
}
