import Web

/// The places of the portal. The first four and the menu are under the thumb on a phone.
enum PortalPlace: Sendable {
    case home, visits, results, record, messages, bills, looked, security

    /// Where one of several records is chosen.
    static let people = "/people"

    /// - Parameter seesAll: false for whoever sees a part of the record only.
    static func nav(_ current: PortalPlace?, seesAll: Bool, _ t: Wording) -> [NavEntry] {
        let all = [
            NavEntry("/", t("nav.home"), .home, isCurrent: current == .home),
            NavEntry("/visits", t("nav.visits"), .calendar, isCurrent: current == .visits),
            NavEntry("/results", t("nav.results"), .results, isCurrent: current == .results),
            NavEntry("/record", t("nav.record"), .record, isCurrent: current == .record),
            NavEntry("/messages", t("nav.messages"), .message, isCurrent: current == .messages, isOnPhone: false),
            NavEntry("/bills", t("nav.bills"), .record, isCurrent: current == .bills, isOnPhone: false),
            NavEntry("/looked", t("nav.looked"), .person, isCurrent: current == .looked, isOnPhone: false),
            NavEntry("/security", t("nav.security"), .person, isCurrent: current == .security, isOnPhone: false),
        ]
        return seesAll ? all : all.filter { !["/looked", "/messages", "/bills"].contains($0.path) }
    }
}

extension Frame {
    /// The frame for a signed-in patient.
    func signedIn(at place: PortalPlace?, as name: String, _ banner: WhoBanner?, seesAll: Bool = true) -> Frame {
        var frame = self
        frame.signedIn = name
        frame.nav = PortalPlace.nav(place, seesAll: seesAll, t)
        frame.banner = banner?.html
        return frame
    }
}
