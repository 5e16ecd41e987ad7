import Web

/// The places of the portal. On a phone four of them and the menu are under the thumb.
enum PortalPlace: Sendable {
    case home, visits, results, record, messages, bills, looked, security

    /// Where one of several records is chosen.
    static let people = "/people"

    /// - Parameter seesAll: false for whoever sees a part of the record only.
    static func nav(_ current: PortalPlace?, seesAll: Bool, _ t: Wording) -> [NavEntry] {
        let all = [
            NavEntry("/", t("nav.home"), .home, isCurrent: current == .home),
            NavEntry("/visits", t("nav.visits"), .calendar, isCurrent: current == .visits),
            NavEntry("/messages", t("nav.messages"), .message, isCurrent: current == .messages),
            NavEntry("/results", t("nav.results"), .results, isCurrent: current == .results),
            // Whoever writes no messages has room for the record.
            NavEntry("/record", t("nav.record"), .record, isCurrent: current == .record, place: seesAll ? .wideBar : .bar),
            NavEntry("/bills", t("nav.bills"), .record, isCurrent: current == .bills, place: .wideBar),
            NavEntry("/medicines", t("medicines.title"), .record, isCurrent: false, place: .menu),
            NavEntry("/documents", t("documents.title"), .record, isCurrent: false, place: .menu),
            NavEntry("/details", t("details.title"), .person, isCurrent: false, place: .menu),
            NavEntry("/preferences", t("preferences.title"), .message, isCurrent: false, place: .menu),
            NavEntry("/looked", t("nav.looked"), .person, isCurrent: current == .looked, place: .menu),
            NavEntry("/security", t("nav.security"), .person, isCurrent: current == .security, place: .menu),
        ]
        let whole: Set = ["/looked", "/messages", "/bills", "/preferences"]
        return seesAll ? all : all.filter { !whole.contains($0.path) }
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
