internal import Contracts
internal import Foundation

/// An appointment's time in words: always with the weekday and the name of the zone, as the place of the visit tells it.
struct VisitTime: Sendable {
    let catalogue: Catalogue
    let language: Language
    private let clock: WallClock
    private let zone: TimeZone

    /// Nil when the zone is unknown here.
    init?(_ time: ZonedTime, _ catalogue: Catalogue, _ language: Language) {
        guard let zone = TimeZone(identifier: time.zone) else { return nil }
        (self.catalogue, self.language, self.zone) = (catalogue, language, zone)
        clock = WallClock(time.instant, in: zone)
    }

    /// "Tuesday 24 November"
    var date: String {
        catalogue.text(
            "time.day", in: language,
            [
                "weekday": catalogue.text("weekday.\(clock.weekday)", in: language), "day": String(clock.day),
                "month": catalogue.text("month.\(clock.month)", in: language),
            ])
    }

    /// "Tuesday 24 November, 10:40 am Chicago time"
    var when: String {
        let hour = clock.hour % 12 == 0 ? 12 : clock.hour % 12
        let minute = clock.minute < 10 ? "0\(clock.minute)" : "\(clock.minute)"
        let time = catalogue.text(clock.hour < 12 ? "time.am" : "time.pm", in: language, ["hour": String(hour), "minute": minute])
        return catalogue.text("time.when", in: language, ["date": date, "clock": time, "zone": zoneName])
    }

    private var zoneName: String {
        if zone.identifier == "UTC" || zone.identifier == "GMT" { return catalogue.text("zone.utc", in: language) }
        let city =
            catalogue.template("zone.city.\(zone.identifier)", in: language)
            ?? (zone.identifier.split(separator: "/").last.map(String.init) ?? zone.identifier).replacing("_", with: " ")
        return catalogue.text("zone.place", in: language, ["city": city])
    }
}
